import type { Chat } from '../state/chat.ts'
import { shownPeople } from '../state/people.ts'
import type { Room } from '../state/room.ts'
import { Announcer } from './announcer.tsx'
import { ConnectionDot } from './connection-line.tsx'
import { Conversation } from './conversation.tsx'
import { useFace, useStore } from './hooks.ts'
import { Icon } from './icons.tsx'
import styles from './room-view.module.css'

interface RoomViewProps {
  chat: Chat
  room: Room
  /** Opens the drawer with the rooms; null where they stand beside. */
  onRooms: (() => void) | null
  onPeople: (() => void) | null
  onElsewhere: () => void
}

/** The open room: its head, and what is said in it. */
export function RoomView({ chat, room, onRooms, onPeople, onElsewhere }: RoomViewProps) {
  const { connection, me, unread } = useStore(chat.store)
  const { people, spoken, reading } = useStore(room.store)
  const face = useFace(connection)
  const { count, isKnown } = shownPeople(people, me)
  // Without a line nobody knows who is still here.
  const here = isKnown && face.tone === 'good' ? `${count} here` : ''
  const unreadElsewhere = unread - reading.unread

  return (
    <main className={styles.room}>
      <header className={styles.head}>
        {onRooms && (
          <button type="button" className={styles.button} onClick={onRooms}>
            <Icon name="menu" />
            <span className="visuallyHidden">Rooms</span>
            {unreadElsewhere > 0 && (
              <span className={styles.count}>
                {unreadElsewhere > 99 ? '99+' : unreadElsewhere}
                <span className="visuallyHidden"> unread in others</span>
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
      <Conversation
        key={room.name}
        chat={chat}
        room={room}
        face={face}
        isRoomListAway={onRooms !== null}
        onElsewhere={onElsewhere}
      />
      <Announcer key={`announcer of ${room.name}`} spoken={spoken} />
    </main>
  )
}
