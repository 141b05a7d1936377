import { Duplex } from 'node:stream'

/** One end of a connection in memory. What is written to it is read at the other end, as copies and under back-pressure. */
export class DuplexEnd extends Duplex {
  other: DuplexEnd | undefined
  #written: (() => void) | undefined

  constructor() {
    super({ allowHalfOpen: true, autoDestroy: true, highWaterMark: 16_384 })
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    this.#hand(Buffer.from(chunk), callback)
  }

  override _writev(chunks: { chunk: Buffer; encoding: BufferEncoding }[], callback: () => void): void {
    this.#hand(Buffer.concat(chunks.map(({ chunk }) => chunk)), callback)
  }

  override _final(callback: () => void): void {
    this.#hand(null, callback)
  }

  override _read(): void {
    const { other } = this
    if (other === undefined) return
    const written = other.#written
    other.#written = undefined
    written?.()
  }

  /** The cable is cut at both ends, as after an RST. */
  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    const { other } = this
    if (other !== undefined && !this.readableEnded && !other.destroyed) process.nextTick(() => other.destroy())
    callback(error)
  }

  #hand(chunk: Buffer | null, callback: () => void): void {
    if (this.other?.destroyed !== false || this.other.push(chunk) || chunk === null) callback()
    else this.#written = callback
  }
}

/** Two ends of one connection in memory. */
export function duplexPair(): [DuplexEnd, DuplexEnd] {
  const ends: [DuplexEnd, DuplexEnd] = [new DuplexEnd(), new DuplexEnd()]
  ends[0].other = ends[1]
  ends[1].other = ends[0]
  return ends
}
