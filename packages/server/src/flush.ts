/** Something that collects what it has to write during a turn, and writes it when asked. */
export interface Writer {
  /** True while it stands in the list of a {@link Flush}; set and cleared by the flush alone. */
  marked: boolean
  /** Writes everything that is pending, in one write where the stream allows. It MUST NOT throw. */
  flush(): void
}

/** libuv may poll tens of thousands of reads before an immediate runs; after this many a flush does not wait any longer. */
const READS_BEFORE_FORCED = 256

/** Writers served in one go; more of them yield in between, so that others' latency is not a huge broadcast's length. */
const SLICE = 4_000

/**
 * Who has something to be written: one write each per turn of the event loop.
 *
 * Marking a writer asks for one `setImmediate`. Because an immediate runs only after all sockets that are readable
 * have been read, reads are counted too, and the flush is forced once 256 of them have passed since it was asked for.
 */
export class Flush {
  /** Called when everybody in the list has written. */
  onDone: () => void = () => {}
  /** A writer has thrown, which it must not: the others write all the same. */
  onError: (error: unknown) => void = (error) => console.error(error)
  /** Reads passed since a flush was asked for, at most: what the flood benchmark looks at. */
  maxReadsWaited = 0
  #writers: Writer[] = []
  #writing = false
  #asked = false
  /** An immediate is on its way; a forced flush does not ask for another one. */
  #scheduled = false
  #reads = 0
  #held = 0

  /** Puts a writer in the list of this turn, once. */
  mark(writer: Writer): void {
    if (writer.marked) return
    writer.marked = true
    this.#writers.push(writer)
    this.#ask()
  }

  /** Called once for every chunk read from any stream, after it was worked on. */
  onRead(): void {
    if (this.#asked && ++this.#reads >= READS_BEFORE_FORCED) this.now()
  }

  /** While held (an entry is being handed to its readers) nothing is written: `now` waits for the release. */
  hold(): void {
    this.#held++
  }

  /** Ends a {@link hold}. */
  release(): void {
    this.#held--
  }

  /** Lets those write now who were in the list before. Who is marked meanwhile, or beyond a slice, has the next turn. */
  now(): void {
    if (this.#held > 0 || this.#writing) return
    if (this.#reads > this.maxReadsWaited) this.maxReadsWaited = this.#reads
    this.#asked = false
    this.#writing = true
    const count = Math.min(this.#writers.length, SLICE)
    for (let i = 0; i < count; i++) {
      const writer = this.#writers[i] as Writer
      writer.marked = false
      try {
        writer.flush()
      } catch (error) {
        this.onError(error)
      }
    }
    this.#writing = false
    if (count === this.#writers.length) this.#writers.length = 0
    else {
      this.#writers.splice(0, count)
      this.#ask()
    }
    this.onDone()
  }

  #ask(): void {
    if (this.#asked) return
    this.#asked = true
    this.#reads = 0
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(this.#onImmediate)
  }

  readonly #onImmediate = (): void => {
    this.#scheduled = false
    if (this.#asked) this.now()
  }
}
