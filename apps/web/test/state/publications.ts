import type { HistoryPage, Publication, PublicationMeta, Sender } from '../../src/state/line.ts'
import type { Timeline } from '../../src/state/timeline.ts'

export const ben: Sender = { id: 'guest:ben', name: 'Ben' }
export const cleo: Sender = { id: 'guest:cleo', name: 'Cleo' }
export const me: Sender = { id: 'guest:me', name: 'Ada' }

/** A moment on a weekday, local time. */
export const noonMs = new Date(2026, 10, 23, 12, 0, 0).getTime()

export const isMine = (id: string): boolean => id === me.id

/** The meta data of a publication of `message`. */
export function meta(
  seq: number | undefined,
  from: Sender | null = ben,
  at = noonMs + (seq ?? 0) * 1000,
): PublicationMeta {
  return { room: 'lobby', event: 'message', seq, from, at }
}

/** A kept publication whose text is `m` and its seq. */
export function publication(seq: number, from: Sender | null = ben): Publication {
  return { ...meta(seq, from), args: [`m${seq}`] }
}

/** A history page of Ben's messages. */
export function page(seqs: readonly number[], more: boolean, epoch = 'one'): HistoryPage {
  return { publications: seqs.map((seq) => publication(seq)), epoch, more }
}

/** What stands in a timeline, in short: texts, `|` for a gap, and `~` before what is pending. */
export function shown({ entries, pending }: Timeline): string {
  const kept = entries.map((entry) => (entry.kind === 'gap' ? `|${entry.state}` : entry.text))
  return [...kept, ...pending.map(({ text, delivery, claim }) => `~${text}:${claim ? 'claimed' : delivery}`)].join(' ')
}
