import { closeCodes, closeReason } from '@partyline/protocol'
import type { Heartbeat, Pulse } from '../heartbeat.ts'
import type { Connection } from '../websocket/connection.ts'
import type { ClientTransport, TransportEnd } from './client-transport.ts'

/** When a client that does not read may come back. */
const COME_BACK_MS = 1_000

/** A client's lane over a WebSocket connection, looked at by the heartbeat. */
export class WebSocketTransport implements ClientTransport, Pulse {
  readonly name = 'websocket'
  onMessage: (data: string | Buffer) => void = () => {}
  onWritable: () => void = () => {}
  onEnding: () => void = () => {}
  onClose: (code: number, end: TransportEnd) => void = () => {}
  onError: (error: unknown) => string = () => ''
  readonly #connection: Connection
  readonly #heartbeat: Heartbeat
  /** What is sent as a ping where a client cannot see ping frames. */
  readonly #pings: readonly Buffer[] | undefined
  #slow = false
  #held = false
  #end: TransportEnd = 'transport close'

  constructor(connection: Connection, heartbeat: Heartbeat, pings: readonly Buffer[] | undefined) {
    this.#connection = connection
    this.#heartbeat = heartbeat
    this.#pings = pings
    connection.onMessage = (data) => this.onMessage(data)
    connection.onWritable = () => this.onWritable()
    connection.onEnding = () => this.onEnding()
    connection.onError = (error) => this.onError(error)
    connection.onClose = (code) => {
      heartbeat.remove(this)
      this.onClose(code, this.#end)
    }
    heartbeat.add(this)
  }

  get writable(): boolean {
    return this.#connection.writable
  }

  get unsentBytes(): number {
    return this.#connection.unsentBytes
  }

  get outgoingMark(): number {
    return this.#connection.outgoingMark
  }

  get chunksRead(): number {
    return this.#connection.chunksRead
  }

  get paused(): boolean {
    return this.#slow || this.#held
  }

  write(frames: readonly Buffer[]): void {
    this.#connection.write(frames)
  }

  pause(): void {
    this.#slow = true
    this.#connection.pause()
  }

  resume(): void {
    this.#slow = false
    if (!this.paused) this.#connection.resume()
  }

  hold(): void {
    this.#held = true
    this.#connection.pause()
  }

  release(): void {
    this.#held = false
    if (!this.paused) this.#connection.resume()
  }

  /** Begins the closing handshake; nothing more is heard of the client but `onClose`. */
  close(code: number, reason: string): void {
    this.#heartbeat.remove(this)
    this.#connection.close(code, reason)
  }

  terminate(): void {
    this.#connection.terminate()
  }

  ping(): void {
    if (this.#pings === undefined) this.#connection.ping()
    else this.#connection.write(this.#pings)
  }

  onSilent(): void {
    this.#end = 'ping timeout'
    this.#connection.terminate()
  }

  onStuck(): void {
    this.#end = 'transport error'
    this.close(closeCodes.try_later.code, closeReason('nothing is read', COME_BACK_MS))
  }
}
