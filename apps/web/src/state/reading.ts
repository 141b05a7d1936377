/** How far one has read in a room. */
export interface Reading {
  /** Messages of others that were not seen yet. */
  readonly unread: number
  /** The key of the first message behind the line "3 new": where one stopped reading. */
  readonly newFrom: string | null
  /** What the line says. */
  readonly newCount: number
}

export const allRead: Reading = { unread: 0, newFrom: null, newCount: 0 }

/** Messages of others came, the first of them being `key`, while nobody looked. */
export function missed(reading: Reading, key: string, count: number): Reading {
  if (reading.unread === 0) return { unread: count, newFrom: key, newCount: count }
  return { ...reading, unread: reading.unread + count, newCount: reading.newCount + count }
}

/** Messages were caught up under one's eyes after a drop: the line says from where on, nothing stays unread. */
export function caughtUp(reading: Reading, key: string, count: number): Reading {
  return { ...missed(reading, key, count), unread: 0 }
}

/** Everything was seen. The line stays: it is where one looks for what is new. */
export function seen(reading: Reading): Reading {
  return reading.unread === 0 ? reading : { ...reading, unread: 0 }
}

/** One went elsewhere having seen everything: the line has done its work. */
export function settled(reading: Reading): Reading {
  return reading.newFrom === null || reading.unread > 0 ? reading : allRead
}
