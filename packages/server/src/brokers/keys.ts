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
  /** Those whose publication is not kept any more, in the order in which it was let go. */
  readonly #released = new Set<string>()
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

  /** Its publication is not kept any more: from now on only its age counts. */
  release(key: string): void {
    this.#released.add(key)
  }

  /** Forgets what was released and is old enough; the first that is too young holds up the rest for its age at most. */
  expire(now: number): void {
    for (const key of this.#released) {
      const remembered = this.#remembered.get(key)
      if (remembered !== undefined && now - remembered.at < this.#minAgeMs) return
      this.#released.delete(key)
      this.#remembered.delete(key)
    }
  }
}
