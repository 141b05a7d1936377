import type { ResolvedRate } from './rate.ts'
import { TokenBucket } from './token-bucket.ts'

/** Where more names than this are busy at once, a quarter of them is forgotten, the oldest first. */
const MAX_NAMES = 100_000
const FIRST_SWEEP = 1_000

/** A bucket for each of many names. A name whose bucket is full again is forgotten. */
export class RateTable {
  readonly #rate: ResolvedRate
  readonly #buckets = new Map<string, TokenBucket>()
  #sweepAt = FIRST_SWEEP

  constructor(rate: ResolvedRate) {
    this.#rate = rate
  }

  get size(): number {
    return this.#buckets.size
  }

  /** Takes a token of this name's. Answers 0, or in how many ms there will be one. */
  take(name: string, now: number): number {
    const known = this.#buckets.get(name)
    if (known !== undefined) return known.take(now)
    if (this.#buckets.size >= this.#sweepAt) this.#sweep(now)
    const bucket = new TokenBucket(this.#rate, now)
    this.#buckets.set(name, bucket)
    return bucket.take(now)
  }

  /** Each time twice as many are there as were left the last time: a name costs a look or two. */
  #sweep(now: number): void {
    for (const [name, bucket] of this.#buckets) if (bucket.isFull(now)) this.#buckets.delete(name)
    for (const name of this.#buckets.keys()) {
      if (this.#buckets.size <= (MAX_NAMES * 3) / 4) break
      this.#buckets.delete(name)
    }
    this.#sweepAt = Math.max(FIRST_SWEEP, Math.min(MAX_NAMES, 2 * this.#buckets.size))
  }
}
