import { type Clock, LATE_MS } from '../clock.ts'

/** The time that a client has for something. Where our own process stood still when it ran out, it is given once more. */
export class Patience {
  readonly #clock: Clock
  readonly #ms: number
  readonly #onOver: () => void
  #timer: unknown

  constructor(clock: Clock, ms: number, onOver: () => void) {
    this.#clock = clock
    this.#ms = ms
    this.#onOver = onOver
    this.#wait()
  }

  #wait(): void {
    const due = this.#clock.now() + this.#ms
    this.#timer = this.#clock.setTimeout(() => {
      if (this.#clock.now() - due > LATE_MS) this.#wait()
      else this.#onOver()
    }, this.#ms)
  }

  /** It was done in time, or nobody is there any more. */
  end(): void {
    this.#clock.clearTimeout(this.#timer)
  }
}
