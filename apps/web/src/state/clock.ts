/** The time, and a call at a later time. Tests bring their own. */
export interface Clock {
  nowMs(): number
  /** Calls `then` after `delayMs`, unless the returned function was called. */
  after(delayMs: number, then: () => void): () => void
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  after: (delayMs, then) => {
    const timer = setTimeout(then, delayMs)
    return () => clearTimeout(timer)
  },
}
