/** The rooms that stand in the list on a first visit. */
export const firstRooms: readonly string[] = ['lobby', 'demo:games', 'demo:news']

/** What somebody typed or linked to, as a room's name: `#lobby` is `lobby`. Null where it cannot be one. */
export function roomNameOf(written: string): string | null {
  const name = written.trim().replace(/^#+/, '')
  if (name === '' || hasControl(name)) return null
  // The protocol counts bytes of UTF-8, 1 to 256 of them, and only well-formed text.
  const bytes = new TextEncoder().encode(name)
  return bytes.length <= 256 && new TextDecoder().decode(bytes) === name ? name : null
}

function hasControl(text: string): boolean {
  return /\p{Cc}/u.test(text)
}

/** The room that the address names (`#demo:games`), or null. */
export function roomOfHash(hash: string): string | null {
  try {
    return roomNameOf(decodeURIComponent(hash))
  } catch {
    return null
  }
}

/** The fragment that leads to a room. Colons stay as they are: people read it. */
export function hashOfRoom(room: string): string {
  return `#${encodeURIComponent(room).replaceAll('%3A', ':')}`
}
