import type { Duplex } from 'node:stream'
import type { Flush } from '../flush.ts'
import { CloseCode, isCloseCode } from './close-code.ts'
import type { ResolvedConnectionOptions, SendOptions } from './connection-options.ts'
import { State } from './connection-state.ts'
import { binaryFrame, closeFrame, pingFrame, pongFrame, textFrame } from './frame.ts'
import type { MessageSink } from './message-assembler.ts'
import type { MessageDeflate } from './message-deflate.ts'
import { Outgoing } from './outgoing.ts'
import { giveBackParser, type Parser, takeParser } from './parser.ts'
import { PeerTimer } from './peer-timer.ts'
import { ProtocolError } from './protocol-error.ts'
import { type Reader, readTurns } from './read-turns.ts'
import { listenTo, type StreamListener } from './stream-listeners.ts'
import type { Terms } from './terms.ts'

/**
 * One WebSocket connection, server side, over any duplex whose handshake is done.
 *
 * Its owner assigns the `on…` fields in the turn it gets the connection: bytes are read from the next one on.
 */
export class Connection implements StreamListener, MessageSink, Reader {
  /** The sub-protocol that was agreed on, or ''. */
  readonly protocol: string

  /** Whatever the owner wants to find here again: the handlers below are called with the connection as `this`. */
  owner: unknown = undefined
  /** A message: a string for text, a Buffer of its own for binary. A handler that throws closes the connection with 1011. */
  onMessage: (data: string | Buffer) => void = nothing
  /**
   * Called exactly once, when nothing can be sent or will be received any more. The peer's code and reason; 1005
   * where it named none; 1006 where it went without a close frame; our own where it broke a rule.
   */
  onClose: (code: number, reason: string) => void = nothing
  /** The stream has drained: `writable` is true again. */
  onWritable: () => void = nothing
  /** The peer will be answered for the last time, now: what is still to be said must be given to `write` or `send`. */
  onEnding: () => void = nothing
  /** A handler threw this, and the connection closes with 1011: a string that is returned becomes the reason. */
  onError: (error: unknown) => unknown = warn

  /** Why it was ended where the peer broke a rule or we are at fault: words of ours, for a log. */
  failure: string | undefined
  /** Chunks read so far: changes with every sign of life. */
  chunksRead = 0

  readonly #stream: Duplex
  readonly #options: ResolvedConnectionOptions
  readonly #flush: Flush
  /** What goes out. For owners that write often: one step less than by the connection. */
  readonly outgoing: Outgoing
  /** There from the first byte of a message to its last: an idle connection has none. */
  #parser: Parser | undefined
  /** No more frames are wanted now. */
  #stopped = false
  /** How messages are compressed; undefined where they are not. */
  readonly deflate: MessageDeflate | undefined

  #state: number = State.open
  #reported = false
  #paused = false
  /** The rest of a chunk that was given back to the stream: to read it again is no sign of life. */
  #restBytes = 0

  #controlFrames = 0
  #controlSince = 0

  /** Runs only while a message is unfinished, or while the connection closes. */
  #timer: PeerTimer | undefined

  constructor(stream: Duplex, options: ResolvedConnectionOptions, flush: Flush, terms: Terms = {}) {
    this.protocol = terms.protocol ?? ''
    this.#stream = stream
    this.#options = options
    this.#flush = flush
    this.outgoing = new Outgoing(stream, flush)
    this.deflate = terms.deflate
    listenTo(stream, this)
  }

  /** True while the connection is open and the stream wants no pause. */
  get writable(): boolean {
    return this.outgoing.writable
  }

  /** Bytes that were accepted and are not known to have left: exact to a write that is under way. */
  get unsentBytes(): number {
    return this.outgoing.unsentBytes
  }

  /** Changes whenever bytes leave for the kernel; compare two of them, nothing else. */
  get outgoingMark(): number {
    return this.outgoing.mark
  }

  /** Writes whole frames at once, in one write, ahead of what waits for the flush. Ignored when the connection is not open. */
  write(frames: readonly Buffer[]): void {
    this.outgoing.write(frames)
  }

  /** Queues a message: all of one turn go out in one write. Ignored when the connection is not open. */
  send(data: string | Uint8Array, options?: SendOptions): void {
    if (this.#state !== State.open) return
    if (this.deflate === undefined) this.outgoing.queue(typeof data === 'string' ? textFrame(data) : binaryFrame(data))
    else this.outgoing.queue(this.deflate.frame(data, options?.compress))
  }

  /** Queues a ping. Whether it was answered is seen by `chunksRead`, as any byte is a sign of life. */
  ping(): void {
    if (this.#state === State.open) this.outgoing.queue(pingFrame)
  }

  /**
   * Delivers no more messages, not even from the chunk at hand, and stops reading. The stream holds the rest of that
   * chunk and what it reads before it notices: one chunk and its high-water mark.
   */
  pause(): void {
    if (this.#state !== State.open || this.#paused) return
    this.#paused = true
    this.#stopReading()
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    if (this.#state >= State.leaving) return
    // The silence was ours.
    this.#timer?.moved()
    if (this.deflate?.isHolding) readTurns.wait(this)
    else this.#readOn()
  }

  #stop(stopped: boolean): void {
    this.#stopped = stopped
    if (this.#parser !== undefined) this.#parser.decoder.stopped = stopped
  }

  #stopReading(): void {
    this.#stop(true)
    this.#stream.pause()
  }

  #readOn(): void {
    this.#stop(false)
    this.#stream.resume()
  }

  /**
   * Begins the closing handshake: sends what is pending and a close frame, delivers nothing more, and waits for the
   * peer's for `closeTimeoutMs`. The reason is cut at 123 bytes. `null`: without a code. Throws a `RangeError` for a code
   * that may not be sent.
   */
  close(code: number | null = CloseCode.normal, reason = ''): void {
    if (code !== null && !isCloseCode(code)) {
      throw new RangeError(`${code} cannot be sent as a close code: use 1000, or 3000 to 4999`)
    }
    if (this.#state !== State.open) return
    this.outgoing.writeLast(code === null ? closeFrame() : closeFrame(code, reason))
    this.#moveTo(State.closing)
    this.#startTimer(this.#options.closeTimeoutMs)
    // The answer must be read.
    this.#paused = false
    this.#readOn()
  }

  /** Ends the connection without a word. `onClose` follows, with 1006 unless it was called before. */
  terminate(): void {
    if (this.#state < State.leaving) this.#moveTo(State.leaving)
    this.#stop(true)
    this.#stream.destroy()
  }

  /** @internal */
  receiveMessage(data: string | Buffer): void {
    if (this.#state !== State.open) return
    this.onMessage(data)
    if (!readTurns.hasTimeForNext()) this.#wait()
  }

  /** @internal */
  receiveCompressed(opcode: number, bytes: Buffer, start: number, end: number): void {
    if (this.#state !== State.open) return
    const data = this.deflate?.receive(opcode, bytes, start, end)
    // What stands behind a message that waits is looked at when it has been delivered: nothing overtakes it.
    if (data === undefined) this.#wait()
    else this.onMessage(data)
  }

  /** Reads no more in this turn of the loop. */
  #wait(): void {
    if (this.#state !== State.open || this.#paused) return
    this.#stopReading()
    readTurns.wait(this)
  }

  /** @internal */
  goOn(): void {
    if (this.#state !== State.open || this.#paused) return
    try {
      if (this.deflate?.isHolding) this.onMessage(this.deflate.inflateHeld())
    } catch (error) {
      this.#caught(error)
    }
    if (this.#state !== State.open || this.#paused) return
    this.#stop(false)
    // Now, while it is our turn: `resume` alone would let all who wait read in one.
    this.#stream.read()
    if (!this.#stopped) this.#stream.resume()
  }

  /** @internal */
  receivePing(bytes: Buffer, start: number, end: number): void {
    this.#countControlFrame()
    if (this.#state === State.open) this.outgoing.queuePong(pongFrame(bytes, start, end))
  }

  /** @internal */
  receivePong(): void {
    this.#countControlFrame()
  }

  /** @internal */
  receiveClose(code: number, reason: string): void {
    this.#stop(true)
    if (this.#state === State.open) this.#ending()
    // What ended may have been closed by its owner in that moment.
    if (this.#state === State.open) this.outgoing.writeLast(code === CloseCode.none ? closeFrame() : closeFrame(code))
    this.#leave(code, reason)
  }

  /** Away from `open`, never back. */
  #moveTo(state: number): void {
    this.#state = state
    this.outgoing.open = false
    this.deflate?.letGo()
    readTurns.leave(this)
  }

  #countControlFrame(): void {
    const now = this.#options.clock.now()
    if (now - this.#controlSince >= 1_000) {
      this.#controlSince = now
      this.#controlFrames = 0
    }
    if (++this.#controlFrames > this.#options.maxControlFramesPerSecond) {
      throw new ProtocolError(CloseCode.policy, 'too many control frames')
    }
  }

  /** The peer broke a rule, or we are at fault: nothing more of its is looked at. */
  #fail(code: number, reason: string): void {
    this.failure = reason
    this.#stop(true)
    if (this.#state === State.open) this.#ending()
    if (this.#state === State.open) this.outgoing.writeLast(closeFrame(code, this.#options.isTerse ? '' : reason))
    this.#leave(code, reason)
  }

  #ending(): void {
    try {
      this.onEnding()
    } catch (error) {
      this.#report(error)
    }
  }

  /** Shuts down our side, reads out the peer's for a bounded time, and lets go of the stream first. */
  #leave(code: number, reason: string): void {
    if (this.#state >= State.leaving) return
    this.#moveTo(State.leaving)
    this.#stream.end()
    this.#stream.resume()
    this.#startTimer(this.#options.closeTimeoutMs)
    this.#closed(code, reason)
  }

  #closed(code: number, reason: string): void {
    if (this.#reported) return
    this.#reported = true
    try {
      this.onClose(code, reason)
    } catch (error) {
      this.#report(error)
    }
  }

  #report(error: unknown): string {
    const reason = this.onError(error)
    return typeof reason === 'string' ? reason : 'internal error'
  }

  /** @internal */
  read(chunk: Buffer): void {
    if (chunk.length > this.#restBytes) this.chunksRead++
    this.#restBytes = 0
    if (this.#state < State.leaving) {
      this.#decode(chunk)
      if (this.#state === State.open) this.#watch()
    }
    this.#flush.onRead()
  }

  #decode(chunk: Buffer): void {
    this.#parser ??= takeParser(this, this.#options)
    const { decoder } = this.#parser
    decoder.stopped = this.#stopped
    readTurns.beginChunk()
    try {
      const done = decoder.push(chunk)
      if (done < chunk.length && this.#state === State.open) {
        this.#restBytes = chunk.length - done
        this.#stream.unshift(chunk.subarray(done))
      }
    } catch (error) {
      this.#caught(error)
    }
  }

  /** The one place where it is decided what follows from what a peer or a handler did wrong. */
  #caught(error: unknown): void {
    if (error instanceof ProtocolError) this.#fail(error.code, error.message)
    else this.#fail(CloseCode.internalError, this.#report(error))
  }

  /** Sees to it that a timer runs while a frame or a message is unfinished, and only then. */
  #watch(): void {
    const parser = this.#parser as Parser
    const { assembler, decoder } = parser
    if (parser.isIdle) {
      this.#parser = undefined
      giveBackParser(parser)
      this.#timer?.stop()
      this.#timer = undefined
      return
    }
    // Control frames in between are no progress of the message.
    if (this.#timer === undefined) this.#startTimer(this.#options.messageTimeoutMs)
    else if (!assembler.insideMessage || assembler.moved || decoder.insideDataFrame) this.#timer.moved()
    assembler.moved = false
  }

  #startTimer(ms: number): void {
    this.#timer ??= new PeerTimer(this.#options.clock, () => this.#onTime())
    this.#timer.start(ms)
  }

  #onTime(): void {
    // Where we did not read the peer had no chance.
    if (this.#paused) this.#timer?.moved()
    if (this.#state !== State.open) this.terminate()
    else if (this.#timer?.isOver(this.#options.messageTimeoutMs)) {
      this.#fail(CloseCode.tryAgainLater, 'message not finished in time')
    }
  }

  /** @internal */
  drained(): void {
    this.outgoing.drained()
    if (this.#state !== State.open) return
    try {
      this.onWritable()
    } catch (error) {
      this.#fail(CloseCode.internalError, this.#report(error))
    }
  }

  /** @internal What the peer asked for before is still answered, and nothing after. */
  ended(): void {
    if (this.#state === State.open) {
      this.#ending()
      if (this.#state === State.open) this.outgoing.flush()
    }
    this.#leave(CloseCode.abnormal, '')
  }

  /** @internal */
  gone(): void {
    this.#timer?.stop()
    this.#parser = undefined
    this.#moveTo(State.gone)
    this.#stop(true)
    this.outgoing.discard()
    this.#closed(CloseCode.abnormal, '')
  }
}

function nothing(): void {}

/** Where nobody asked for errors they are seen at least, and the process lives. */
function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error))
}
