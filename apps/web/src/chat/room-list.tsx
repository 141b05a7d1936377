import type { Chat } from '../state/chat.ts'
import type { Room } from '../state/room.ts'
import { useStore } from './hooks.ts'
import { Icon } from './icons.tsx'
import styles from './room-list.module.css'

/** The rooms one is in, with what was not read in them. */
export function RoomList({ chat, onOpened }: { chat: Chat; onOpened: () => void }) {
  const { rooms, open } = useStore(chat.store)
  return (
    <ul>
      {rooms.map((room) => (
        <RoomItem
          key={room.name}
          room={room}
          isOpen={room.name === open}
          onOpen={() => {
            chat.openRoom(room.name)
            onOpened()
          }}
          onLeave={rooms.length > 1 ? () => chat.leaveRoom(room.name) : null}
        />
      ))}
    </ul>
  )
}

interface RoomItemProps {
  room: Room
  isOpen: boolean
  onOpen: () => void
  onLeave: (() => void) | null
}

function RoomItem({ room, isOpen, onOpen, onLeave }: RoomItemProps) {
  const { reading } = useStore(room.store)
  const { unread } = reading
  return (
    <li className={styles.item} data-open={isOpen || undefined}>
      <button type="button" className={styles.open} aria-current={isOpen ? 'page' : undefined} onClick={onOpen}>
        <span className={styles.hash} aria-hidden="true">
          #
        </span>
        <span className={styles.name} data-unread={unread > 0 || undefined}>
          <bdi>{room.name}</bdi>
        </span>
        {unread > 0 && (
          <span className={styles.count}>
            {unread > 999 ? '999+' : unread}
            <span className="visuallyHidden"> unread</span>
          </span>
        )}
      </button>
      {onLeave && (
        <button type="button" className={styles.leave} aria-label={`Leave ${room.name}`} onClick={onLeave}>
          <Icon name="close" />
        </button>
      )}
    </li>
  )
}
