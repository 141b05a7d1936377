import { LATE_MS, type MonotonicClock } from '../clock.ts'

/** Runs while a peer owes us something: the rest of a message, or its part of the closing. */
export class PeerTimer {
  readonly #clock: MonotonicClock
  readonly #onTime: () => void
  #timer: unknown
  #at = 0
  #movedAt: number

  /** `onTime` is called each time it has run down. */
  constructor(clock: MonotonicClock, onTime: () => void) {
    this.#clock = clock
    this.#onTime = onTime
    this.#movedAt = clock.now()
  }

  start(ms: number): void {
    this.stop()
    this.#at = this.#clock.now() + ms
    this.#timer = this.#clock.setTimeout(this.#onTime, ms)
  }

  stop(): void {
    this.#clock.clearTimeout(this.#timer)
  }

  /** The peer has done something about it, or could not. */
  moved(): void {
    this.#movedAt = this.#clock.now()
  }

  /** When it has run down: whether nothing has moved for so long. Starts again where that is not so. */
  isOver(ms: number): boolean {
    const now = this.#clock.now()
    if (now - this.#at > LATE_MS) this.#movedAt = now
    const left = this.#movedAt + ms - now
    if (left > 0) this.start(left)
    return left <= 0
  }
}
