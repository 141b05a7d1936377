/** Who waits for a turn to inflate. */
export interface Inflater {
  /** Its turn has come. It MUST NOT throw. */
  inflateNow(): void
}

/** What may come out in one turn of the loop: two or three milliseconds' worth. */
const BYTES_PER_TURN = 1024 * 1024

/** What a message costs, however small, in bytes that could have come out in that time. */
const BYTES_PER_MESSAGE = 8 * 1024

/**
 * How much is inflated in one turn of the event loop, over all connections. A few bytes can ask for a megabyte, and a
 * chunk holds hundreds of such messages: whoever comes when a turn's share is used up waits for the next one, in order,
 * and is not read from meanwhile.
 */
export class InflateTurns {
  #left = BYTES_PER_TURN
  #queue: Inflater[] = []
  #scheduled = false

  /** Whether somebody may inflate now, and nobody waits who came before. */
  get isOpen(): boolean {
    return this.#left > 0 && this.#queue.length === 0
  }

  /** Takes note of what a message has come to. */
  spend(bytes: number): void {
    this.#left -= bytes + BYTES_PER_MESSAGE
    this.#schedule()
  }

  /** Asks for a turn, once. */
  wait(inflater: Inflater): void {
    this.#queue.push(inflater)
    this.#schedule()
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(this.#onImmediate)
  }

  readonly #onImmediate = (): void => {
    this.#scheduled = false
    this.#left = BYTES_PER_TURN
    const queue = this.#queue
    let served = 0
    while (served < queue.length && this.#left > 0) {
      ;(queue[served++] as Inflater).inflateNow()
    }
    this.#queue = queue.slice(served)
    if (this.#queue.length > 0) this.#schedule()
  }
}

/** Those of this thread's loop. */
export const inflateTurns = new InflateTurns()
