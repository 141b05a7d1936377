import { type FormEvent, useId, useState } from 'react'
import type { Chat } from '../state/chat.ts'
import { focusHere } from './focus-here.ts'
import { useStore } from './hooks.ts'
import { Icon } from './icons.tsx'
import styles from './join-form.module.css'
import { JoinRefusal } from './join-refusal.tsx'

/** "+ join a room": a button that becomes a field. */
export function JoinForm({ chat, onOpened }: { chat: Chat; onOpened: () => void }) {
  const { joinRefusal } = useStore(chat.store)
  const [asking, setAsking] = useState<'not' | 'now' | 'given up'>('not')
  const id = useId()

  const join = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const name = new FormData(event.currentTarget).get('room')
    if (typeof name !== 'string' || name.trim() === '') return
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
            ref={focusHere}
            name="room"
            className={styles.field}
            placeholder="demo:music"
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            onChange={() => chat.dismissRefusal()}
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
          // It stands where the field was that had the focus.
          ref={asking === 'given up' ? focusHere : null}
          onClick={() => {
            chat.dismissRefusal()
            setAsking('now')
          }}
        >
          <Icon name="plus" />
          Join a room
        </button>
      )}
      <div className={styles.refusal}>
        <JoinRefusal refusal={joinRefusal} />
      </div>
    </>
  )
}
