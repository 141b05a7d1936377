import { RequestError } from '@partyline/protocol'
import type {
  Draft,
  Entry,
  HistoryPage,
  HistoryQuery,
  Keep,
  Log,
  Position,
  Published,
  Replay,
  ReplayLimit,
  Room,
} from '../broker.ts'
import { type Clock, systemClock } from '../clock.ts'
import { newEpoch } from '../ids.ts'
import { Keys } from './keys.ts'
import { Kept, Ring } from './ring.ts'

export interface MemoryLogOptions {
  /** What a room keeps, by its rule. */
  readonly keep: (room: Room) => Keep
  readonly clock?: Clock
  /** All rooms together. When full, the oldest of all is forgotten. */
  readonly maxBytes?: number
  /** A key is remembered at least so long. */
  readonly minKeyAgeMs?: number
  /** When full, publications with a new key are refused with `unavailable`. */
  readonly maxKeys?: number
  /** Of so many rooms that keep nothing (any more) the floor is known; beyond, the oldest share one. */
  readonly maxFloors?: number
}

const defaults = { maxBytes: 64 * 1024 * 1024, minKeyAgeMs: 5 * 60_000, maxKeys: 500_000, maxFloors: 200_000 }

const SWEEP_MS = 1_000
/** Rooms looked at in one sweep: all of them within a minute, never more than this share of a turn. */
const MIN_ROOMS_PER_SWEEP = 1_000
/** What an entry costs beside its text: the objects, and the heads of its frames. */
const ENTRY_OVERHEAD_BYTES = 600
/** An entry's text is kept once as it is, and once in a frame for each wire form it was read in; most rooms are read in two. */
const TEXT_COPIES = 3

/** One process's log: rings in memory. It answers at once, in the same turn. */
export class MemoryLog implements Log {
  readonly name: string
  readonly epoch = newEpoch()
  readonly #keep: (room: Room) => Keep
  readonly #clock: Clock
  readonly #maxBytes: number
  readonly #maxFloors: number
  readonly #rings = new Map<Room, Ring>()
  /** The floors of rooms without a ring: what they published up to here is gone. */
  readonly #floors = new Map<Room, number>()
  /** One floor for all rooms that are in neither map. */
  #goneFloor = 0
  readonly #keys: Keys
  #all: Kept[] = []
  #allHead = 0
  #dead = 0
  #bytes = 0
  #seq = 0
  #deliver: (entry: Entry) => void = () => {}
  #sweep: IterableIterator<[Room, Ring]> | undefined
  #timer: unknown

  constructor(name: string, options: MemoryLogOptions) {
    this.name = name
    this.#keep = options.keep
    this.#clock = options.clock ?? systemClock
    this.#maxBytes = options.maxBytes ?? defaults.maxBytes
    this.#maxFloors = options.maxFloors ?? defaults.maxFloors
    this.#keys = new Keys(options.minKeyAgeMs ?? defaults.minKeyAgeMs, options.maxKeys ?? defaults.maxKeys)
  }

  /** What is kept now, for `/stats` and the tests. */
  get stats(): { rooms: number; entries: number; bytes: number; keys: number; seq: number } {
    const entries = this.#all.length - this.#allHead - this.#dead
    return { rooms: this.#rings.size, entries, bytes: this.#bytes, keys: this.#keys.size, seq: this.#seq }
  }

  start(deliver: (entry: Entry) => void): Position {
    this.#deliver = deliver
    this.#scheduleSweep()
    return { epoch: this.epoch, seq: this.#seq }
  }

  /** A quiet room with members gets a floor of its own, so that what others forget makes no false gap in it. */
  follow(room: Room, on: boolean): void {
    if (on && !this.#rings.has(room) && !this.#floors.has(room)) this.#setFloor(room, this.#goneFloor)
  }

  publish(draft: Draft): Published {
    const now = this.#clock.now()
    if (draft.key !== undefined) {
      const known = this.#keys.find(draft.key)
      if (known !== undefined) {
        if (known.hash !== (draft.keyHash ?? ''))
          throw new RequestError('key_reused', 'this key was used for something else')
        return { position: { epoch: this.epoch, seq: known.seq }, known: true }
      }
      if (this.#keys.full) this.#keys.expire(now)
      if (this.#keys.full) throw new RequestError('unavailable', 'too many keys are remembered, try later')
    }
    const seq = ++this.#seq
    const entry: Entry = {
      ...draft,
      log: this.name,
      epoch: this.epoch,
      seq,
      kind: 'publication',
      bytes: ENTRY_OVERHEAD_BYTES + TEXT_COPIES * draft.args.length,
    }
    if (draft.key !== undefined) this.#keys.remember(draft.key, { hash: draft.keyHash ?? '', seq, at: now })
    this.#keepEntry(entry, now)
    this.#deliver(entry)
    return { position: { epoch: this.epoch, seq }, known: false }
  }

  replay(since: ReadonlyMap<Room, Position>, limit: ReplayLimit): Replay {
    const gaps = new Map<Room, Position>()
    let found: Entry[] = []
    let readable = 0
    for (const [room, position] of since) {
      if (!this.#reaches(room, position)) gaps.set(room, { epoch: this.epoch, seq: this.#seq })
      else {
        const entries = this.#rings.get(room)?.after(position.seq, limit.entries + 1) ?? []
        if (entries.length === 0) continue
        readable++
        found = found.length === 0 ? entries : found.concat(entries)
      }
    }
    if (readable > 1) found = inOrderOnce(found)
    const entries = firstPage(found, limit)
    const upTo = entries.length < found.length ? (entries.at(-1) as Entry).seq : this.#seq
    return { entries, gaps, upTo }
  }

  history(room: Room, query: HistoryQuery): HistoryPage {
    const ring = this.#rings.get(room)
    ring?.expire(this.#clock.now())
    const entries: Entry[] = []
    let bytes = 0
    let more = false
    ring?.walkBack(query.before ?? Number.POSITIVE_INFINITY, (entry) => {
      bytes += entry.bytes
      more = entries.length >= query.limit || (bytes > query.bytes && entries.length > 0)
      if (!more) entries.push(entry)
      return !more
    })
    return { entries: entries.reverse(), epoch: this.epoch, more }
  }

  close(): void {
    this.#clock.clearTimeout(this.#timer)
    this.#deliver = () => {}
  }

  /** Whether everything the room published after this position is still here. */
  #reaches(room: Room, { epoch, seq }: Position): boolean {
    if (epoch !== this.epoch || seq > this.#seq) return false
    const ring = this.#rings.get(room)
    ring?.expire(this.#clock.now())
    return seq >= (ring?.floor ?? this.#floors.get(room) ?? this.#goneFloor)
  }

  #keepEntry(entry: Entry, now: number): void {
    let kept: Kept | undefined
    for (const room of entry.rooms) {
      const ring = this.#ringOf(room)
      if (ring === undefined) this.#setFloor(room, entry.seq)
      else {
        ring.expire(now)
        kept ??= new Kept(entry, now)
        ring.push(kept)
      }
    }
    if (kept === undefined) {
      if (entry.key !== undefined) this.#keys.release(entry.key)
      return
    }
    this.#all.push(kept)
    this.#bytes += kept.bytes
    while (this.#bytes > this.#maxBytes) this.#forgetOldest()
  }

  #ringOf(room: Room): Ring | undefined {
    const ring = this.#rings.get(room)
    if (ring !== undefined) return ring
    const keep = this.#keep(room)
    if (keep === false || keep.entries <= 0) return undefined
    const made = new Ring(keep, this.#floors.get(room) ?? this.#goneFloor, this.#onForget)
    this.#floors.delete(room)
    this.#rings.set(room, made)
    return made
  }

  #setFloor(room: Room, seq: number): void {
    this.#floors.set(room, seq)
    if (this.#floors.size <= this.#maxFloors) return
    const [oldest, floor] = this.#floors.entries().next().value as [Room, number]
    this.#goneFloor = Math.max(this.#goneFloor, floor)
    this.#floors.delete(oldest)
  }

  readonly #onForget = (kept: Kept): void => {
    if (kept.entry === undefined) return
    if (kept.entry.key !== undefined) this.#keys.release(kept.entry.key)
    kept.entry = undefined
    this.#bytes -= kept.bytes
    this.#dead++
    if (this.#dead > 1_024 && this.#dead * 2 > this.#all.length) {
      this.#all = this.#all.slice(this.#allHead).filter((each) => each.entry !== undefined)
      this.#allHead = 0
      this.#dead = 0
    }
  }

  #forgetOldest(): void {
    const oldest = this.#oldest()
    if (oldest?.entry === undefined) return
    for (const room of oldest.entry.rooms) {
      this.#rings.get(room)?.trimThrough(oldest.seq)
      if (oldest.entry === undefined) return
    }
  }

  /** The oldest entry that some room keeps. */
  #oldest(): Kept | undefined {
    for (;;) {
      const oldest = this.#all[this.#allHead]
      if (oldest === undefined || oldest.entry !== undefined) return oldest
      this.#allHead++
      this.#dead--
      if (this.#allHead > 1_024 && this.#allHead * 2 > this.#all.length) {
        this.#all = this.#all.slice(this.#allHead)
        this.#allHead = 0
      }
    }
  }

  #scheduleSweep(): void {
    this.#timer = this.#clock.setTimeout(() => {
      this.sweep()
      this.#scheduleSweep()
    }, SWEEP_MS)
  }

  /** Forgets what has become too old, a share of the rooms at a time; empty rooms leave only the common floor. */
  sweep(): void {
    const now = this.#clock.now()
    let left = Math.max(MIN_ROOMS_PER_SWEEP, Math.ceil(this.#rings.size / 60))
    while (left-- > 0) {
      this.#sweep ??= this.#rings.entries()
      const next = this.#sweep.next()
      if (next.done) {
        this.#sweep = undefined
        break
      }
      const [room, ring] = next.value
      ring.expire(now)
      if (ring.size > 0) continue
      this.#rings.delete(room)
      this.#setFloor(room, ring.floor)
    }
    this.#keys.expire(now)
  }
}

/** Entries of several rooms in the order of `seq`, each once. */
function inOrderOnce(entries: Entry[]): Entry[] {
  entries.sort((a, b) => a.seq - b.seq)
  return entries.filter((entry, i) => entry !== entries[i - 1])
}

/** As many entries as the limit allows, at least one where there is one. */
function firstPage(entries: Entry[], limit: ReplayLimit): Entry[] {
  let bytes = 0
  let count = 0
  while (count < entries.length && count < limit.entries) {
    bytes += (entries[count] as Entry).bytes
    if (count > 0 && bytes > limit.bytes) break
    count++
  }
  return count === entries.length ? entries : entries.slice(0, count)
}
