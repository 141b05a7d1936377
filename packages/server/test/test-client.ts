import type { ClientRequestArgs } from 'node:http'
import { afterEach } from 'vitest'
import WebSocket from 'ws'

// biome-ignore lint/suspicious/noExplicitAny: what a test is told it looks at by itself
export type Heard = any

interface Waiting {
  readonly fits: (message: Heard) => boolean
  readonly resolve: (message: Heard) => void
  readonly reject: (error: Error) => void
}

const opened = new Set<TestClient>()
afterEach(() => {
  for (const client of opened) client.drop()
  opened.clear()
})

/** A plain client of a test's: it says what it is told to, and hands out what it heard in the order it came. */
export class TestClient {
  readonly socket: WebSocket
  /** Everything heard so far, as it was written; bytes as Buffers. */
  readonly frames: (string | Buffer)[] = []
  /** The code and the reason of its end. */
  readonly closed: Promise<{ code: number; reason: string }>
  readonly #unread: Heard[] = []
  readonly #waiting: Waiting[] = []
  #lastId = 0

  constructor(socket: WebSocket) {
    this.socket = socket
    socket.on('message', (data, isBinary) => this.#hear(isBinary ? (data as Buffer) : String(data)))
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        for (const { reject } of this.#waiting.splice(0)) reject(new Error(`closed with ${code} ${String(reason)}`))
        resolve({ code, reason: String(reason) })
      })
    })
  }

  #hear(frame: string | Buffer): void {
    this.frames.push(frame)
    const message: Heard = typeof frame === 'string' && frame.startsWith('{"') ? JSON.parse(frame) : frame
    const at = this.#waiting.findIndex(({ fits }) => fits(message))
    if (at < 0) this.#unread.push(message)
    else this.#waiting.splice(at, 1)[0]?.resolve(message)
  }

  /** Says a text as it is, bytes as a binary frame, anything else as JSON. */
  say(message: unknown): void {
    const raw = typeof message === 'string' || message instanceof Uint8Array
    this.socket.send(raw ? message : JSON.stringify(message))
  }

  /** The next message that fits, of those not taken yet: text as it is, JSON as its value, bytes as a Buffer. */
  take(fits: (message: Heard) => boolean = () => true): Promise<Heard> {
    const at = this.#unread.findIndex(fits)
    if (at >= 0) return Promise.resolve(this.#unread.splice(at, 1)[0])
    if (this.socket.readyState === WebSocket.CLOSED) return Promise.reject(new Error('closed, and heard nothing such'))
    return new Promise((resolve, reject) => this.#waiting.push({ fits, resolve, reject }))
  }

  /** Asks with an id of its own, and answers the ack: `{data}`, `{args}` or `{error}`. */
  async ask(message: object): Promise<Heard> {
    const id = `ask ${++this.#lastId}`
    this.say({ ...message, id })
    const { type: _type, id: _id, ...answer } = await this.take((heard) => heard?.type === 'ack' && heard.id === id)
    return answer
  }

  /** What has come and was not taken, once everything said before is worked on and everything of that turn has come. */
  async rest(): Promise<Heard[]> {
    this.say({ type: 'ping' })
    await this.take((heard) => heard?.type === 'pong')
    return this.#unread.splice(0)
  }

  /** Closes as a client does that knows what it wants. */
  close(code?: number): Promise<{ code: number; reason: string }> {
    this.socket.close(code)
    return this.closed
  }

  /** The line breaks. */
  drop(): void {
    this.socket.terminate()
  }
}

/** How a test's client comes. */
export interface ClientOptions {
  /** Offers `partyline.v1`; the client has still to say `connect`. */
  readonly strict?: boolean
  readonly protocols?: readonly string[]
  readonly headers?: ClientRequestArgs['headers']
}

/** Opens a WebSocket. Rejects where the upgrade is refused. */
export async function connect(url: string, options: ClientOptions = {}): Promise<TestClient> {
  const protocols = options.protocols ?? (options.strict === true ? ['partyline.v1'] : [])
  const socket = new WebSocket(url, [...protocols], { headers: options.headers, perMessageDeflate: false })
  const client = new TestClient(socket)
  opened.add(client)
  await new Promise<void>((resolve, reject) => socket.once('open', resolve).once('error', reject))
  return client
}

/** A strict client that is in, and its `welcome`. */
export async function come(url: string, fields: object = {}): Promise<{ client: TestClient; welcome: Heard }> {
  const client = await connect(url, { strict: true })
  client.say({ type: 'connect', ...fields })
  return { client, welcome: await client.take() }
}

/** The status, the body and the headers with which an upgrade is refused. */
export function refusal(
  url: string,
  options: ClientOptions = {},
): Promise<{ status: number | undefined; body: string; headers: Heard }> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, [...(options.protocols ?? [])], { headers: options.headers })
    socket.on('error', () => {})
    socket.on('open', () => {
      socket.terminate()
      reject(new Error('the upgrade was accepted'))
    })
    socket.on('unexpected-response', (_request, response) => {
      let body = ''
      response.on('data', (chunk) => {
        body += String(chunk)
      })
      response.on('end', () => {
        socket.terminate()
        resolve({ status: response.statusCode, body, headers: response.headers })
      })
    })
  })
}
