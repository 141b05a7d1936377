import { EventEmitter } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { requestOf } from '../../socket-request.ts'
import type { EngineSession } from './engine-session.ts'
import { framed, messagePacket } from './framing.ts'
import type { EnginePacket } from './packets.ts'

/** A connection, as applications know it of Engine.IO. */
export interface RawSocket extends EventEmitter {
  readonly id: string
  readonly protocol: number
  readonly readyState: 'open' | 'closing' | 'closed'
  /** How packets travel now. */
  readonly transport: { readonly name: 'polling' | 'websocket'; readonly writable: boolean; readonly protocol: number }
  readonly upgrading: boolean
  readonly upgraded: boolean
  readonly remoteAddress: string
  readonly request: IncomingMessage
  send(data: string | Uint8Array, options?: object, done?: () => void): this
  write(data: string | Uint8Array, options?: object, done?: () => void): this
  close(discard?: boolean): void
}

const typeNames = ['open', 'close', 'ping', 'pong', 'message', 'upgrade', 'noop']

/**
 * A session as applications know it from `socket.conn` and `io.engine.on("connection")`. Made when somebody asks for it.
 * Events: `packet`, `data` and `message`, `heartbeat`, `upgrading` and `upgrade` with the transport, `close` with the reason.
 */
export class EngineSocket extends EventEmitter implements RawSocket {
  readonly protocol = 4
  readonly #session: EngineSession

  constructor(session: EngineSession) {
    super()
    this.#session = session
  }

  /** The session's secret: who knows it can speak in it. */
  get id(): string {
    return this.#session.id
  }

  get readyState(): 'open' | 'closing' | 'closed' {
    return this.#session.readyState
  }

  /** How packets travel now. */
  get transport(): RawSocket['transport'] {
    const { name, writable } = this.#session.lane
    return { name, writable, protocol: 4 }
  }

  get upgrading(): boolean {
    return this.#session.probe !== undefined
  }

  get upgraded(): boolean {
    return this.#session.upgraded
  }

  get remoteAddress(): string {
    return this.#session.handshake.address
  }

  /** The first request: the real one where a middleware has seen it, else what is kept of it. */
  get request(): IncomingMessage {
    return this.#session.request ?? requestOf(this.#session, this.#session.handshake)
  }

  /** `null` lets go of the real one. */
  set request(request: IncomingMessage | null) {
    this.#session.request = request
  }

  /** Sends a message of Engine.IO, beside what Socket.IO says. `done` is called when it was handed on. */
  send(data: string | Uint8Array, _options?: object, done?: () => void): this {
    const { lane } = this.#session
    const packet: EnginePacket = typeof data === 'string' ? messagePacket(data) : Buffer.from(data)
    lane.write([framed(packet, lane.framing)])
    if (done !== undefined) setImmediate(done)
    return this
  }

  /** The same as {@link send}. */
  write(data: string | Uint8Array, options?: object, done?: () => void): this {
    return this.send(data, options, done)
  }

  /** `discard`: what waits is let go of. */
  close(discard = false): void {
    if (discard) this.#session.terminate()
    else this.#session.close()
  }

  /** @internal */
  heard(packet: EnginePacket): void {
    if (typeof packet !== 'string') {
      this.emit('packet', { type: 'message', data: packet })
      this.#tellMessage(packet)
      return
    }
    const type = typeNames[Number(packet[0])] as string
    const data = packet.slice(1)
    this.emit('packet', { type, ...(data !== '' && { data }) })
    if (type === 'pong') this.emit('heartbeat')
    else if (type === 'message') this.#tellMessage(data)
  }

  #tellMessage(data: string | Buffer): void {
    this.emit('data', data)
    this.emit('message', data)
  }
}
