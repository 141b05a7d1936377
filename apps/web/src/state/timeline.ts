import { type Content, contentOf } from './content.ts'
import type { Position, PublicationMeta, Sender } from './line.ts'

/**
 * A room's log as this page knows it. Entries stand in the order of (era, seq, part); own messages that have no seq yet
 * wait behind them in `pending`.
 *
 * An era is the page's number for an epoch: epochs are opaque, but the order in which they were met is not. A `seq`
 * says nothing without it. `part` is 0 for what is kept and counts volatile messages behind a seq.
 */
export interface Timeline {
  readonly entries: readonly Entry[]
  readonly pending: readonly Message[]
  /** The epoch of each era met so far. The last one is where live publications belong; '' until it is known. */
  readonly epochs: readonly string[]
  /** Whether older history stands above: unknown before the first page. */
  readonly top: 'unknown' | 'more' | 'loading' | 'end'
}

export type Entry = Message | Gap

/** Where an entry stands. */
export interface Place {
  readonly era: number
  readonly seq: number
  readonly part: number
}

/** A message, received or being sent. */
export interface Message extends Place, Content {
  readonly kind: 'message'
  /** Stays the same from "sending" to "sent", so that nothing is drawn anew. */
  readonly key: string
  readonly from: Sender | null
  readonly mine: boolean
  readonly at: number
  readonly delivery: 'sending' | 'sent' | 'refused'
  /** Why it was refused, in words. */
  readonly reason: string
  /** The arrived publication that looks like this pending message, until the ack says whether it is. */
  readonly claim: Message | null
}

/** A stretch of the log that was not received: after `from`, up to `seq`. */
export interface Gap extends Place {
  readonly kind: 'gap'
  readonly key: string
  readonly from: number
  readonly state: 'offered' | 'loading' | 'gone'
}

export const emptyTimeline: Timeline = { entries: [], pending: [], epochs: [''], top: 'unknown' }

/** The era of what is live now. */
export const currentEra = (timeline: Timeline): number => timeline.epochs.length - 1

/** The last entry that is a message, or undefined. */
export function lastMessage(timeline: Timeline): Message | undefined {
  return timeline.entries.findLast((entry) => entry.kind === 'message')
}

/** Notes the epoch that an answer named: a new one begins an era, and what stood above the old one is out of reach. */
export function epochMet(timeline: Timeline, epoch: string): Timeline {
  if (timeline.epochs.includes(epoch)) return timeline
  if (timeline.epochs.at(-1) === '') return { ...timeline, epochs: [...timeline.epochs.slice(0, -1), epoch] }
  const top = timeline.entries.length > 0 && timeline.top !== 'unknown' ? 'end' : timeline.top
  return { ...timeline, epochs: [...timeline.epochs, epoch], top }
}

/** The message a publication is. */
export function messageOf(place: Place, args: readonly unknown[], meta: PublicationMeta, mine: boolean): Message {
  return {
    kind: 'message',
    key: keyOf(place),
    ...place,
    ...contentOf(args),
    from: meta.from,
    mine,
    at: meta.at,
    delivery: 'sent',
    reason: '',
    claim: null,
  }
}

/** A live publication arrived. It is added, or it is one that stands here already. */
export function received(timeline: Timeline, args: readonly unknown[], meta: PublicationMeta, mine: boolean): Timeline {
  const message = messageOf(nextPlace(timeline, meta.seq), args, meta, mine)
  const known = indexOf(timeline.entries, message)
  if (known >= 0)
    return { ...timeline, entries: timeline.entries.with(known, confirmed(timeline.entries[known], message)) }
  return claimed(timeline, message) ?? { ...timeline, entries: inserted(timeline.entries, message) }
}

/**
 * An own publication that arrives before its ack says nothing of the message it is. The first pending one with the same
 * words takes it, so that it is not shown twice; the ack decides. Undefined where nothing is waiting for it.
 */
export function claimed(timeline: Timeline, message: Message): Timeline | undefined {
  if (!message.mine || message.part !== 0) return undefined
  if (timeline.pending.some((own) => own.claim && compare(own.claim, message) === 0)) return timeline
  const index = timeline.pending.findIndex((own) => mayBe(own, message))
  const own = timeline.pending[index]
  return own && { ...timeline, pending: timeline.pending.with(index, { ...own, claim: message }) }
}

/** Own text goes out: it stands at the end, pale, until it is confirmed. */
export function sending(timeline: Timeline, key: string, text: string, from: Sender | null, at: number): Timeline {
  const place = { era: currentEra(timeline), seq: Number.POSITIVE_INFINITY, part: 0 }
  const message: Message = {
    kind: 'message',
    key,
    ...place,
    form: 'text',
    text,
    from,
    mine: true,
    at,
    delivery: 'sending',
    reason: '',
    claim: null,
  }
  return { ...timeline, pending: [...timeline.pending, message] }
}

/** The server confirmed an own message. Its publication may have come before, or comes later: it is shown once. */
export function acknowledged(before: Timeline, key: string, position: Partial<Position>): Timeline {
  const own = before.pending.find((message) => message.key === key)
  if (!own) return before
  const timeline = position.epoch === undefined ? before : epochMet(before, position.epoch)
  const pending = timeline.pending.filter((message) => message !== own)
  const era = position.epoch === undefined ? currentEra(timeline) : timeline.epochs.indexOf(position.epoch)
  const place = position.seq === undefined ? nextPlace(timeline, null) : { era, seq: position.seq, part: 0 }
  const sent: Message = { ...own, ...place, delivery: 'sent', reason: '', claim: null }
  const settled = { ...timeline, pending }
  const known = indexOf(settled.entries, place)
  if (known >= 0) {
    const entries = settled.entries.with(known, confirmed(sent, settled.entries[known]))
    return released({ ...settled, entries }, own.claim)
  }
  if (own.claim && compare(own.claim, place) === 0) {
    return { ...settled, entries: inserted(settled.entries, confirmed(sent, own.claim)) }
  }
  return released({ ...settled, entries: inserted(settled.entries, sent) }, own.claim)
}

/** The server refused an own message. */
export function refused(timeline: Timeline, key: string, reason: string): Timeline {
  const claim = timeline.pending.find((message) => message.key === key)?.claim ?? null
  return released(changed(timeline, key, { delivery: 'refused', reason, claim: null }), claim)
}

/** A refused message is tried again. */
export function retried(timeline: Timeline, key: string): Timeline {
  return changed(timeline, key, { delivery: 'sending', reason: '' })
}

/** An own message that was never sent is taken back. */
export function discarded(timeline: Timeline, key: string): Timeline {
  return { ...timeline, pending: timeline.pending.filter((message) => message.key !== key) }
}

/** Pending messages as they are shown: one whose publication arrived is as good as sent. */
export function shownPending(timeline: Timeline): readonly Message[] {
  return timeline.pending.map((own) => (own.claim ? { ...own, at: own.claim.at, delivery: 'sent' } : own))
}

/** A claim that turned out to be somebody else's copy of the same words becomes a message of its own. */
function released(timeline: Timeline, claim: Message | null): Timeline {
  if (!claim || indexOf(timeline.entries, claim) >= 0) return timeline
  return { ...timeline, entries: inserted(timeline.entries, claim) }
}

function changed(timeline: Timeline, key: string, change: Partial<Message>): Timeline {
  const pending = timeline.pending.map((message) => (message.key === key ? { ...message, ...change } : message))
  return { ...timeline, pending }
}

/** Keeps the key of what is drawn already and takes the server's word for the rest. */
function confirmed(drawn: Entry | undefined, arrived: Entry | undefined): Entry {
  const base = arrived ?? drawn
  if (!base || !drawn) throw new Error('nothing to confirm')
  if (drawn.kind !== 'message' || base.kind !== 'message') return drawn
  return { ...base, key: drawn.key, mine: drawn.mine || base.mine, delivery: 'sent' }
}

function mayBe(own: Message, arrived: Message): boolean {
  return own.claim === null && own.delivery === 'sending' && arrived.form === 'text' && own.text === arrived.text
}

function nextPlace(timeline: Timeline, seq: number | null | undefined): Place {
  const era = currentEra(timeline)
  if (typeof seq === 'number') return { era, seq, part: 0 }
  const last = timeline.entries.at(-1)
  return last && last.era === era ? { era, seq: last.seq, part: last.part + 1 } : { era, seq: 0, part: 1 }
}

/** The key of what the server placed. */
export function keyOf({ era, seq, part }: Place): string {
  return part === 0 ? `${era}:${seq}` : `${era}:${seq}:${part}`
}

/** Negative where `a` stands before `b`. A gap stands right behind its last seq. */
export function compare(a: Place, b: Place): number {
  return a.era - b.era || a.seq - b.seq || a.part - b.part
}

/** Where in the entries this place is taken, or -1. There may be thousands of them, and each message asks. */
export function indexOf(entries: readonly Entry[], place: Place): number {
  const index = firstNotBefore(entries, place)
  const entry = entries[index]
  return entry && compare(entry, place) === 0 ? index : -1
}

/** Puts an entry in its place, behind one that has the same. */
export function inserted(entries: readonly Entry[], entry: Entry): readonly Entry[] {
  let index = firstNotBefore(entries, entry)
  for (let same = entries[index]; same && compare(same, entry) === 0; same = entries[index]) index += 1
  return entries.toSpliced(index, 0, entry)
}

function firstNotBefore(entries: readonly Entry[], place: Place): number {
  let low = 0
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >> 1
    const entry = entries[middle]
    if (entry && compare(entry, place) < 0) low = middle + 1
    else high = middle
  }
  return low
}

/** A page holds at most this many messages of a room where nobody reads the oldest: it may stay open for weeks. */
export const mostHeld = 20_000

/** Lets go the older half of what is too much. Where the log goes on above, it can be loaded again. */
export function trimmed(timeline: Timeline): Timeline {
  if (timeline.entries.length <= mostHeld) return timeline
  const entries = timeline.entries.slice(-mostHeld / 2)
  return { ...timeline, entries, top: entries[0]?.era === currentEra(timeline) ? 'more' : 'end' }
}
