import { type Clock, LATE_MS } from '../../clock.ts'

/** What all deadlines of a server have in common. */
export interface PongPace {
  readonly clock: Clock
  readonly heartbeatMs: number
  readonly heartbeatTimeoutMs: number
}

/**
 * When a client that polls must have been heard of. The wheel of heartbeats cannot tell: a ping that no GET has fetched
 * yet looks to it like a slow line, and a GET like a sign of life. Here only packets are, and a client that asks at the very
 * end of its time is answered that it is over, however late the timers are.
 */
export class PongDeadline {
  readonly #pace: PongPace
  readonly #onMissed: () => void
  #lastHeard: number
  #due = 0
  #timer: unknown

  constructor(pace: PongPace, onMissed: () => void) {
    this.#pace = pace
    this.#onMissed = onMissed
    this.#lastHeard = pace.clock.now()
  }

  /** A ping is unanswered. */
  get isAwaited(): boolean {
    return this.#timer !== undefined
  }

  /** A ping has been said: something is due when a whole interval and its timeout have passed in silence. */
  pinged(): void {
    if (this.isAwaited) return
    const { clock, heartbeatMs, heartbeatTimeoutMs } = this.#pace
    const silenceEnds = this.#lastHeard + heartbeatMs + heartbeatTimeoutMs
    // where the wheel turned late some of the timeout is gone already, yet never most of it
    this.#waitUntil(Math.max(silenceEnds, clock.now() + heartbeatTimeoutMs / 2))
  }

  heard(): void {
    this.#lastHeard = this.#pace.clock.now()
    this.end()
  }

  /** Nothing came in time, though no timer may have said so yet. */
  get isPast(): boolean {
    return this.isAwaited && this.#pace.clock.now() >= this.#due
  }

  end(): void {
    if (!this.isAwaited) return
    this.#pace.clock.clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #waitUntil(due: number): void {
    const { clock, heartbeatTimeoutMs } = this.#pace
    this.#due = due
    this.#timer = clock.setTimeout(() => {
      if (clock.now() - due > LATE_MS) this.#waitUntil(clock.now() + heartbeatTimeoutMs)
      else this.#onMissed()
    }, due - clock.now())
  }
}
