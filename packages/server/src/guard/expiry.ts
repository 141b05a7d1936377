import { type Clock, MAX_TIMEOUT_MS } from '../clock.ts'

/** Calls back when a token's time is over, however far off that is. */
export class Expiry {
  readonly #clock: Clock
  /** Unix ms. */
  readonly expiresAt: number
  readonly #onExpired: () => void
  #timer: unknown

  /** `expiresAt` in Unix ms. Where it is past, calls back before this returns. */
  constructor(clock: Clock, expiresAt: number, onExpired: () => void) {
    this.#clock = clock
    this.expiresAt = expiresAt
    this.#onExpired = onExpired
    this.#wait()
  }

  #wait(): void {
    const leftMs = this.expiresAt - this.#clock.date()
    if (leftMs <= 0) this.#onExpired()
    else this.#timer = this.#clock.setTimeout(() => this.#wait(), Math.min(leftMs, MAX_TIMEOUT_MS))
  }

  /** A fresh token has come, or nobody is there any more. */
  cancel(): void {
    this.#clock.clearTimeout(this.#timer)
  }
}
