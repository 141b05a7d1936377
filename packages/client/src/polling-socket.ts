import { decodeBase64, encodeBase64, pingText, pongText } from '@partyline/protocol'
import type { Clock } from './clock.ts'
import { messageOf, rethrowLater } from './error.ts'
import type { WebSocketConstructor, WebSocketLike } from './web-socket.ts'

/** As much of `fetch` as polling uses. */
export type FetchLike = (
  url: string,
  init: { method: 'GET' | 'POST'; body?: string; cache: 'no-store'; keepalive?: boolean; signal: AbortSignal },
) => Promise<{ status: number; headers: { get(name: string): string | null }; text(): Promise<string> }>

/** What a polling socket is given of its client's options. */
export interface PollingOptions {
  fetch: FetchLike
  clock: Clock
}

/** The first character of a packet (Engine.IO protocol v4). */
const Packet = { open: '0', close: '1', ping: '2', pong: '3', message: '4', binary: 'b' } as const
/** Between packets. JSON never holds it as it is. */
const separator = '\x1e'
/** What a close frame would say, which polling has none of. */
const closeMessage = '4{"type":"close",'
/** How long a goodbye may take on a line that may be dead. */
const farewellMs = 5_000
const abnormal = 1006
const encoder = new TextEncoder()

/**
 * A WebSocket in all that a client uses of one, over a session that polls (Engine.IO v4): one GET waits for what the
 * server says, one POST after the other brings what is said.
 */
export class PollingSocket implements WebSocketLike {
  binaryType = 'arraybuffer'
  onopen: ((event: never) => void) | null = null
  onmessage: ((event: never) => void) | null = null
  onclose: ((event: never) => void) | null = null
  onerror: ((event: never) => void) | null = null
  #url: string
  #options: PollingOptions
  /** Where the session is, once there is one. */
  #session: string | undefined
  #maxPayloadBytes = 0
  /** Packets that wait for a POST. */
  #queue: string[] = []
  /** Until the queue is empty. */
  #posting: Promise<void> | undefined
  #state: 'open' | 'leaving' | 'closed' = 'open'
  #aborter = new AbortController()

  /** Begins to open the session of a WebSocket's URL. */
  constructor(url: string, options: PollingOptions) {
    const query = `${url.includes('?') ? '&' : '?'}EIO=4&transport=polling`
    this.#url = url.replace(/^ws/, 'http') + query
    this.#options = options
    void this.#run()
  }

  /** Says it with the next POST, which begins with the end of this turn or when the one before it is answered. */
  send(data: string | ArrayBuffer): void {
    if (this.#state !== 'open') return
    if (data === pongText) this.#say(Packet.pong)
    else if (typeof data === 'string') this.#say(Packet.message + data)
    else this.#say(Packet.binary + encodeBase64(new Uint8Array(data)))
  }

  /** Resolves when the server has taken all that was sent, or will take nothing any more. */
  async drained(): Promise<void> {
    await this.#posting
  }

  /** With 1000, or none, it says goodbye behind all that was sent, and ends the session; else it goes without a word. */
  close(code = 1000): void {
    if (this.#state !== 'open') return
    if (code !== 1000 || this.#session === undefined) {
      this.terminate()
      return
    }
    const { clock } = this.#options
    const timer = clock.setTimeout(() => this.terminate(), farewellMs)
    this.#say(Packet.close)
    this.#state = 'leaving'
    void this.drained().then(() => {
      clock.clearTimeout(timer)
      this.#end(1000, '')
    })
  }

  /** Breaks off what is under way. The session stays, for who comes back to it. */
  terminate(): void {
    this.#end(abnormal, '')
  }

  async #run(): Promise<void> {
    try {
      const [open = '', ...packets] = (await this.#ask('GET', this.#url)).split(separator)
      if (open[0] !== Packet.open) throw new Error('no session of polling')
      const { sid, maxPayload } = JSON.parse(open.slice(1))
      this.#maxPayloadBytes = maxPayload
      const session = `${this.#url}&sid=${encodeURIComponent(sid)}`
      this.#session = session
      this.#tell('onopen', {})
      this.#hear(packets)
      while (this.#state === 'open') this.#hear((await this.#ask('GET', session)).split(separator))
    } catch (error) {
      this.#end(abnormal, messageOf(error))
    }
  }

  #hear(packets: string[]): void {
    for (const packet of packets) {
      if (this.#state !== 'open') return
      switch (packet[0]) {
        case Packet.message:
          if (packet.startsWith(closeMessage)) this.#onCloseMessage(packet.slice(1), packets)
          else this.#tell('onmessage', { data: packet.slice(1) })
          break
        case Packet.binary:
          this.#tell('onmessage', { data: bytesOf(packet.slice(1)) })
          break
        case Packet.ping:
          this.#tell('onmessage', { data: pingText })
          break
        case Packet.close:
          this.#end(abnormal, 'the server has ended the session')
        // What is left means nothing here: a noop, and what belongs to an upgrade of the session itself.
      }
    }
  }

  /** The last thing that is said. One more GET takes the close packet, for which the server waits. */
  #onCloseMessage(text: string, packets: string[]): void {
    const { code, reason } = JSON.parse(text)
    this.#end(code, reason)
    if (packets.at(-1) === Packet.close) return
    const { fetch, clock } = this.#options
    const aborter = new AbortController()
    const timer = clock.setTimeout(() => aborter.abort(), farewellMs)
    void fetch(this.#session as string, { method: 'GET', cache: 'no-store', signal: aborter.signal })
      .then((answer) => answer.text())
      .catch(() => {})
      .then(() => clock.clearTimeout(timer))
  }

  #say(packet: string): void {
    this.#queue.push(packet)
    this.#posting ??= this.#post()
  }

  async #post(): Promise<void> {
    await undefined // What is said in the same turn goes along.
    try {
      while (this.#queue.length > 0) {
        await this.#ask('POST', this.#session as string, this.#nextPackets().join(separator))
      }
    } catch (error) {
      this.#end(abnormal, messageOf(error))
    }
    this.#posting = undefined
  }

  /** As many as one POST may hold, and one at least: what is too large is refused before it comes here. */
  #nextPackets(): string[] {
    let bytes = 0
    let count = 0
    for (const packet of this.#queue) {
      bytes += encoder.encode(packet).length + (count > 0 ? 1 : 0)
      if (bytes > this.#maxPayloadBytes && count > 0) break
      count++
    }
    return this.#queue.splice(0, count)
  }

  /** The body of the answer. Rejects where that is not 200. */
  async #ask(method: 'GET' | 'POST', url: string, body?: string): Promise<string> {
    const answer = await this.#options.fetch(url, {
      method,
      ...(body !== undefined && { body }),
      // A page that is being left still says goodbye; browsers let it say 64 KiB.
      ...(this.#state === 'leaving' && body !== undefined && body.length < 20_000 && { keepalive: true }),
      cache: 'no-store',
      signal: this.#aborter.signal,
    })
    const text = await answer.text()
    if (answer.status === 200) return text
    throw new Error(refusalOf(text, answer.status, answer.headers.get('Retry-After')))
  }

  #tell(listener: 'onopen' | 'onmessage' | 'onclose', event: object): void {
    try {
      this[listener]?.(event as never)
    } catch (error) {
      rethrowLater(error)
    }
  }

  #end(code: number, reason: string): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#queue = []
    this.#aborter.abort()
    this.#tell('onclose', { code, reason })
  }
}

/** Opens polling sockets as if they were WebSockets. */
export function pollingWith(options: PollingOptions): WebSocketConstructor {
  return class extends PollingSocket {
    constructor(url: string) {
      super(url, options)
    }
  }
}

/** Bytes of their own: those of Node's decoder lie among others. */
function bytesOf(base64: string): ArrayBuffer {
  const bytes = decodeBase64(base64)
  if (bytes === undefined) throw new Error('no base64')
  return new Uint8Array(bytes).buffer
}

/** What the server says about it, with the delay in front as a close reason has it. */
function refusalOf(text: string, status: number, retryAfterSeconds: string | null): string {
  let words = `answered with ${status}`
  try {
    words = JSON.parse(text).message ?? words
  } catch {
    // Something in between has answered, with a page.
  }
  return retryAfterSeconds !== null && /^\d{1,6}$/.test(retryAfterSeconds)
    ? `retry=${Number(retryAfterSeconds) * 1000} ${words}`
    : words
}
