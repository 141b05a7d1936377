import type { ChatState } from '../state/chat.ts'
import styles from './join-refusal.module.css'

/** Why the last room could not be joined. */
export function JoinRefusal({ refusal }: { refusal: ChatState['joinRefusal'] }) {
  return (
    <p className={styles.refusal} role="status">
      {refusal && (
        <>
          <bdi>#{refusal.room}</bdi>: {refusal.words}
        </>
      )}
    </p>
  )
}
