import type { MonotonicClock } from '../../src/clock.ts'

interface Timer {
  readonly at: number
  readonly fire: () => void
}

/** A clock that goes when it is told to. */
export class ManualClock implements MonotonicClock {
  #now = 1_000
  readonly #timers = new Set<Timer>()

  /** Timers that are running. */
  get running(): number {
    return this.#timers.size
  }

  now(): number {
    return this.#now
  }

  setTimeout(callback: () => void, ms: number): Timer {
    const timer = { at: this.#now + ms, fire: callback }
    this.#timers.add(timer)
    return timer
  }

  clearTimeout(timer: unknown): void {
    this.#timers.delete(timer as Timer)
  }

  /** Lets time pass, and everything happen that is due, in order. */
  advance(ms: number): void {
    const end = this.#now + ms
    for (;;) {
      const [next] = [...this.#timers].filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)
      if (next === undefined) break
      this.#now = Math.max(this.#now, next.at)
      this.#timers.delete(next)
      next.fire()
    }
    this.#now = end
  }

  /** The process stood still: time has passed, and its timers come only now. */
  stall(ms: number): void {
    this.#now += ms
    this.advance(0)
  }
}
