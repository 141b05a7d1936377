import type { Room } from '../state/room.ts'
import type { Message } from '../state/timeline.ts'
import { Avatar } from './avatar.tsx'
import { Icon } from './icons.tsx'
import { LinkedText } from './linked-text.tsx'
import styles from './message-row.module.css'
import { clockTime, fullTime, isoTime } from './times.ts'

interface MessageRowProps {
  message: Message
  /** Whether it begins a group, and so carries the name and the time. */
  isHead: boolean
  room: Room
}

/** One message: at once, pale; full when it is confirmed; with the reason and a retry when it was refused. */
export function MessageRow({ message, isHead, room }: MessageRowProps) {
  const name = message.from?.name ?? 'Server'
  const time = (
    <time className={styles.time} dateTime={isoTime(message.at)} title={fullTime(message.at)}>
      {clockTime(message.at)}
    </time>
  )
  return (
    <article
      className={styles.message}
      data-row="message"
      data-head={isHead || undefined}
      data-delivery={message.delivery}
      aria-label={isHead ? undefined : name}
    >
      <div className={styles.side}>{isHead ? <Avatar name={name} isMine={message.mine} /> : time}</div>
      <div className={styles.body}>
        {isHead && (
          <header className={styles.head}>
            <bdi className={styles.name}>{name}</bdi>
            {time}
          </header>
        )}
        <MessageText message={message} />
        {message.delivery === 'sending' && <span className="visuallyHidden">, being sent</span>}
        {message.delivery === 'refused' && <Refused message={message} room={room} />}
      </div>
    </article>
  )
}

function MessageText({ message: { form, text } }: { message: Message }) {
  if (form === 'json') {
    return (
      <pre className={styles.json}>
        <code>{text}</code>
      </pre>
    )
  }
  return (
    <div className={styles.text} data-form={form} dir="auto">
      {form === 'text' ? <LinkedText text={text} /> : text}
    </div>
  )
}

function Refused({ message, room }: { message: Message; room: Room }) {
  return (
    <p className={styles.refused}>
      <Icon name="alert" />
      <span>
        not sent ·{' '}
        <button type="button" onClick={() => room.retry(message.key)}>
          retry
        </button>{' '}
        ·{' '}
        <button type="button" onClick={() => room.discard(message.key)}>
          discard
        </button>
        <span className={styles.reason}> {message.reason}</span>
      </span>
    </p>
  )
}
