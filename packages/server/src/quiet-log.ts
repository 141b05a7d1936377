import type { MonotonicClock } from './clock.ts'

const QUIET_MS = 10_000

/** A log for what others can cause as often as they like: one line in ten seconds, which says how many went before it untold. */
export class QuietLog {
  readonly #clock: MonotonicClock
  readonly #write: (text: string, untold: number) => void
  #quietUntil = Number.NEGATIVE_INFINITY
  #untold = 0

  constructor(clock: MonotonicClock, write: (text: string, untold: number) => void) {
    this.#clock = clock
    this.#write = write
  }

  tell(text: string): void {
    const now = this.#clock.now()
    if (now < this.#quietUntil) {
      this.#untold++
      return
    }
    this.#write(text, this.#untold)
    this.#untold = 0
    this.#quietUntil = now + QUIET_MS
  }
}
