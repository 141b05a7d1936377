/** Who has more to read than a turn of the loop had time for. */
export interface Reader {
  /** Its turn has come. It MUST NOT throw. */
  goOn(): void
}

/** What is read and worked on in one turn of the loop, over all connections, may take so long. */
const TURN_MS = 8

/** So many messages of a chunk are worked on before anybody looks at the clock. */
const MESSAGES_BETWEEN_LOOKS = 32

/**
 * How long one turn of the event loop reads, over all connections. A chunk holds thousands of small messages, or hundreds
 * that inflate to a megabyte each, and a turn reads a chunk of everybody who has sent one: who has more when the time is
 * over waits for the next turn, in order, and is not read from meanwhile. Those who sent little never wait.
 */
export class ReadTurns {
  readonly #now: () => number
  /** A turn whose time is counted: from the first look at the clock to the next immediate. */
  #isCounted = false
  #began = 0
  #messages = 0
  readonly #waiting = new Set<Reader>()

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** A chunk begins: its first messages are worked on whatever time it is. */
  beginChunk(): void {
    this.#messages = 0
  }

  /** After a message of it: whether the next one may follow in this turn. */
  hasTimeForNext(): boolean {
    if (++this.#messages < MESSAGES_BETWEEN_LOOKS) return true
    this.#messages = 0
    return this.hasTime()
  }

  /** Whether this turn may go on: who asks first begins it. */
  hasTime(): boolean {
    const now = this.#now()
    if (!this.#isCounted) {
      this.#began = now
      this.#count()
    }
    return now - this.#began < TURN_MS
  }

  /** Asks for a turn, once. */
  wait(reader: Reader): void {
    this.#waiting.add(reader)
    if (!this.#isCounted) this.hasTime()
  }

  /** It needs no turn any more. */
  leave(reader: Reader): void {
    this.#waiting.delete(reader)
  }

  #count(): void {
    this.#isCounted = true
    setImmediate(this.#onImmediate)
  }

  readonly #onImmediate = (): void => {
    this.#isCounted = false
    for (const reader of this.#waiting) {
      if (!this.hasTime()) break
      this.#waiting.delete(reader)
      reader.goOn()
    }
  }
}

/** Those of this thread's loop. */
export const readTurns = new ReadTurns()
