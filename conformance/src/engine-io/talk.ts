import { subjectOf } from '../subject.ts'
import { EngineWebSocket, type Refused, type UpgradeAsk } from './engine-web-socket.ts'
import { type Answer, type Ask, Exchange } from './exchange.ts'
import { Fault, holds, same } from './fault.ts'
import { type OpenFacts, PollingSession, packetsOf } from './polling-session.ts'

/** Names and values; or a query as it is. */
export type Query = Readonly<Record<string, string>> | string

/** One case's conversations with one server. What it leaves open is closed behind it. */
export class Talk {
  readonly url: URL
  readonly patienceMs: number
  readonly #exchanges: Exchange[] = []
  readonly #sockets: EngineWebSocket[] = []

  constructor(url: string, patienceMs: number) {
    this.url = new URL(url)
    this.patienceMs = patienceMs
  }

  /** Any request; a path behind the server's own. */
  ask(ask: Ask, query: Query, path = ''): Exchange {
    return this.askAt(this.#at(query, path), ask)
  }

  askAt(url: URL, ask: Ask = {}): Exchange {
    const exchange = new Exchange(url, ask, this.patienceMs)
    this.#exchanges.push(exchange)
    return exchange
  }

  /** The answer to a GET. */
  get(query: Query, headers: Readonly<Record<string, string>> = {}, path = ''): Promise<Answer> {
    return this.ask({ headers }, query, path).answer()
  }

  /** The answer to a handshake by polling. */
  handshake(query: Readonly<Record<string, string>> = {}, headers: Readonly<Record<string, string>> = {}) {
    return this.get({ EIO: '4', transport: 'polling', ...query }, headers)
  }

  /** A session by polling. */
  async open(query: Readonly<Record<string, string>> = {}): Promise<PollingSession> {
    return new PollingSession(this, openFactsOf(await this.handshake(query)))
  }

  /** A session by polling, in the namespace `/`. */
  async openJoined(): Promise<PollingSession> {
    const session = await this.open()
    await session.join()
    return session
  }

  /** An upgrade, whatever is answered. */
  async askUpgrade(query: Query, ask: UpgradeAsk = {}): Promise<EngineWebSocket | Refused> {
    const { pathname, search, host } = this.#at(query)
    const subject = subjectOf(`ws://${host}${pathname}${search}`)
    const socket = await EngineWebSocket.ask(subject, ask, this.patienceMs)
    if (socket instanceof EngineWebSocket) this.#sockets.push(socket)
    return socket
  }

  /** An upgrade that must be let in. */
  async upgrade(query: Readonly<Record<string, string>> = {}, ask: UpgradeAsk = {}): Promise<EngineWebSocket> {
    const socket = await this.askUpgrade({ EIO: '4', transport: 'websocket', ...query }, ask)
    if (socket instanceof EngineWebSocket) return socket
    throw new Fault(`the upgrade is refused with ${socket.status} ${socket.body}`)
  }

  /** An upgrade that must not be let in: refused before the 101. */
  async refusedUpgrade(query: Query, ask: UpgradeAsk = {}): Promise<Refused> {
    const refused = await this.askUpgrade(query, ask)
    if (refused instanceof EngineWebSocket) throw new Fault('the upgrade is answered 101')
    return refused
  }

  /** An upgrade that must come to nothing: refused, or closed at once. */
  async vainUpgrade(query: Query): Promise<void> {
    const socket = await this.askUpgrade(query)
    if (socket instanceof EngineWebSocket) {
      await socket.send('2probe')
      same(await socket.nextOrEnd(), undefined, 'the answer to a probe')
      await socket.end()
    } else same(socket.status, 400, 'the status of the refusal')
  }

  /** A session by WebSocket; its open packet is read. */
  async openWebSocket(
    query: Readonly<Record<string, string>> = {},
    ask: UpgradeAsk = {},
  ): Promise<EngineWebSocket & { facts: OpenFacts }> {
    const socket = await this.upgrade(query, ask)
    const facts = factsIn(await socket.next())
    return Object.assign(socket, { facts })
  }

  /** A session by WebSocket, in the namespace `/`. */
  async joinedWebSocket(query: Readonly<Record<string, string>> = {}): Promise<EngineWebSocket & { facts: OpenFacts }> {
    const socket = await this.openWebSocket(query)
    await socket.send('40')
    const packet = await socket.next()
    holds(typeof packet === 'string' && packet.startsWith('40{'), `the answer to CONNECT is ${packet}`)
    return socket
  }

  /** The WebSocket to which a session that polls may change, probed. */
  async probe({ sid }: PollingSession, query: Readonly<Record<string, string>> = {}): Promise<EngineWebSocket> {
    const socket = await this.upgrade({ sid, ...query })
    await socket.send('2probe')
    same(await socket.next(), '3probe', 'the answer to the probe')
    return socket
  }

  /** Waits until clients that say nothing have been closed, one after the other: whoever was silent before has had its time. */
  async silence(): Promise<void> {
    for (let i = 0; i < 4; i++) await (await this.openWebSocket()).end()
  }

  /** The server does not know a session. */
  async isUnknown(sid: string): Promise<void> {
    await new PollingSession(this, { sid } as OpenFacts).isUnknown('soon')
  }

  #at(query: Query, path = ''): URL {
    const url = new URL(this.url)
    url.pathname += path
    url.search = typeof query === 'string' ? query : new URLSearchParams(query).toString()
    return url
  }

  /** Lets go of everything. Answers what the server did against the WebSocket protocol. */
  async end(): Promise<string[]> {
    for (const exchange of this.#exchanges) exchange.abort()
    for (const { client } of this.#sockets) client.wire.reset()
    await Promise.all(this.#sockets.map((socket) => socket.drop()))
    return this.#sockets.flatMap(({ client }) => client.violations)
  }
}

/** What the first packet of a handshake's answer tells. */
export function openFactsOf({ status, text }: Answer): OpenFacts {
  same(status, 200, 'the status of the handshake')
  return factsIn(packetsOf(text)[0] as string)
}

function factsIn(packet: string | Buffer): OpenFacts {
  holds(typeof packet === 'string' && packet.startsWith('0{'), `the first packet is ${packet}`)
  return JSON.parse((packet as string).slice(1))
}
