import { connect, type Socket } from 'node:net'
import { close, Opcode, type ServerFrame, takeFrames } from './frame.ts'
import { until } from './until.ts'

/** How a peer asks for a WebSocket. */
export interface UpgradeRequest {
  readonly path?: string
  /** Whole lines, such as `Origin: http://evil.example`. */
  readonly headers?: readonly string[]
  readonly host?: string
}

/** The head of a request for a WebSocket that nothing is wrong with, up to the empty line. */
export function upgradeHead({ path = '/', headers = [], host = 'localhost' }: UpgradeRequest = {}): string {
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...headers,
  ]
  return `${lines.join('\r\n')}\r\n\r\n`
}

/** A request, with its body. */
export function httpRequest(method: string, path: string, headers: readonly string[], body = ''): string {
  const length = body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]
  return `${[`${method} ${path} HTTP/1.1`, ...headers, ...length].join('\r\n')}\r\n\r\n${body}`
}

/** A peer on a bare TCP connection, that sends what it likes and notes what comes back. It never answers by itself. */
export class Peer {
  readonly socket: Socket
  /** The server's FIN or RST has come. */
  isOver = false
  /** The status of the HTTP answer; undefined until it is there. */
  status: number | undefined
  /** The head of the answer, and its body as far as it came: all there is of what is no WebSocket. */
  answer = ''
  readonly frames: ServerFrame[] = []
  /** What is done with a frame that has come; it is noted where nobody says otherwise. */
  onFrame = (frame: ServerFrame): void => {
    this.frames.push(frame)
  }
  #isWebSocket = false
  #rest: Buffer = Buffer.alloc(0)

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (bytes: Buffer) => this.#read(bytes))
    socket.on('error', () => {})
    for (const event of ['end', 'close']) {
      socket.on(event, () => {
        this.isOver = true
      })
    }
  }

  static tcp(port: number): Promise<Peer> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.off('error', reject)
        resolve(new Peer(socket))
      })
    })
  }

  /** A peer whose upgrade the server has answered, with whatever status. */
  static async asking(port: number, request: UpgradeRequest = {}): Promise<Peer> {
    const peer = await Peer.tcp(port)
    peer.send(upgradeHead({ host: `127.0.0.1:${port}`, ...request }))
    await peer.answered()
    return peer
  }

  /** A peer on an open WebSocket. */
  static async webSocket(port: number, request: UpgradeRequest = {}): Promise<Peer> {
    const peer = await Peer.asking(port, request)
    if (peer.status !== 101) throw new Error(`upgrade answered with ${peer.answer}`)
    return peer
  }

  send(...pieces: readonly (string | Uint8Array)[]): void {
    const bytes = pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece))
    if (!this.socket.destroyed) this.socket.write(bytes.length === 1 ? (bytes[0] as Uint8Array) : Buffer.concat(bytes))
  }

  answered(): Promise<void> {
    return until(() => this.status !== undefined || this.isOver, 'the request is answered')
  }

  over(): Promise<void> {
    return until(() => this.isOver, 'the server lets go of the connection')
  }

  /** The texts that came, in order. */
  get texts(): string[] {
    return this.frames.filter(({ opcode }) => opcode === Opcode.text).map(({ payload }) => payload.toString())
  }

  get pongs(): string[] {
    return this.frames.filter(({ opcode }) => opcode === Opcode.pong).map(({ payload }) => payload.toString())
  }

  /** Every close frame that came: there is never more than one. */
  get closes(): { code: number | undefined; reason: string }[] {
    return this.frames
      .filter(({ opcode }) => opcode === Opcode.close)
      .map(({ payload }) => ({
        code: payload.length < 2 ? undefined : payload.readUInt16BE(),
        reason: payload.subarray(2).toString(),
      }))
  }

  get closeCode(): number | undefined {
    return this.closes[0]?.code
  }

  /** Waits for the close frame, or for the end without one, and answers its code. */
  async closed(): Promise<number | undefined> {
    await until(() => this.closes.length > 0 || this.isOver, 'the server closes')
    return this.closeCode
  }

  async texted(count: number): Promise<string[]> {
    await until(() => this.texts.length >= count || this.isOver, `${count} texts have come`)
    return this.texts
  }

  /** Says goodbye, where it is on an open WebSocket: nothing waits for it to come back. */
  async leave(): Promise<void> {
    if (!this.#isWebSocket || this.isOver) return
    this.send(close(1000))
    await this.over()
  }

  /** Is gone at once: RST. */
  async drop(): Promise<void> {
    if (this.socket.closed) return
    const gone = new Promise((resolve) => this.socket.once('close', resolve))
    this.socket.resetAndDestroy()
    await gone
  }

  #read(bytes: Buffer): void {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes])
    if (this.#isWebSocket) this.#takeFrames(all)
    else this.#takeAnswer(all)
  }

  #takeAnswer(bytes: Buffer): void {
    this.#rest = bytes
    const end = bytes.indexOf('\r\n\r\n')
    if (end < 0) return
    this.answer = bytes.toString('latin1')
    this.status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(this.answer)?.[1])
    if (this.status !== 101) return
    this.answer = bytes.toString('latin1', 0, end + 4)
    this.#isWebSocket = true
    this.#takeFrames(bytes.subarray(end + 4))
  }

  #takeFrames(bytes: Buffer): void {
    const { frames, rest } = takeFrames(bytes)
    for (const frame of frames) this.onFrame(frame)
    this.#rest = rest
  }
}
