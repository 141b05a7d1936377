import { useState } from 'react'
import type { Chat } from '../state/chat.ts'
import { shownPeople } from '../state/people.ts'
import type { Room } from '../state/room.ts'
import { typingWords } from '../state/typing.ts'
import { Announcer } from './announcer.tsx'
import { Composer } from './composer.tsx'
import { ConnectionDot, ConnectionWords } from './connection-line.tsx'
import { useFace, useStore } from './hooks.ts'
import { Icon } from './icons.tsx'
import { Log } from './log.tsx'
import styles from './room-view.module.css'

interface RoomViewProps {
  chat: Chat
  room: Room
  /** Opens the drawer with the rooms; null where they stand beside. */
  onRooms: (() => void) | null
  onPeople: (() => void) | null
  onElsewhere: () => void
}

/** The open room: its head, its log, the line about the connection or who is typing, the input. */
export function RoomView({ chat, room, onRooms, onPeople, onElsewhere }: RoomViewProps) {
  const { connection, me, unread, isNameChosen, name } = useStore(chat.store)
  const { people, typing, spoken, reading } = useStore(room.store)
  const [sentCount, setSentCount] = useState(0)
  const face = useFace(connection)
  const { count, isKnown } = shownPeople(people, me)
  const here = isKnown ? `${count} here` : ''
  const unreadElsewhere = unread - reading.unread

  return (
    <main className={styles.room}>
      <header className={styles.head}>
        {onRooms && (
          <button type="button" className={styles.button} aria-label="Rooms" onClick={onRooms}>
            <Icon name="menu" />
            {unreadElsewhere > 0 && (
              <span className={styles.count}>
                {unreadElsewhere > 99 ? '99+' : unreadElsewhere}
                <span className="visuallyHidden"> unread in other rooms</span>
              </span>
            )}
          </button>
        )}
        <div className={styles.titles}>
          <h1 className={styles.title}>
            #<bdi>{room.name}</bdi>
          </h1>
          {onRooms && (
            <p className={styles.subtitle}>
              <ConnectionDot connection={connection} />
            </p>
          )}
        </div>
        {onPeople ? (
          <button
            type="button"
            className={styles.people}
            aria-label={here ? `People, ${here}` : 'People'}
            onClick={onPeople}
          >
            <Icon name="people" />
            <span>{here}</span>
          </button>
        ) : (
          <p className={styles.here}>{here}</p>
        )}
      </header>
      <Log room={room} sentCount={sentCount} onElsewhere={onElsewhere} />
      <div className={styles.below}>
        <div className={styles.status}>
          {face.words ? (
            <ConnectionWords connection={connection} onTryNow={() => chat.tryNow()} />
          ) : (
            <p className={styles.typing}>{typingWords(typing)}</p>
          )}
        </div>
        <Composer
          room={room}
          newcomer={isNameChosen ? null : name}
          onSent={() => setSentCount((before) => before + 1)}
          onName={(written) => chat.rename(written)}
        />
      </div>
      <Announcer spoken={spoken} />
    </main>
  )
}
