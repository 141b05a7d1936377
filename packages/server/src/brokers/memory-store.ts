import type { Store } from '../broker.ts'
import { type Clock, systemClock } from '../clock.ts'

interface Stored {
  readonly value: unknown
  /** Monotonic milliseconds; Infinity for what is held. */
  readonly endsAt: number
  readonly bytes: number
}

export interface MemoryStoreOptions {
  readonly clock?: Clock
  /** Of what has an end, in number and in bytes: beyond, the oldest goes first. */
  readonly maxEnding?: number
  readonly maxEndingBytes?: number
  /** What a value costs, about. */
  readonly weigh?: (value: unknown) => number
}

const defaults: Required<Omit<MemoryStoreOptions, 'clock'>> = {
  maxEnding: 200_000,
  maxEndingBytes: 64 * 1024 * 1024,
  weigh: () => 1_000,
}

const SWEEP_MS = 5_000

/** One process's store: a map. What has an end is forgotten then, the oldest of it earlier when there is too much. */
export class MemoryStore implements Store {
  readonly #clock: Clock
  readonly #options: typeof defaults
  #endingBytes = 0
  readonly #held = new Map<string, Stored>()
  /** In the order in which they were put. */
  readonly #ending = new Map<string, Stored>()
  #timer: unknown

  constructor(options: MemoryStoreOptions = {}) {
    const { clock, ...limits } = options
    this.#clock = clock ?? systemClock
    this.#options = { ...defaults, ...limits }
  }

  /** What waits for its end, which is what nobody holds. */
  get ending(): { count: number; bytes: number } {
    return { count: this.#ending.size, bytes: this.#endingBytes }
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
    const stored = { value, endsAt: this.#clock.now() + ttlMs, bytes: this.#options.weigh(value) }
    if (ttlMs === Number.POSITIVE_INFINITY) this.#held.set(key, stored)
    else {
      this.#ending.set(key, stored)
      this.#endingBytes += stored.bytes
      const { maxEnding, maxEndingBytes } = this.#options
      while (this.#ending.size > maxEnding || (this.#endingBytes > maxEndingBytes && this.#ending.size > 1)) {
        this.delete(this.#ending.keys().next().value as string)
      }
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
    this.#endingBytes -= this.#ending.get(key)?.bytes ?? 0
    this.#ending.delete(key)
  }

  close(): void {
    this.#clock.clearTimeout(this.#timer)
  }

  #sweep(): void {
    const now = this.#clock.now()
    for (const [key, { endsAt }] of this.#ending) if (endsAt <= now) this.delete(key)
    this.#timer = this.#ending.size > 0 ? this.#clock.setTimeout(() => this.#sweep(), SWEEP_MS) : undefined
  }
}
