import type { Clock } from '@partyline/client'

interface Timer {
  readonly dueMs: number
  readonly callback: () => void
  handle: NodeJS.Timeout | undefined
}

/** Time as it is, of which a test can skip some: what was to happen in it happens at once. */
export class SkippingClock implements Clock {
  readonly #timers = new Set<Timer>()
  #skippedMs = 0

  now(): number {
    return performance.now() + this.#skippedMs
  }

  setTimeout(callback: () => void, delayMs: number): Timer {
    const timer: Timer = { dueMs: this.now() + delayMs, callback, handle: undefined }
    this.#timers.add(timer)
    this.#start(timer)
    return timer
  }

  clearTimeout(timer: unknown): void {
    clearTimeout((timer as Timer | undefined)?.handle)
    this.#timers.delete(timer as Timer)
  }

  skip(ms: number): void {
    this.#skippedMs += ms
    for (const timer of this.#timers) {
      clearTimeout(timer.handle)
      this.#start(timer)
    }
  }

  #start(timer: Timer): void {
    timer.handle = setTimeout(
      () => {
        this.#timers.delete(timer)
        timer.callback()
      },
      Math.max(0, timer.dueMs - this.now()),
    )
  }
}
