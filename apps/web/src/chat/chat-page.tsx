import { useCallback, useState } from 'react'
import type { Chat } from '../state/chat.ts'
import styles from './chat-page.module.css'
import { Drawer } from './drawer.tsx'
import { ElsewherePanel } from './elsewhere-panel.tsx'
import { useFace, useMedia, useStore } from './hooks.ts'
import { PeopleList } from './people-list.tsx'
import { RoomView } from './room-view.tsx'
import { Sidebar } from './sidebar.tsx'

type Drawn = 'rooms' | 'people' | 'elsewhere' | null

/** The whole page: rooms, the open room, who is here. On narrow screens the first and the last are drawers. */
export function ChatPage({ chat }: { chat: Chat }) {
  const { rooms, open, me, name, connection } = useStore(chat.store)
  const [drawn, setDrawn] = useState<Drawn>(null)
  const hasRoomsBeside = useMedia('(min-width: 720px)')
  const hasPeopleBeside = useMedia('(min-width: 1040px)')
  const face = useFace(connection)
  const close = useCallback(() => setDrawn(null), [])
  const room = rooms.find((each) => each.name === open) ?? rooms[0]
  if (!room) return null

  const showElsewhere = () => setDrawn('elsewhere')
  const sidebar = <Sidebar chat={chat} onOpened={close} onElsewhere={showElsewhere} />
  const people = <PeopleList room={room} me={me ? { ...me, name } : null} isStale={face.tone !== 'good'} />
  return (
    <div className={styles.page}>
      {hasRoomsBeside && (
        <aside className={styles.rooms} aria-label="Rooms, connection and name">
          {sidebar}
        </aside>
      )}
      <RoomView
        chat={chat}
        room={room}
        onRooms={hasRoomsBeside ? null : () => setDrawn('rooms')}
        onPeople={hasPeopleBeside ? null : () => setDrawn('people')}
        onElsewhere={showElsewhere}
      />
      {hasPeopleBeside && <div className={styles.people}>{people}</div>}
      {!hasRoomsBeside && (
        <Drawer label="Rooms" side="start" isOpen={drawn === 'rooms'} onClose={close}>
          {sidebar}
        </Drawer>
      )}
      {!hasPeopleBeside && (
        <Drawer label="People" side="end" isOpen={drawn === 'people'} onClose={close}>
          {people}
        </Drawer>
      )}
      <Drawer label="How to join from elsewhere" side="middle" isOpen={drawn === 'elsewhere'} onClose={close}>
        <ElsewherePanel room={room.name} />
      </Drawer>
    </div>
  )
}
