import {
  type ClientPacket,
  closeCodes,
  type ErrorPacket,
  encodeClientPacket,
  type ServerPacket,
  subprotocol,
  type Welcome,
} from '@partyline/protocol'
import type { Credentials } from './authentication.ts'
import { decodeMessage } from './bytes.ts'
import type { Clock } from './clock.ts'
import { errorFrom, messageOf, PartylineError } from './error.ts'
import { isVisible } from './page.ts'
import type { Transport } from './transports.ts'
import type { WebSocketConstructor, WebSocketLike } from './web-socket.ts'

/** What a connection tells. After `onEnd` it tells nothing more. */
export interface ConnectionListener {
  /** The first message, made when the line is open, so that it says what is true then. */
  hello(credentials: Credentials): ClientPacket
  onWelcome(welcome: Welcome): void
  /** Everything has come that the server had to say to the welcome: what was missed, and the gaps. */
  onCaughtUp(): void
  onPacket(packet: ServerPacket): void
  onEnd(end: ConnectionEnd): void
}

/** How a connection ended. */
export interface ConnectionEnd {
  code: number
  reason: string
  /** What the server, or this side, had to say about it before the close. */
  error: PartylineError | undefined
  /** Another attempt would fail the same way. */
  isFinal: boolean
  /** Whether the transport got through to the server. */
  wasReached: boolean
}

export interface ConnectionOptions {
  transport: Transport
  url: string
  connectTimeoutMs: number
  /** How long opening alone may take, where that is less. */
  openTimeoutMs?: number | undefined
  clock: Clock
  findWebSocket: () => Promise<WebSocketConstructor>
  credentials: () => Promise<Credentials>
  /** The line is open: what has to be done before the first word. */
  beforeHello?: () => Promise<void>
}

/** A server that is alive says something each `heartbeatMs`; so much longer may it take (plain protocol, "heartbeat"). */
const heartbeatGraceMs = 20_000
/** How long an answer to a probe may take. */
const probeTimeoutMs = 5_000
/** A timer that fires so much too late tells of a machine that slept: what was sent to it meanwhile may not have been read yet. */
const lateTimerMs = 2_000
const latencyIntervalMs = 10_000
/** Not 1000, which is a goodbye and ends the session, and one that a page may use. */
const abandonedCode = 4000

/** Everything that is waited for. */
type TimerName = 'connect' | 'open' | 'drain' | 'heartbeat' | 'probe' | 'latency'

/** One WebSocket, or what stands in for one, from its opening to its end: the first two messages, the heartbeat, the round trips. */
export class Connection {
  readonly transport: Transport
  latencyMs: number | undefined
  #options: ConnectionOptions
  #listener: ConnectionListener
  #clock: Clock
  #socket: WebSocketLike | undefined
  #welcome: Welcome | undefined
  #ended = false
  #isReached = false
  #heardAtMs = 0
  #messages = 0
  /** Why the server does not let this client in: a close follows. */
  #refusal: PartylineError | undefined
  #pongs: (() => void)[] = []
  #timers = new Map<TimerName, unknown>()

  constructor(options: ConnectionOptions, listener: ConnectionListener) {
    this.transport = options.transport
    this.#options = options
    this.#listener = listener
    this.#clock = options.clock
    this.#after('connect', options.connectTimeoutMs, () => {
      // There are proxies that let a WebSocket open and nothing through.
      if (this.#messages === 0) this.#isReached = false
      this.abandon(`not welcomed within ${options.connectTimeoutMs} ms`)
    })
    void this.#open()
  }

  /** Sends one message. What is sent to a line that is breaking is lost, and asked for again after the return. */
  send(packet: ClientPacket): void {
    this.sendMessage(encodeClientPacket(packet))
  }

  /** Text, or the bytes of a binary frame. */
  sendMessage(message: string | ArrayBuffer): void {
    if (!this.#ended) this.#socket?.send(message)
  }

  /** How long this message may be, once the server has said so. */
  maxBytesOf(message: string | ArrayBuffer): number {
    const bytes = this.#welcome?.maxPayloadBytes ?? Number.POSITIVE_INFINITY
    if (this.transport === 'websocket') return bytes
    // In the body of a POST it has a character in front, and bytes are base64.
    return typeof message === 'string' ? bytes - 1 : Math.floor((bytes - 1) / 4) * 3
  }

  /** Resolves when the server has taken all that was sent, where the transport can know that, or the time is over. */
  async drained(limitMs: number): Promise<void> {
    const drained = this.#socket?.drained?.()
    const late = new Promise<void>((resolve) => this.#after('drain', limitMs, resolve))
    await Promise.race([drained, late])
    this.#stop('drain')
  }

  /** Asks for a pong. It comes behind everything that the server had to say before. */
  ping(onPong: () => void): void {
    this.#pongs.push(onPong)
    this.send({ kind: 'ping' })
  }

  /** Makes sure within seconds that the line still stands. */
  probe(): void {
    if (this.#welcome === undefined || this.#timers.has('probe')) return
    const askedAtMs = this.#clock.now()
    let isAnswered = false
    this.ping(() => {
      isAnswered = true
    })
    this.#after('probe', probeTimeoutMs, () => {
      if (!isAnswered && this.#heardAtMs <= askedAtMs) this.abandon('no answer')
    })
  }

  /** Gives the line up. The session stays, so that the client can come back to it. */
  abandon(reason: string, code: number = closeCodes.abnormal.code): void {
    const socket = this.#detach()
    try {
      if (socket?.terminate) socket.terminate()
      else socket?.close(abandonedCode, reason.slice(0, 30))
    } catch {
      // A socket that does not even close is no less gone.
    }
    this.#end({ code, reason })
  }

  /** Says goodbye: the server ends the session at once. Nothing is told of it. */
  leave(): void {
    this.#ended = true
    this.#stopTimers()
    this.#detach()?.close(closeCodes.normal.code)
  }

  async #open(): Promise<void> {
    try {
      const WebSocket = await this.#options.findWebSocket()
      const credentials = await this.#credentials()
      if (this.#ended || credentials === undefined) return
      this.#attach(new WebSocket(this.#options.url, subprotocol), credentials)
    } catch (error) {
      const reason = this.#withoutQuery(messageOf(error))
      const known = error instanceof PartylineError ? error : new PartylineError('disconnected', reason)
      this.#end({ code: closeCodes.abnormal.code, reason, error: known, isFinal: true })
    }
  }

  /** A token that cannot be had now may be had later. */
  async #credentials(): Promise<Credentials | undefined> {
    try {
      return await this.#options.credentials()
    } catch (error) {
      const known = error instanceof PartylineError ? error : undefined
      this.#end({ code: closeCodes.abnormal.code, reason: messageOf(error), error: known })
      return undefined
    }
  }

  /** The words of a platform may show the URL, and its query a token. */
  #withoutQuery(words: string): string {
    const { search } = new URL(this.#options.url)
    return search === '' ? words : words.replaceAll(search, '?…')
  }

  #attach(socket: WebSocketLike, credentials: Credentials): void {
    this.#socket = socket
    const { openTimeoutMs, beforeHello } = this.#options
    if (openTimeoutMs !== undefined) {
      this.#after('open', openTimeoutMs, () => this.abandon(`not opened within ${openTimeoutMs} ms`))
    }
    socket.binaryType = 'arraybuffer'
    socket.onopen = () => {
      this.#stop('open')
      this.#isReached = true
      if (beforeHello === undefined) this.#hello(credentials)
      else void beforeHello().then(() => this.#hello(credentials))
    }
    socket.onmessage = (event: { data: unknown }) => this.#receive(event.data)
    socket.onclose = (event: { code: number; reason: string }) => {
      this.#end({ code: event.code, reason: event.reason || this.#refusal?.message || '', error: this.#refusal })
    }
    socket.onerror = ignore // A close follows, and says as much as a browser tells.
  }

  #hello(credentials: Credentials): void {
    if (!this.#ended) this.send(this.#listener.hello(credentials))
  }

  #receive(data: unknown): void {
    this.#heardAtMs = this.#clock.now()
    this.#messages++
    let packet: ServerPacket
    try {
      packet = decodeMessage(data)
    } catch (error) {
      this.abandon(`not understood: ${messageOf(error)}`, closeCodes.protocol_error.code)
      return
    }
    switch (packet.kind) {
      case 'ping':
        this.send({ kind: 'pong' })
        return
      case 'pong':
        this.#pongs.shift()?.()
        return
      case 'welcome':
        this.#onWelcome(packet)
        return
      default:
        if (packet.kind === 'error' && this.#isRefusal(packet)) this.#refusal = errorFrom(packet.error)
        else this.#listener.onPacket(packet)
    }
  }

  /** It is about the connection as a whole, and not about something that was asked on it. */
  #isRefusal({ request }: ErrorPacket): boolean {
    return this.#welcome === undefined || request === 'connect'
  }

  #onWelcome(welcome: Welcome): void {
    if (this.#welcome !== undefined) return
    this.#welcome = welcome
    this.#stop('connect')
    this.#watch(this.#heardAtMs + welcome.heartbeatMs + heartbeatGraceMs)
    this.#askFirst()
    this.#listener.onWelcome(welcome)
  }

  /** Before anything else is said, so that the pong stands behind what was missed, and before all that follows. */
  #askFirst(): void {
    const sentAtMs = this.#clock.now()
    const messagesBefore = this.#messages
    this.ping(() => {
      this.#listener.onCaughtUp()
      // Behind a replay it says nothing about the line.
      if (this.#messages > messagesBefore + 1) this.#measure()
      else this.#measured(sentAtMs)
    })
  }

  #watch(dueAtMs: number): void {
    this.#after('heartbeat', dueAtMs - this.#clock.now(), () => {
      const nextMs = this.#heardAtMs + (this.#welcome?.heartbeatMs ?? 0) + heartbeatGraceMs
      const nowMs = this.#clock.now()
      if (nextMs > nowMs) {
        this.#watch(nextMs)
      } else if (nowMs - dueAtMs > lateTimerMs) {
        this.probe()
        this.#watch(nowMs + probeTimeoutMs + lateTimerMs)
      } else {
        this.abandon('nothing heard any more')
      }
    })
  }

  #measure(): void {
    const sentAtMs = this.#clock.now()
    this.ping(() => this.#measured(sentAtMs))
  }

  #measured(sentAtMs: number): void {
    this.latencyMs = this.#clock.now() - sentAtMs
    this.#measureLater()
  }

  #measureLater(): void {
    this.#after('latency', latencyIntervalMs, () => (isVisible() ? this.#measure() : this.#measureLater()))
  }

  #end({ error, isFinal = false, ...end }: Partial<ConnectionEnd> & Pick<ConnectionEnd, 'code' | 'reason'>): void {
    if (this.#ended) return
    this.#ended = true
    this.#stopTimers()
    this.#detach()
    this.#listener.onEnd({ ...end, error, isFinal, wasReached: this.#isReached })
  }

  /** From here on the socket is not listened to. Not null, because an error without a listener is thrown in Node. */
  #detach(): WebSocketLike | undefined {
    const socket = this.#socket
    if (socket !== undefined) {
      socket.onopen = ignore
      socket.onmessage = ignore
      socket.onclose = ignore
      socket.onerror = ignore
      this.#socket = undefined
    }
    return socket
  }

  #after(name: TimerName, delayMs: number, callback: () => void): void {
    this.#stop(name)
    if (this.#ended) return
    const timer = this.#clock.setTimeout(() => {
      this.#timers.delete(name)
      callback()
    }, delayMs)
    this.#timers.set(name, timer)
  }

  #stop(name: TimerName): void {
    if (!this.#timers.has(name)) return
    this.#clock.clearTimeout(this.#timers.get(name))
    this.#timers.delete(name)
  }

  #stopTimers(): void {
    for (const name of this.#timers.keys()) this.#stop(name)
  }
}

function ignore(): void {}
