import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { retryAfterFrom } from '@partyline/protocol'
import type { Transport } from '../../hub/transport.ts'
import { overloadedText } from './overloaded.ts'

/** What of Node's own handle is looked at, where a socket has one. */
interface HandledSocket {
  readonly _handle?: { readonly writeQueueSize?: number } | null
}

/** The body of an endless answer, as a one-way lane. */
export class SseTransport implements Transport {
  /** No more is written. What was is still on its way. */
  onEnd: () => void = () => {}
  readonly #response: ServerResponse
  readonly #socket: Socket
  #ended = false

  /** The socket is the request's: the response's own is gone when it has ended. */
  constructor(response: ServerResponse, socket: Socket) {
    this.#response = response
    this.#socket = socket
  }

  get writable(): boolean {
    return !this.#ended && !this.#response.destroyed && !this.#response.writableNeedDrain
  }

  get unsentBytes(): number {
    return this.#response.writableLength
  }

  /** Changes whenever bytes leave: Node tells when a whole write is out, and its handle how far the present one is. */
  get outgoingMark(): number {
    const queued = (this.#socket as HandledSocket)._handle?.writeQueueSize ?? 0
    return this.#socket.bytesWritten - this.#socket.writableLength - queued
  }

  write(frames: readonly Buffer[]): void {
    if (this.#ended || this.#response.destroyed) return
    this.#response.write(frames.length === 1 ? frames[0] : Buffer.concat(frames))
  }

  /** Nothing is read but the request. */
  pause(): void {}
  resume(): void {}

  close(code: number, reason: string): void {
    if (this.#ended) return
    if (code === 1013 && this.writable) this.#response.write(overloadedText(retryAfterFrom(reason)))
    this.#ended = true
    // this connection has been a stream: nobody waits for it to be something else
    this.#response.end(() => this.#socket.destroySoon())
    this.onEnd()
  }

  terminate(): void {
    this.#socket.destroy()
  }
}
