/** Time as the server sees it. Ages and deadlines use `now`, which never jumps; `date` is what people are shown. */
export interface Clock {
  /** Milliseconds of a monotonic clock. */
  now(): number
  /** Unix time in milliseconds. */
  date(): number
  setTimeout(run: () => void, delayMs: number): unknown
  clearTimeout(timer: unknown): void
}

/** The real one. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => Date.now(),
  setTimeout: (run, delayMs) => setTimeout(run, delayMs).unref(),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
}
