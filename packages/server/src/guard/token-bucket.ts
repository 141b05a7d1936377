import { RequestError } from '@partyline/protocol'
import type { ResolvedRate } from './rate.ts'

/** Less than this is what sums of fractions lose. */
const NOTHING = 1e-6

/** Holds as many tokens as may be used at once, and gets new ones at an even pace. */
export class TokenBucket {
  readonly #rate: ResolvedRate
  #tokens: number
  #at: number

  /** A full one; `now` is monotonic time in ms. */
  constructor(rate: ResolvedRate, now: number) {
    this.#rate = rate
    this.#tokens = rate.burst
    this.#at = now
  }

  /** Takes a token. Answers 0, or where there is none in how many ms there will be one. */
  take(now: number): number {
    this.#refill(now)
    if (this.#tokens >= 1 - NOTHING) {
      this.#tokens--
      return 0
    }
    return Math.max(1, Math.ceil(((1 - this.#tokens) * this.#rate.perMs) / this.#rate.count - NOTHING))
  }

  /** True where it is as good as a new one: nothing is to be remembered of it. */
  isFull(now: number): boolean {
    this.#refill(now)
    return this.#tokens >= this.#rate.burst
  }

  #refill(now: number): void {
    const { count, perMs, burst } = this.#rate
    if (now > this.#at) this.#tokens = Math.min(burst, this.#tokens + ((now - this.#at) * count) / perMs)
    this.#at = now
  }
}

/** Throws `rate_limited` where a token was not to be had, with what taking it has answered. */
export function refuseUntil(retryAfterMs: number, what: string): void {
  if (retryAfterMs > 0) throw new RequestError('rate_limited', `too many ${what}`, undefined, undefined, retryAfterMs)
}
