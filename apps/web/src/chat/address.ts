import type { Chat } from '../state/chat.ts'
import { hashOfRoom, roomOfHash } from '../state/room-name.ts'

/** Keeps the open room in the address, so that it can be bookmarked, shared, and gone back to. */
export function watchAddress(chat: Chat): void {
  const show = () => {
    const { open } = chat.store.get()
    if (roomOfHash(location.hash) === open) return
    const first = location.hash === ''
    history[first ? 'replaceState' : 'pushState'](null, '', hashOfRoom(open))
  }
  chat.store.subscribe(show)
  show()
  addEventListener('popstate', () => {
    const room = roomOfHash(location.hash)
    if (room !== null && room !== chat.store.get().open) chat.openRoom(room)
  })
}
