import type { Entry, Keep } from '../broker.ts'

/** An entry as long as at least one room keeps it. */
export class Kept {
  /** Gone (undefined) once no room keeps it, so that a list which still holds this does not hold the bytes. */
  entry: Entry | undefined
  readonly seq: number
  readonly bytes: number
  /** Monotonic milliseconds. */
  readonly since: number
  /** How many rooms keep it. */
  rooms = 0

  constructor(entry: Entry, since: number) {
    this.entry = entry
    this.seq = entry.seq
    this.bytes = entry.bytes
    this.since = since
  }
}

/** What one room keeps: a queue in the order of `seq`, and the floor below which something is missing. */
export class Ring {
  readonly keep: Exclude<Keep, false>
  /** The highest seq this room has published and no longer keeps: who stands below it has a gap. */
  floor: number
  #items: (Kept | undefined)[] = []
  #head = 0
  readonly #onForget: (kept: Kept) => void

  constructor(keep: Exclude<Keep, false>, floor: number, onForget: (kept: Kept) => void) {
    this.keep = keep
    this.floor = floor
    this.#onForget = onForget
  }

  get size(): number {
    return this.#items.length - this.#head
  }

  /** Keeps an entry, once, even if it names this room twice. */
  push(kept: Kept): void {
    if (this.#items.at(-1) === kept) return
    kept.rooms++
    this.#items.push(kept)
    while (this.size > this.keep.entries) this.#shift()
  }

  /** Forgets what is older than the rule says. */
  expire(now: number): void {
    for (;;) {
      const oldest = this.#items[this.#head]
      if (oldest === undefined || now - oldest.since < this.keep.ageMs) return
      this.#shift()
    }
  }

  /** Forgets everything up to a seq. */
  trimThrough(seq: number): void {
    for (;;) {
      const oldest = this.#items[this.#head]
      if (oldest === undefined || oldest.seq > seq) return
      this.#shift()
    }
  }

  /** At most `limit` entries with a seq above this one, oldest first. */
  after(seq: number, limit: number): Entry[] {
    const found: Entry[] = []
    const end = Math.min(this.#items.length, this.#firstAfter(seq) + limit)
    for (let i = this.#firstAfter(seq); i < end; i++) found.push((this.#items[i] as Kept).entry as Entry)
    return found
  }

  /** The newest entries with a seq below this one, newest first, for as long as `take` says so. */
  walkBack(before: number, take: (entry: Entry) => boolean): void {
    for (let i = this.#firstAfter(before - 1) - 1; i >= this.#head; i--) {
      if (!take((this.#items[i] as Kept).entry as Entry)) return
    }
  }

  #firstAfter(seq: number): number {
    let low = this.#head
    let high = this.#items.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#items[middle] as Kept).seq > seq) high = middle
      else low = middle + 1
    }
    return low
  }

  #shift(): void {
    const oldest = this.#items[this.#head] as Kept
    this.#items[this.#head++] = undefined
    this.floor = oldest.seq
    if (this.#head > 32 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    if (--oldest.rooms === 0) this.#onForget(oldest)
  }
}
