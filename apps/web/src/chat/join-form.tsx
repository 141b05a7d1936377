import { type FormEvent, useId, useRef, useState } from 'react'
import type { Chat } from '../state/chat.ts'
import { useStore } from './hooks.ts'
import { Icon } from './icons.tsx'
import styles from './join-form.module.css'

/** "+ join a room": a button that becomes a field. */
export function JoinForm({ chat, onOpened }: { chat: Chat; onOpened: () => void }) {
  const { joinRefusal } = useStore(chat.store)
  const [asking, setAsking] = useState<'not' | 'now' | 'given up'>('not')
  const field = useRef<HTMLInputElement>(null)
  const id = useId()

  const join = (event: FormEvent) => {
    event.preventDefault()
    const name = field.current?.value ?? ''
    if (name.trim() === '') return
    chat.openRoom(name)
    if (chat.store.get().joinRefusal) return
    setAsking('not')
    onOpened()
  }

  return (
    <>
      {asking === 'now' ? (
        <form className={styles.form} onSubmit={join}>
          <label htmlFor={id} className="visuallyHidden">
            Name of the room
          </label>
          <input
            id={id}
            ref={field}
            className={styles.field}
            placeholder="demo:music"
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            // biome-ignore lint/a11y/noAutofocus: it was asked for with the button in its place
            autoFocus
            onKeyDown={(event) => {
              if (event.key !== 'Escape') return
              event.preventDefault()
              event.stopPropagation()
              setAsking('given up')
            }}
          />
          <button type="submit" className={styles.join}>
            Join
          </button>
        </form>
      ) : (
        <button
          type="button"
          className={styles.ask}
          // biome-ignore lint/a11y/noAutofocus: it stands where the field was that had the focus
          autoFocus={asking === 'given up'}
          onClick={() => setAsking('now')}
        >
          <Icon name="plus" />
          Join a room
        </button>
      )}
      <p className={styles.refusal} role="status">
        {joinRefusal && (
          <>
            <bdi>#{joinRefusal.room}</bdi>: {joinRefusal.words}
          </>
        )}
      </p>
    </>
  )
}
