import type { Entry, Place, Position, Replay, ReplayLimit, Room } from '../broker.ts'
import { type Maybe, whenReady } from '../maybe.ts'
import type { Logs } from './logs.ts'
import { publicationOf } from './publication.ts'
import type { WireForm } from './wire-form.ts'

/** What a cursor needs to know of whom it reads for. */
export interface CursorReader {
  readonly form: WireForm
  /** Since when the reader is in a room, in the log of this index; undefined where it is not in it. */
  joinedAt(room: Room, log: number): number | undefined
}

/** How much one page of a replay holds. */
export const pageLimit: ReplayLimit = { entries: 500, bytes: 256 * 1024 }

/**
 * An item in an outbox that reads on in the logs: rooms with positions, page by page. It is open while it stands at the
 * tail: then it follows the heads, and whatever is delivered it takes in. Once something stands behind it, it has an end.
 */
export class Cursor {
  readonly kind = 'cursor'
  readonly size = 512
  /** Rooms in which something did not come. */
  readonly gapped = new Set<Room>()
  /** Progress in each log, which is also the stamp of what is read. */
  readonly #at: number[]
  /** The epoch of that progress: of a log that was not read yet it may be a former one, whose gap is still to be told. */
  readonly #epochs: string[]
  readonly #logs: Logs
  readonly #from: Map<Room, Position>
  readonly #byLog: Room[][]
  readonly #asked: boolean[] = []
  #end: readonly number[] | undefined
  /** True while a page is on its way. */
  waiting = false

  /** `from` has the positions as the rooms' logs know them; `place` is where the reader stands as a whole, if it knows. */
  constructor(logs: Logs, from: Map<Room, Position>, place: Place | undefined) {
    this.#logs = logs
    this.#from = from
    this.#at = logs.all.map((_, i) => place?.[i]?.seq ?? 0)
    this.#epochs = logs.all.map((_, i) => place?.[i]?.epoch ?? '')
    this.#byLog = logs.all.map(() => [])
    for (const room of from.keys()) this.#byLog[logs.indexOf(room)]?.push(room)
  }

  get open(): boolean {
    return this.#end === undefined
  }

  /** Gives it an end, once: what comes later stands behind it. */
  close(heads: readonly number[]): void {
    this.#end ??= heads.slice()
  }

  /**
   * The frames of the next page, or undefined where it is through. One log's progress at a time; because an open
   * cursor's logs go on while it reads, it is through only when all of them are at their targets at once.
   */
  nextPage(reader: CursorReader): Maybe<Buffer[]> | undefined {
    const index = this.#nextLog()
    if (index === undefined) return undefined
    const since = new Map<Room, Position>()
    for (const room of this.#byLog[index] as Room[]) since.set(room, this.#standsAt(room, index))
    const log = this.#logs.all[index] as Logs['all'][number]
    return whenReady(log.replay(since, pageLimit), (page) => this.#encode(index, page, reader))
  }

  #nextLog(): number | undefined {
    for (let i = 0; i < this.#at.length; i++) {
      const target = this.#target(i)
      if (!this.#asked[i] && this.#missesNothing(i)) this.#stand(i, target)
      else if (!this.#asked[i] || (this.#at[i] as number) < target) return i
    }
    return undefined
  }

  /** True where every room of the log, if there is one, stands at the target already. */
  #missesNothing(index: number): boolean {
    const target = this.#target(index)
    const epoch = this.#logs.epochs[index]
    for (const room of this.#byLog[index] as Room[]) {
      const from = this.#from.get(room) as Position
      if (from.seq !== target || from.epoch !== epoch) return false
    }
    return true
  }

  #stand(index: number, seq: number): void {
    this.#at[index] = seq
    this.#epochs[index] = this.#logs.epochs[index] as string
  }

  /** Up to where it reads: its end, or the head now. */
  #target(index: number): number {
    return (this.#end ?? this.#logs.heads)[index] as number
  }

  #standsAt(room: Room, index: number): Position {
    const from = this.#from.get(room) as Position
    if (!this.#asked[index]) return from
    return this.#logs.later(index, from, { epoch: this.#logs.epochs[index] as string, seq: this.#at[index] as number })
  }

  #encode(index: number, page: Replay, reader: CursorReader): Buffer[] {
    const target = this.#target(index) // again: the head has moved while the page was on its way
    const frames: Buffer[] = []
    for (const [room, head] of page.gaps) {
      const seq = Math.min(head.seq, target)
      this.gapped.add(room)
      this.#from.set(room, { epoch: head.epoch, seq })
      frames.push(reader.form.gap(room, this.#logs.epoch, seq))
    }
    for (const entry of page.entries) {
      if (entry.seq > target) break
      const via = this.#dueThrough(entry, index, reader)
      if (via === undefined) continue
      frames.push(publicationOf(entry, via).frame(reader.form))
      this.#stand(index, entry.seq)
      const stamp = reader.form.stamp?.(this.#logs.placeText(this.#at, this.#epochs), entry)
      if (stamp !== undefined) frames.push(stamp)
    }
    this.#stand(index, Math.min(page.upTo, target))
    this.#asked[index] = true
    return frames
  }

  /** The first room through which the reader has still to get the entry. */
  #dueThrough(entry: Entry, index: number, reader: CursorReader): Room | undefined {
    for (const room of entry.except) {
      const joined = reader.joinedAt(room, index)
      if (joined !== undefined && joined < entry.seq) return undefined
    }
    for (const room of entry.rooms) {
      const from = this.#from.get(room)
      if (from !== undefined && (from.epoch !== entry.epoch || entry.seq > from.seq)) return room
    }
    return undefined
  }
}
