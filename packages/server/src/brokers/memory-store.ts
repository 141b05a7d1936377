import type { Store } from '../broker.ts'
import { type Clock, systemClock } from '../clock.ts'

interface Stored {
  readonly value: unknown
  /** Monotonic milliseconds; Infinity for what is held. */
  readonly endsAt: number
}

const SWEEP_MS = 5_000

/** One process's store: a map. What has an end is forgotten then, the oldest of it earlier when there is too much. */
export class MemoryStore implements Store {
  readonly #clock: Clock
  readonly #maxEnding: number
  readonly #held = new Map<string, Stored>()
  /** In the order in which they were put. */
  readonly #ending = new Map<string, Stored>()
  #timer: unknown

  constructor(clock: Clock = systemClock, maxEnding = 200_000) {
    this.#clock = clock
    this.#maxEnding = maxEnding
  }

  get size(): number {
    return this.#held.size + this.#ending.size
  }

  get(key: string): unknown {
    const stored = this.#held.get(key) ?? this.#ending.get(key)
    return stored !== undefined && stored.endsAt > this.#clock.now() ? stored.value : undefined
  }

  put(key: string, value: unknown, ttlMs: number): void {
    this.delete(key)
    const stored = { value, endsAt: this.#clock.now() + ttlMs }
    if (ttlMs === Number.POSITIVE_INFINITY) this.#held.set(key, stored)
    else {
      this.#ending.set(key, stored)
      if (this.#ending.size > this.#maxEnding) this.#ending.delete(this.#ending.keys().next().value as string)
      this.#timer ??= this.#clock.setTimeout(() => this.#sweep(), SWEEP_MS)
    }
  }

  claim(key: string, value: unknown, ttlMs: number): boolean {
    if (this.get(key) !== undefined) return false
    this.put(key, value, ttlMs)
    return true
  }

  delete(key: string): void {
    this.#held.delete(key)
    this.#ending.delete(key)
  }

  close(): void {
    this.#clock.clearTimeout(this.#timer)
  }

  #sweep(): void {
    const now = this.#clock.now()
    for (const [key, { endsAt }] of this.#ending) if (endsAt <= now) this.#ending.delete(key)
    this.#timer = this.#ending.size > 0 ? this.#clock.setTimeout(() => this.#sweep(), SWEEP_MS) : undefined
  }
}
