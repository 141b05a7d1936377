import type { Clock } from './clock.ts'

/** What was acknowledged, or why it never will be. */
export type Settle = (error: Error | null, args: unknown[]) => void

const MAX_PENDING = 10_000

/** Acknowledgements we wait for from one client. */
export class PendingAcks {
  readonly #clock: Clock
  readonly #pending = new Map<number, { readonly settle: Settle; readonly timer: unknown }>()
  #lastId = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get size(): number {
    return this.#pending.size
  }

  /** Sends with a new id, and settles once: with what the client answers, or with an error. Answers the id; 0 where nothing was sent. */
  add(timeoutMs: number | undefined, settle: Settle, send: (id: number) => void): number {
    if (this.#pending.size >= MAX_PENDING) {
      settle(new Error('too many acknowledgements are pending'), [])
      return 0
    }
    const id = ++this.#lastId
    const timer = timeoutMs === undefined ? undefined : this.#clock.setTimeout(() => this.#expire(id), timeoutMs)
    this.#pending.set(id, { settle, timer })
    send(id)
    return id
  }

  settle(id: number, args: unknown[], error: Error | null = null): void {
    this.#take(id)?.(error, args)
  }

  /** Nobody waits for this one any longer: its answer is nobody's. */
  forget(id: number): void {
    this.#take(id)
  }

  rejectAll(error: Error): void {
    for (const id of [...this.#pending.keys()]) this.#take(id)?.(error, [])
  }

  #expire(id: number): void {
    this.#take(id)?.(new Error('operation has timed out'), [])
  }

  #take(id: number): Settle | undefined {
    const pending = this.#pending.get(id)
    if (pending === undefined) return undefined
    this.#pending.delete(id)
    if (pending.timer !== undefined) this.#clock.clearTimeout(pending.timer)
    return pending.settle
  }
}
