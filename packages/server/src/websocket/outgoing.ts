import type { Duplex } from 'node:stream'
import type { Flush, Writer } from '../flush.ts'
import { writeFrames } from './write-frames.ts'

/** What of Node's own handle is looked at, where a stream has one. */
interface HandledStream {
  readonly _handle?: { readonly writeQueueSize?: number } | null
}

/** What pongs may come to while the stream is congested: more than a second's worth of the longest. */
const MAX_CONGESTED_PONG_BYTES = 16_384

/** What is pending where nothing is: the same for all, as most are idle. Never written to. */
const nothing: Buffer[] = []

/** What goes out on one connection: frames in the order they were said, in one write per turn. */
export class Outgoing implements Writer {
  /** The flush's. */
  marked = false
  /** The stream has more than it likes, and will say when it has drained. */
  congested = false
  /** False from the closing handshake on: nothing follows our last words. */
  open = true

  readonly #stream: Duplex
  readonly #flush: Flush
  #pending: Buffer[] = nothing
  #pendingBytes = 0
  #acceptedBytes = 0
  /** Pongs queued since the stream is congested. */
  #congestedPongBytes = 0
  /** The answer to the last ping that came behind those. */
  #latePong: Buffer | undefined

  constructor(stream: Duplex, flush: Flush) {
    this.#stream = stream
    this.#flush = flush
  }

  /** True while it is open and the stream wants no pause. */
  get writable(): boolean {
    return this.open && !this.congested
  }

  /** Bytes that were accepted and are not known to have left: exact to a write that is under way. */
  get unsentBytes(): number {
    return this.#pendingBytes + this.#stream.writableLength
  }

  /** Changes whenever bytes leave. */
  get mark(): number {
    // Node tells when a whole write is out, and its handle how far the present one is.
    const handle = (this.#stream as HandledStream)._handle
    return this.#acceptedBytes - this.#stream.writableLength - (handle?.writeQueueSize ?? 0)
  }

  /** Appends a frame to what is written when the turn ends. */
  queue(frame: Buffer): void {
    if (this.#pending === nothing) this.#pending = [frame]
    else this.#pending.push(frame)
    this.#pendingBytes += frame.length
    this.#flush.mark(this)
  }

  /**
   * Appends a pong. A peer that does not read cannot fill us with them: beyond a limit only the last is kept, and goes
   * out when the stream has drained (RFC 6455 section 5.5.3).
   */
  queuePong(pong: Buffer): void {
    if (this.congested) this.#congestedPongBytes += pong.length
    if (this.#congestedPongBytes > MAX_CONGESTED_PONG_BYTES) this.#latePong = pong
    else this.queue(pong)
  }

  /** Writes whole frames at once, in one write, ahead of what waits for the turn's end. Ignored when it is not open. */
  write(frames: readonly Buffer[]): void {
    if (!this.open || frames.length === 0) return
    for (let i = 0; i < frames.length; i++) this.#acceptedBytes += (frames[i] as Buffer).length
    if (!writeFrames(this.#stream, frames)) this.congested = true
  }

  /** Writes what is pending, and this behind it. */
  writeLast(frame: Buffer): void {
    this.write([...this.#take(), frame])
  }

  flush(): void {
    if (this.#pending.length > 0) this.write(this.#take())
  }

  drained(): void {
    this.congested = false
    this.#congestedPongBytes = 0
    if (this.#latePong !== undefined) this.queue(this.#latePong)
    this.#latePong = undefined
  }

  /** Forgets what is pending: nobody is there to read it. */
  discard(): void {
    this.#take()
    this.#latePong = undefined
  }

  /** The list is given away, not emptied: over some streams a write is answered before it returns. */
  #take(): Buffer[] {
    const frames = this.#pending
    this.#pending = nothing
    this.#pendingBytes = 0
    return frames
  }
}
