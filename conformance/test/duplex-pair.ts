import { Duplex } from 'node:stream'

/** One end of a pair: every write of one is a chunk that the other reads, at its own pace. */
class Side extends Duplex {
  other: Side | undefined
  #onRead: (() => void) | undefined

  override _read(): void {
    const proceed = this.#onRead
    this.#onRead = undefined
    proceed?.()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const other = this.other
    if (other === undefined || other.destroyed) done()
    else {
      other.#onRead = done
      other.push(chunk)
    }
  }

  override _final(done: () => void): void {
    this.#endOther()
    done()
  }

  /** As TCP does: the other reads what was written and then the end, and what it writes on is lost. */
  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#endOther()
    this._read()
    done(error)
  }

  #hasEnded = false

  #endOther(): void {
    if (!this.#hasEnded && this.other?.destroyed === false) this.other.push(null)
    this.#hasEnded = true
  }
}

/** Two ends of a connection within this process: what chunks a reader gets is up to the writer. */
export function duplexPair(): readonly [Duplex, Duplex] {
  const [one, two] = [new Side(), new Side()]
  one.other = two
  two.other = one
  return [one, two]
}
