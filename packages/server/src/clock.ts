/** Time as a layer sees it that only waits; tests bring their own. */
export interface MonotonicClock {
  /** Milliseconds that never go back; only differences mean something. */
  now(): number
  /** Calls back once, so many ms from now. */
  setTimeout(callback: () => void, ms: number): unknown
  clearTimeout(timer: unknown): void
}

/** A longer timer fires at once in Node. */
export const MAX_TIMEOUT_MS = 2 ** 31 - 1

/** A timer that comes this late says that we stood still, not who we wait for: what was sent meanwhile is yet to be read. */
export const LATE_MS = 1_000

/** Time as the server sees it. Ages and deadlines use `now`; `date` is what people are shown. */
export interface Clock extends MonotonicClock {
  /** Unix time in milliseconds. */
  date(): number
}

/** The real one: a step of the wall clock ends nothing. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => Date.now(),
  setTimeout: (callback, ms) => setTimeout(callback, ms).unref(),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
}
