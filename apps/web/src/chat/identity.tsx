import { type FormEvent, useId, useState } from 'react'
import type { Chat } from '../state/chat.ts'
import { Avatar } from './avatar.tsx'
import { focusHere } from './focus-here.ts'
import { useStore } from './hooks.ts'
import { Icon } from './icons.tsx'
import styles from './identity.module.css'
import { ThemeSwitch } from './theme-switch.tsx'

/** Who one is here: the name, to be changed, and how the page looks. */
export function Identity({ chat }: { chat: Chat }) {
  const { name } = useStore(chat.store)
  const [editing, setEditing] = useState<'not' | 'now' | 'done'>('not')
  const id = useId()

  const save = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const written = new FormData(event.currentTarget).get('name')
    if (typeof written === 'string') chat.rename(written)
    setEditing('done')
  }

  if (editing !== 'now') {
    return (
      <div className={styles.identity}>
        <button
          type="button"
          className={styles.name}
          // It stands where the field was that had the focus.
          ref={editing === 'done' ? focusHere : null}
          onClick={() => setEditing('now')}
        >
          <Avatar name={name} isMine />
          <bdi className={styles.words}>{name}</bdi>
          <span className="visuallyHidden">, change your name</span>
          <Icon name="pencil" />
        </button>
        <ThemeSwitch />
      </div>
    )
  }
  return (
    <form className={styles.form} onSubmit={save}>
      <label htmlFor={id}>Your name</label>
      <div className={styles.edit}>
        <input
          id={id}
          name="name"
          className={styles.field}
          defaultValue={name}
          maxLength={64}
          autoComplete="nickname"
          ref={focusHere}
          onFocus={(event) => event.currentTarget.select()}
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return
            event.preventDefault()
            event.stopPropagation()
            setEditing('done')
          }}
        />
        <button type="submit" className={styles.save}>
          Save
        </button>
      </div>
    </form>
  )
}
