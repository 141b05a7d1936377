import type { Clock } from '../../src/clock.ts'

interface Timer {
  readonly at: number
  readonly run: () => void
}

/** A clock that stands until a test moves it; timers that are due run then, in their order. */
export class StillClock implements Clock {
  #now = 0
  readonly #timers = new Set<Timer>()

  now(): number {
    return this.#now
  }

  date(): number {
    return this.#now
  }

  setTimeout<T>(callback: (argument: T) => void, ms: number, argument?: T): unknown {
    const timer = { at: this.#now + ms, run: () => callback(argument as T) }
    this.#timers.add(timer)
    return timer
  }

  clearTimeout(timer: unknown): void {
    this.#timers.delete(timer as Timer)
  }

  get timers(): number {
    return this.#timers.size
  }

  pass(ms: number): void {
    const end = this.#now + ms
    for (;;) {
      const due = [...this.#timers].filter(({ at }) => at <= end).sort((x, y) => x.at - y.at)[0]
      if (due === undefined) break
      this.#timers.delete(due)
      this.#now = Math.max(this.#now, due.at)
      due.run()
    }
    this.#now = end
  }
}
