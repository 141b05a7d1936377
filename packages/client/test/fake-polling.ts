import type { FetchLike } from '../src/index.ts'
import { settled } from './fake-clock.ts'
import { epoch, type Message } from './fake-server.ts'

type Answer = Awaited<ReturnType<FetchLike>>

/** One request as the server has it, until it answers. */
export class FakeRequest {
  readonly method: string
  readonly url: string
  readonly body: string | undefined
  readonly keepalive: boolean
  isAborted = false
  #isAnswered = false
  readonly #resolve: (answer: Answer) => void
  readonly #reject: (error: Error) => void

  constructor(
    url: string,
    { method, body, keepalive = false, signal }: Parameters<FetchLike>[1],
    resolve: (answer: Answer) => void,
    reject: (error: Error) => void,
  ) {
    this.method = method
    this.url = url
    this.body = body
    this.keepalive = keepalive
    this.#resolve = resolve
    this.#reject = reject
    signal.addEventListener('abort', () => {
      if (this.#isAnswered) return
      this.isAborted = true
      reject(new DOMException('This operation was aborted', 'AbortError'))
    })
  }

  async answer(text: string, status = 200, headers: Record<string, string> = {}): Promise<void> {
    this.#isAnswered = true
    this.#resolve({ status, headers: new Headers(headers), text: async () => text })
    await settled()
  }

  async fail(message = 'Failed to fetch'): Promise<void> {
    this.#isAnswered = true
    this.#reject(new TypeError(message))
    await settled()
  }
}

/** A server of polling that a test speaks for. */
export class FakePolling {
  readonly requests: FakeRequest[] = []

  readonly fetch: FetchLike = (url, init) =>
    new Promise((resolve, reject) => {
      this.requests.push(new FakeRequest(url, init, resolve, reject))
    })

  /** The last request of this method. */
  last(method: string): FakeRequest {
    const request = this.requests.findLast((each) => each.method === method)
    if (request === undefined) throw new Error(`no ${method} yet`)
    return request
  }

  /** Answers the request for a session. */
  async open(more: Message = {}): Promise<void> {
    await settled()
    await this.last('GET').answer(
      `0${JSON.stringify({ sid: 's 1', upgrades: [], pingInterval: 25_000, pingTimeout: 20_000, maxPayload: 100, ...more })}`,
    )
  }

  /** Answers the GET that waits. */
  async say(...packets: (string | Message)[]): Promise<void> {
    await settled()
    const payload = packets.map((packet) => (typeof packet === 'string' ? packet : `4${JSON.stringify(packet)}`))
    await this.last('GET').answer(payload.join('\x1e'))
  }

  /** Takes the POST that waits, and tells what was in it. */
  async take(): Promise<string[]> {
    await settled()
    const post = this.last('POST')
    await post.answer('ok')
    return post.body?.split('\x1e') ?? []
  }

  /** Lets a client in that has asked for a session; answers what it said to get in. */
  async welcome(more: Message = {}): Promise<Message> {
    await this.open({ maxPayload: 1_000_000 })
    const [connect = ''] = await this.take()
    await this.say({
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
    await this.take() // its ping
    await this.say({ type: 'pong' })
    return JSON.parse(connect.slice(1))
  }
}
