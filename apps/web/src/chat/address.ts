import type { Chat } from '../state/chat.ts'
import { hashOfRoom, roomOfHash } from '../state/room-name.ts'

/** Keeps the open room in the address, so that it can be bookmarked, shared, and gone back to. */
export function watchAddress(chat: Chat): void {
  const show = () => {
    const { open, rooms } = chat.store.get()
    const shown = roomOfHash(location.hash)
    if (shown === open) return
    // A room that was left, or that refused, is nothing to go back to.
    const isPlace = rooms.some(({ name }) => name === shown)
    history[isPlace ? 'pushState' : 'replaceState'](null, '', hashOfRoom(open))
  }
  chat.store.subscribe(show)
  show()
  addEventListener('popstate', () => {
    const room = roomOfHash(location.hash)
    if (room !== null && room !== chat.store.get().open) chat.openRoom(room)
  })
}
