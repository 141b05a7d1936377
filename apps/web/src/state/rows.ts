import type { Gap, Message, Timeline } from './timeline.ts'
import { shownPending } from './timeline.ts'

/** One line of the log as it is drawn: a flat list with stable keys, so that a window of it can be drawn alone. */
export type Row =
  | { readonly kind: 'day'; readonly key: string; readonly at: number }
  | { readonly kind: 'new'; readonly key: string; readonly count: number }
  | { readonly kind: 'gap'; readonly key: string; readonly gap: Gap }
  | { readonly kind: 'message'; readonly key: string; readonly message: Message; readonly isHead: boolean }

/** Messages of one sender this close together stand under one name. */
export const groupWithinMs = 2 * 60_000

/** The rows of a room: messages with their day, the gaps, and the line where one stopped reading. */
export function rowsOf(timeline: Timeline, newFrom: string | null, newCount: number): readonly Row[] {
  const rows: Row[] = []
  let previous: Message | null = null
  let day = ''
  for (const entry of [...timeline.entries, ...shownPending(timeline)]) {
    if (entry.kind === 'gap') {
      rows.push({ kind: 'gap', key: entry.key, gap: entry })
      previous = null
      continue
    }
    const dayOfEntry = dayOf(entry.at)
    if (dayOfEntry !== day) {
      rows.push({ kind: 'day', key: `day:${entry.key}`, at: entry.at })
      day = dayOfEntry
      previous = null
    }
    if (entry.key === newFrom) {
      rows.push({ kind: 'new', key: 'new', count: newCount })
      previous = null
    }
    rows.push({ kind: 'message', key: entry.key, message: entry, isHead: !previous || !groups(previous, entry) })
    previous = entry
  }
  return rows
}

/** Whether a message stands under the name of the one before it. */
function groups(before: Message, message: Message): boolean {
  const isSame =
    before.mine && message.mine ? true : before.from?.id === message.from?.id && before.mine === message.mine
  return isSame && before.from?.name === message.from?.name && message.at - before.at < groupWithinMs
}

function dayOf(at: number): string {
  const date = new Date(at)
  return `${date.getFullYear()}-${date.getMonth()}-${date.getDate()}`
}
