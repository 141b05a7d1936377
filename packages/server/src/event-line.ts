/** An event that waits. Done at once, or a promise that never rejects. */
type Step = () => Promise<unknown> | undefined

const MAX_WAITING = 32

/**
 * Keeps the events of a client in their order where what comes before a handler (a middleware, a schema) takes its time:
 * until that is through, later ones wait. At most so many do; where nothing takes time, nothing waits.
 */
export class EventLine {
  #waiting: Step[] = []
  #onTheirWay = 0

  /** True while an earlier event is on its way: then events are to be added. */
  get busy(): boolean {
    return this.#onTheirWay > 0
  }

  /** Nothing that is added goes before this is done. */
  waitFor(done: Promise<unknown>): void {
    this.#onTheirWay++
    void done.then(() => {
      this.#onTheirWay--
      this.#goOn()
    })
  }

  /** Does it when it is its turn; false where too many wait already. */
  add(step: Step): boolean {
    if (this.#waiting.length >= MAX_WAITING) return false
    this.#waiting.push(step)
    return true
  }

  /** Nobody is interested in what waits. */
  clear(): void {
    this.#waiting = []
  }

  #goOn(): void {
    while (!this.busy) {
      const step = this.#waiting.shift()
      if (step === undefined) return
      const later = step()
      if (later !== undefined) this.waitFor(later)
    }
  }
}
