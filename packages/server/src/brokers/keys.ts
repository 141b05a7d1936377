/** What is remembered of a publication that carried a key. */
export interface RememberedKey {
  readonly hash: string
  readonly seq: number
  /** Monotonic milliseconds. */
  readonly at: number
}

/** The keys of publications: each is remembered for a least time, and as long as its publication is kept. */
export class Keys {
  readonly #remembered = new Map<string, RememberedKey>()
  readonly #minAgeMs: number
  readonly #maxKeys: number

  constructor(minAgeMs: number, maxKeys: number) {
    this.#minAgeMs = minAgeMs
    this.#maxKeys = maxKeys
  }

  get size(): number {
    return this.#remembered.size
  }

  get full(): boolean {
    return this.#remembered.size >= this.#maxKeys
  }

  find(key: string): RememberedKey | undefined {
    return this.#remembered.get(key)
  }

  remember(key: string, remembered: RememberedKey): void {
    this.#remembered.set(key, remembered)
  }

  /** Forgets from the oldest on; stops at the first that is too young or whose publication is still kept. */
  expire(now: number, oldestKeptSeq: number): void {
    for (const [key, { at, seq }] of this.#remembered) {
      if (now - at < this.#minAgeMs || seq >= oldestKeptSeq) return
      this.#remembered.delete(key)
    }
  }
}
