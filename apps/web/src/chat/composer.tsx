import { type FormEvent, type KeyboardEvent, useId, useLayoutEffect, useRef, useState } from 'react'
import { keepIn } from '../state/keep.ts'
import type { Room } from '../state/room.ts'
import styles from './composer.module.css'
import { focusHere } from './focus-here.ts'
import { useMedia, useStore, useWaitWords } from './hooks.ts'
import { Icon } from './icons.tsx'

interface ComposerProps {
  room: Room
  /** The name a newcomer was given, to be told and changed; null for those who chose one. */
  newcomer: string | null
  onSent: () => void
  onName: (written: string) => void
}

/** What is typed outlives the room's being closed, and a reload. */
const drafts = keepIn(() => sessionStorage)

/** The input. It is never shut: what is sent without a line goes out when it is back. */
export function Composer({ room, newcomer, onSent, onName }: ComposerProps) {
  const { refusal } = useStore(room.store)
  const [text, setText] = useState(() => drafts.read(`draft.${room.name}`) ?? '')
  const area = useRef<HTMLTextAreaElement>(null)
  const hasMouse = useMedia('(pointer: fine)')
  const wait = useWaitWords(refusal)
  const id = useId()

  const write = (written: string) => {
    setText(written)
    drafts.write(`draft.${room.name}`, written === '' ? null : written)
  }
  const send = (event?: FormEvent) => {
    event?.preventDefault()
    const said = text.replace(/\s+$/, '')
    if (said === '' || !room.send(said)) return
    write('')
    onSent()
    area.current?.focus()
  }
  const choose = (written: string) => {
    onName(written)
    area.current?.focus()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    // While an input method composes, Enter takes its suggestion. On a touch keyboard Enter is a new line.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing || !hasMouse) return
    event.preventDefault()
    send()
  }

  // Writing is what one comes for; a touch keyboard is not opened by it.
  useLayoutEffect(() => {
    if (hasMouse) area.current?.focus()
  }, [hasMouse])

  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows the text
  useLayoutEffect(() => {
    const { current } = area
    if (!current) return
    current.style.height = 'auto'
    current.style.height = `${current.scrollHeight + 2}px`
  }, [text])

  return (
    <form className={styles.composer} onSubmit={send}>
      <div className={styles.box}>
        <label htmlFor={id} className="visuallyHidden">
          Message #{room.name}
        </label>
        <textarea
          id={id}
          ref={area}
          className={styles.area}
          rows={1}
          dir="auto"
          placeholder={`Message #${room.name}`}
          value={text}
          onChange={(event) => {
            write(event.target.value)
            if (event.target.value !== '') room.sayTyping()
          }}
          onKeyDown={onKeyDown}
        />
        <button type="submit" className={styles.send} disabled={text.trim() === ''}>
          <Icon name="send" />
          <span>Send</span>
        </button>
      </div>
      <div className={styles.under}>
        <p className={styles.refusal}>
          {/* The seconds are not read aloud: they would be read every second. */}
          <span role="status">
            {refusal?.words}
            {wait === '' && ' You can try again now.'}
          </span>
          {wait && <span aria-hidden="true"> {wait}</span>}
        </p>
        {!refusal && newcomer !== null && <Newcomer name={newcomer} onName={choose} />}
        {!refusal && newcomer === null && hasMouse && <p>Enter sends, Shift + Enter starts a new line</p>}
      </div>
    </form>
  )
}

function Newcomer({ name, onName }: { name: string; onName: (written: string) => void }) {
  const [asked, setAsked] = useState<'not' | 'now' | 'given up'>('not')
  const field = useRef<HTMLInputElement>(null)
  useLayoutEffect(() => {
    if (asked === 'now') field.current?.focus()
  }, [asked])
  if (asked !== 'now') {
    return (
      <p>
        You write as <strong>{name}</strong> ·{' '}
        <button
          type="button"
          className={styles.choose}
          // It stands where the field was that had the focus.
          ref={asked === 'given up' ? focusHere : null}
          onClick={() => setAsked('now')}
        >
          choose a name
        </button>
      </p>
    )
  }
  const choose = () => {
    onName(field.current?.value ?? '')
    setAsked('not')
  }
  return (
    <p className={styles.naming}>
      <input
        ref={field}
        className={styles.name}
        aria-label="Your name"
        placeholder="Your name"
        maxLength={64}
        autoComplete="nickname"
        onKeyDown={(event) => {
          if (event.key === 'Escape') setAsked('given up')
          if (event.key !== 'Enter') return
          event.preventDefault()
          choose()
        }}
      />
      <button type="button" className={styles.choose} onClick={choose}>
        Save
      </button>
    </p>
  )
}
