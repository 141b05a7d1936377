import type { Clock } from '../src/clock.ts'

interface Timer {
  atMs: number
  callback: () => void
}

/** Time that passes when it is told to. */
export class FakeClock implements Clock {
  nowMs = 1_000
  #timers = new Set<Timer>()

  now(): number {
    return this.nowMs
  }

  setTimeout(callback: () => void, delayMs: number): unknown {
    const timer = { atMs: this.nowMs + Math.max(0, delayMs), callback }
    this.#timers.add(timer)
    return timer
  }

  clearTimeout(timer: unknown): void {
    this.#timers.delete(timer as Timer)
  }

  get pending(): number {
    return this.#timers.size
  }

  /** Lets time pass, timer by timer, each with all that follows from it. */
  async pass(ms: number): Promise<void> {
    const endMs = this.nowMs + ms
    for (;;) {
      const due = [...this.#timers].filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0]
      if (due === undefined) break
      this.#timers.delete(due)
      this.nowMs = Math.max(this.nowMs, due.atMs)
      due.callback()
      await settled()
    }
    this.nowMs = endMs
  }

  /** The machine sleeps: time passes, and no timer fires before it wakes. */
  async sleep(ms: number): Promise<void> {
    this.nowMs += ms
    await this.pass(0)
  }
}

/** All that follows from what has happened so far has happened: nothing here waits for anything but promises. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
