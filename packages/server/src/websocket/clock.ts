/** Time as a connection sees it; tests bring their own. */
export interface Clock {
  /** Milliseconds that never go back; only differences mean something. */
  now(): number
  /** Calls `callback(argument)` once, `ms` from now. */
  setTimeout<T>(callback: (argument: T) => void, ms: number, argument: T): unknown
  clearTimeout(timer: unknown): void
}

/** The process's own time, on the monotonic clock: a step of the wall clock ends no connection. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimeout: (callback, ms, argument) => setTimeout(callback, ms, argument),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
}
