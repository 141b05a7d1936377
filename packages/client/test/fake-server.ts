import type { WebSocketConstructor, WebSocketLike } from '../src/web-socket.ts'
import { settled } from './fake-clock.ts'

// biome-ignore lint/suspicious/noExplicitAny: messages as they are on the wire
export type Message = Record<string, any>

export const epoch = 'e1'

/** The server's end of one WebSocket of a client. */
export class FakeSocket implements WebSocketLike {
  binaryType = 'blob'
  onopen: ((event: never) => void) | null = null
  onmessage: ((event: never) => void) | null = null
  onclose: ((event: never) => void) | null = null
  onerror: ((event: never) => void) | null = null
  readonly url: string
  readonly protocol: string
  /** Everything the client said as text. */
  readonly received: Message[] = []
  /** Its binary frames. */
  readonly frames: Uint8Array[] = []
  /** How the client ended it. */
  closedWith: { code: number | undefined } | undefined

  constructor(url: string, protocol: string) {
    this.url = url
    this.protocol = protocol
  }

  send(data: string | ArrayBuffer): void {
    if (typeof data === 'string') this.received.push(JSON.parse(data))
    else this.frames.push(new Uint8Array(data))
  }

  close(code?: number): void {
    this.closedWith = { code }
  }

  open(): void {
    if (this.received.length > 0) throw new Error('opened already')
    this.onopen?.({} as never)
  }

  say(message: Message | string | ArrayBuffer): void {
    const data = typeof message === 'string' || message instanceof ArrayBuffer ? message : JSON.stringify(message)
    this.onmessage?.({ data } as never)
  }

  drop(code = 1006, reason = ''): void {
    this.onclose?.({ code, reason } as never)
  }

  /** What the client said of this type. */
  all(type: string): Message[] {
    return this.received.filter((message) => message.type === type)
  }

  /** The last message of this type. */
  last(type: string): Message {
    const message = this.all(type).at(-1)
    if (message === undefined) throw new Error(`nothing of type ${type} in ${JSON.stringify(this.received)}`)
    return message
  }

  /** Answers the last message of this type. */
  ack(type: string, data?: unknown): void {
    this.say({ type: 'ack', id: this.last(type).id, data })
  }

  refuse(type: string, code: string, retryAfterMs?: number): void {
    this.say({ type: 'ack', id: this.last(type).id, error: { code, message: `${type} refused`, retryAfterMs } })
  }

  publication(room: string, seq: number | undefined, data: unknown, more: Message = {}): void {
    this.say({ type: 'message', room, seq, from: { id: 'ada', name: 'Ada' }, at: 1_000 + (seq ?? 0), data, ...more })
  }

  /** Answers `connect`. */
  welcome(more: Message = {}): void {
    this.say({
      type: 'welcome',
      id: 'socket-1',
      session: 'secret-1',
      epoch,
      rooms: [],
      recovered: false,
      user: { id: 'guest:1', name: 'Ada' },
      heartbeatMs: 25_000,
      maxPayloadBytes: 1_000_000,
      ...more,
    })
  }

  /** Says `pong` to every `ping` that has none yet. */
  pong(): void {
    const pings = this.all('ping').length
    while (this.#pongs < pings) {
      this.#pongs++
      this.say({ type: 'pong' })
    }
  }

  #pongs = 0
}

/** A strict server that a test speaks for. */
export class FakeServer {
  readonly sockets: FakeSocket[] = []
  readonly WebSocket: WebSocketConstructor

  constructor() {
    const { sockets } = this
    this.WebSocket = class extends FakeSocket {
      constructor(url: string, protocol: string) {
        super(url, protocol)
        sockets.push(this)
      }
    }
  }

  get last(): FakeSocket {
    const socket = this.sockets.at(-1)
    if (socket === undefined) throw new Error('no connection yet')
    return socket
  }

  /** Opens what the client has begun to open, and returns it with `connect` received. */
  async accept(): Promise<FakeSocket> {
    await settled()
    const { last } = this
    last.open()
    last.last('connect')
    return last
  }

  /** The same, welcomed; on a return with everything missed already through. */
  async welcome(more: Message = {}): Promise<FakeSocket> {
    const socket = await this.accept()
    socket.welcome(more)
    socket.pong()
    await settled()
    return socket
  }
}
