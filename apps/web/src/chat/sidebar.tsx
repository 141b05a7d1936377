import type { Chat } from '../state/chat.ts'
import { ConnectionCorner } from './connection-line.tsx'
import { useStore } from './hooks.ts'
import { Icon } from './icons.tsx'
import { Identity } from './identity.tsx'
import { JoinForm } from './join-form.tsx'
import { RoomList } from './room-list.tsx'
import styles from './sidebar.module.css'

interface SidebarProps {
  chat: Chat
  onOpened: () => void
  onElsewhere: () => void
}

/** The left side: rooms, how to join, how the line is, who one is. */
export function Sidebar({ chat, onOpened, onElsewhere }: SidebarProps) {
  const { connection, latencyMs } = useStore(chat.store)
  return (
    <div className={styles.sidebar}>
      <p className={styles.brand}>Partyline</p>
      <nav className={styles.rooms} aria-label="Rooms">
        <RoomList chat={chat} onOpened={onOpened} />
        <JoinForm chat={chat} onOpened={onOpened} />
      </nav>
      <div className={styles.foot}>
        <button type="button" className={styles.elsewhere} onClick={onElsewhere}>
          <Icon name="terminal" />
          Join from elsewhere
        </button>
        <ConnectionCorner connection={connection} latencyMs={latencyMs} />
        <Identity chat={chat} />
      </div>
    </div>
  )
}
