import type { RoomRules } from '@partyline/server'
import { lobby } from './lobby.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const open = { recover: 'kept', subscribe: true, publish: true, history: true, presence: true } as const

/** The rooms of `/`. No other is there for clients, and what is said to one client alone is not kept. */
export const rooms: RoomRules = {
  [lobby]: { keep: { entries: 10_000, ageMs: 7 * DAY_MS }, ...open },
  'demo:*': { keep: { entries: 1_000, ageMs: HOUR_MS }, ...open },
  '*': { keep: false },
}

/** What is kept, in words: `lobby: 10,000 for 7 days`. */
export function keptInWords(): string[] {
  return Object.entries(rooms).flatMap(([name, { keep }]) =>
    keep ? [`${name}: ${keep.entries.toLocaleString('en')} for ${ageInWords(keep.ageMs)}`] : [],
  )
}

function ageInWords(ageMs: number): string {
  const [count, unit] = ageMs >= DAY_MS ? [ageMs / DAY_MS, 'day'] : [ageMs / HOUR_MS, 'hour']
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}
