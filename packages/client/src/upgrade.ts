import type { Clock } from './clock.ts'

/** A client that polls tries a WebSocket so much later; the wait doubles with each that did not open. */
const firstDelayMs = 30_000
const maxDelayMs = 600_000

/** When a client that polls tries whether a WebSocket gets through by now. */
export class Upgrade {
  #clock: Clock
  #onDue: () => void
  #delayMs = firstDelayMs
  #timer: unknown

  constructor(clock: Clock, onDue: () => void) {
    this.#clock = clock
    this.#onDue = onDue
  }

  /** One has worked here before, so it is tried at once. */
  tryNow(): void {
    this.#after(0)
  }

  tryLater(): void {
    const delayMs = this.#delayMs
    this.#delayMs = Math.min(maxDelayMs, 2 * delayMs)
    this.#after(delayMs)
  }

  /** One opened and said nothing: trying costs a connection each time. */
  postpone(): void {
    this.#delayMs = maxDelayMs
  }

  /** The network may be another one now. */
  reset(): void {
    this.#delayMs = firstDelayMs
  }

  stop(): void {
    this.#clock.clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #after(delayMs: number): void {
    this.stop()
    this.#timer = this.#clock.setTimeout(() => this.#onDue(), delayMs)
  }
}
