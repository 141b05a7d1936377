import type { ReconnectOptions } from './options.ts'

/** How long to wait before coming back: doubles with each attempt, and is spread so that a crowd does not return at once. */
export class Backoff {
  /** How many attempts have failed since the last connection that lasted. */
  attempt = 0
  #options: Required<ReconnectOptions>
  #random: () => number

  constructor(options: Required<ReconnectOptions>, random: () => number) {
    this.#options = options
    this.#random = random
  }

  /** The wait before the next attempt. With a jitter of 1 it is anything up to its step, with 0.5 at least half of it. */
  next(): number {
    const { minDelayMs, maxDelayMs, jitter } = this.#options
    const step = Math.min(maxDelayMs, minDelayMs * 2 ** Math.min(this.attempt, 30))
    this.attempt++
    return Math.round(step * (1 - jitter * this.#random()))
  }

  reset(): void {
    this.attempt = 0
  }
}
