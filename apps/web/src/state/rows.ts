import type { Entry, Gap, Message, Timeline } from './timeline.ts'
import { shownPending } from './timeline.ts'

/** One line of the log as it is drawn: a flat list with stable keys, so that a window of it can be drawn alone. */
export type Row =
  | { readonly kind: 'day'; readonly key: string; readonly at: number }
  | { readonly kind: 'new'; readonly key: string; readonly count: number }
  | { readonly kind: 'gap'; readonly key: string; readonly gap: Gap }
  | { readonly kind: 'message'; readonly key: string; readonly message: Message; readonly isHead: boolean }

/** Messages of one sender this close together stand under one name. */
export const groupWithinMs = 2 * 60_000

/**
 * The rows of one room's log as it grows. What stands before the first change is not made anew: in a long room a message
 * that comes costs one row, not all of them.
 */
export class LogRows {
  #entries: readonly Entry[] = []
  #newFrom: string | null = null
  #newCount = 0
  #rows: readonly Row[] = []
  /** How many rows stand before each entry that was drawn, `#entries` and pending ones alike. */
  readonly #rowsBefore: number[] = []

  /** The rows of a timeline: messages with their day, the gaps, and the line where one stopped reading. */
  of(timeline: Timeline, newFrom: string | null, newCount: number): readonly Row[] {
    const entries = [...timeline.entries, ...shownPending(timeline)]
    let kept = commonLength(this.#entries, entries)
    if (newFrom !== this.#newFrom || newCount !== this.#newCount) {
      for (const key of [this.#newFrom, newFrom]) {
        const line = entries.findLastIndex((entry) => entry.key === key)
        if (line >= 0) kept = Math.min(kept, line)
      }
    }
    this.#newFrom = newFrom
    this.#newCount = newCount
    if (kept === entries.length && kept === this.#entries.length) return this.#rows
    const rows = this.#rows.slice(0, this.#rowsBefore[kept] ?? this.#rows.length)
    this.#rowsBefore.length = kept
    this.#entries = entries
    this.#rows = this.#add(rows, kept)
    return this.#rows
  }

  #add(rows: Row[], from: number): readonly Row[] {
    const before = this.#entries[from - 1]
    let previous = before?.kind === 'message' ? before : null
    let day = dayAround(this.#lastTimeBefore(from))
    for (let index = from; index < this.#entries.length; index += 1) {
      const entry = this.#entries[index] as Entry
      this.#rowsBefore.push(rows.length)
      if (entry.kind === 'gap') {
        rows.push({ kind: 'gap', key: entry.key, gap: entry })
        previous = null
        continue
      }
      if (!(entry.at >= day.start && entry.at < day.end)) {
        rows.push({ kind: 'day', key: `day:${entry.key}`, at: entry.at })
        day = dayAround(entry.at)
        previous = null
      }
      if (entry.key === this.#newFrom) {
        rows.push({ kind: 'new', key: 'new', count: this.#newCount })
        previous = null
      }
      rows.push({ kind: 'message', key: entry.key, message: entry, isHead: !previous || !groups(previous, entry) })
      previous = entry
    }
    return rows
  }

  #lastTimeBefore(index: number): number {
    for (let at = index - 1; at >= 0; at -= 1) {
      const entry = this.#entries[at]
      if (entry?.kind === 'message') return entry.at
    }
    return Number.NaN
  }
}

/** The rows of a timeline that was not drawn before. */
export function rowsOf(timeline: Timeline, newFrom: string | null, newCount: number): readonly Row[] {
  return new LogRows().of(timeline, newFrom, newCount)
}

function commonLength(before: readonly Entry[], entries: readonly Entry[]): number {
  const end = Math.min(before.length, entries.length)
  let length = 0
  while (length < end && before[length] === entries[length]) length += 1
  return length
}

/** Whether a message stands under the name of the one before it. */
function groups(before: Message, message: Message): boolean {
  const isSame =
    before.mine && message.mine ? true : before.from?.id === message.from?.id && before.mine === message.mine
  return isSame && before.from?.name === message.from?.name && message.at - before.at < groupWithinMs
}

/** The local day of a moment. No moment is in the day of a time that is none. */
function dayAround(at: number): { readonly start: number; readonly end: number } {
  const date = new Date(at)
  const [year, month, day] = [date.getFullYear(), date.getMonth(), date.getDate()]
  return { start: new Date(year, month, day).getTime(), end: new Date(year, month, day + 1).getTime() }
}
