import { useState } from 'react'
import type { Chat } from '../state/chat.ts'
import type { Face } from '../state/connection.ts'
import type { Room } from '../state/room.ts'
import { typingWords } from '../state/typing.ts'
import { Composer } from './composer.tsx'
import { ConnectionWords } from './connection-line.tsx'
import styles from './conversation.module.css'
import { useStore } from './hooks.ts'
import { JoinRefusal } from './join-refusal.tsx'
import { Log } from './log.tsx'

interface ConversationProps {
  chat: Chat
  room: Room
  face: Face
  /** Whether the list of rooms is out of sight, and with it why one could not be joined. */
  isRoomListAway: boolean
  onElsewhere: () => void
}

/** What is said in a room: its log, the line about the connection or who is typing, the input. Made anew for each room. */
export function Conversation({ chat, room, face, isRoomListAway, onElsewhere }: ConversationProps) {
  const { connection, isNameChosen, name, joinRefusal } = useStore(chat.store)
  const { typing } = useStore(room.store)
  const [sentCount, setSentCount] = useState(0)
  return (
    <>
      <Log room={room} sentCount={sentCount} onElsewhere={onElsewhere} />
      <div className={styles.below}>
        <div className={styles.status}>
          {isRoomListAway && <JoinRefusal refusal={joinRefusal} />}
          {face.words ? (
            <ConnectionWords connection={connection} onTryNow={() => chat.tryNow()} />
          ) : (
            !(isRoomListAway && joinRefusal) && <p className={styles.typing}>{typingWords(typing)}</p>
          )}
        </div>
        <Composer
          room={room}
          newcomer={isNameChosen ? null : name}
          onSent={() => setSentCount((before) => before + 1)}
          onName={(written) => chat.rename(written)}
        />
      </div>
    </>
  )
}
