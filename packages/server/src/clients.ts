import { pingText } from '@partyline/protocol'
import type { Core } from './core.ts'
import type { Maybe } from './maybe.ts'
import type { ResolvedOptions } from './options.ts'
import type { ClientPort, NamespacePort } from './protocols/client.ts'
import type { PlainContext } from './protocols/plain/peer.ts'
import { PlainClient } from './protocols/plain/plain-client.ts'
import type { SocketIoContext } from './protocols/socket-io/context.ts'
import { customParser, type ParserModule } from './protocols/socket-io/custom-parser.ts'
import { defaultParser } from './protocols/socket-io/default-parser.ts'
import { encoderOf, formsOf, type SocketIoForms } from './protocols/socket-io/forms.ts'
import type { Parser } from './protocols/socket-io/packet.ts'
import { SocketIoConnection } from './protocols/socket-io/socket-io-connection.ts'
import { Offsets, stampedForms } from './protocols/socket-io/stamped-forms.ts'
import { QuietLog } from './quiet-log.ts'
import type { ClientCount } from './stats.ts'
import type { EngineSession } from './transports/engine-io/engine-session.ts'
import { PollingTransport } from './transports/polling.ts'
import { type WebSocketContext, WebSocketTransport } from './transports/websocket.ts'
import type { Arrival } from './transports/websocket-upgrades.ts'
import { textFrame } from './websocket/frame.ts'

/** A browser cannot see ping frames, and must notice a dead line too. */
const strictPings = [textFrame(pingText)]

/** What those who keep count of clients need of their server. */
export interface ClientsServer {
  /** The namespace of that name, made where a dynamic one fits; undefined where there is none. */
  namespaceOf(name: string, auth: Readonly<Record<string, unknown>>): Maybe<NamespacePort | undefined>
  report(error: unknown, where: string): string
}

/** Everybody who is connected. */
export class Clients {
  /** Streams and parked polls of the HTTP API; counted there. */
  readonly openAnswers = { sse: 0, longPoll: 0 }
  readonly #plain = new Set<PlainClient>()
  readonly #socketIo = new Set<SocketIoConnection>()
  readonly #context: PlainContext
  readonly #socketIoContext: SocketIoContext
  readonly #webSocket: WebSocketContext
  #strict = 0

  constructor(options: ResolvedOptions, core: Core, server: ClientsServer) {
    const { hub, sessions, presence, requests, authentication } = core
    const failures = new QuietLog(options.clock, (why, untold) =>
      options.logger.warn({ why, untold }, `a client was closed: ${why}`),
    )
    this.#webSocket = { heartbeat: core.heartbeat, failures }
    const { clock, heartbeatMs, maxPayloadBytes, connectTimeoutMs, maxRoomsPerClient, rates } = options
    const report = (error: unknown, where: string): string => server.report(error, where)
    const shared = {
      ...{ hub, sessions, presence, requests, authentication, rates, clock, maxRoomsPerClient, report },
      // A socket's id is random: which one is asked for makes no difference.
      keepsOwnRooms: (namespace: NamespacePort) => namespace.rules.of('an id').keep !== false,
    }
    this.#context = {
      ...shared,
      heartbeatMs,
      maxPayloadBytes,
      connectTimeoutMs,
      onGone: (client) => this.#forget(client),
    }
    const parser = options.parser === undefined ? defaultParser : customParser(options.parser as ParserModule)
    const { connectionStateRecovery: how } = options
    const offsets = new Offsets(hub.logs.all.length)
    this.#socketIoContext = {
      ...shared,
      parser,
      forms: socketIoForms(parser, how === false ? undefined : offsets, options.roomRequests),
      recovery: how === false ? undefined : { offsets, skipMiddlewares: how === true || how.skipMiddlewares !== false },
      connectTimeoutMs: options.connectTimeout,
      answersRequests: options.roomRequests,
      namespaceOf: (name, auth) => server.namespaceOf(name, auth),
      onGone: (connection) => this.#socketIo.delete(connection),
    }
  }

  /** How many there are, by how their messages travel and by what these mean. */
  get count(): ClientCount {
    const { sse, longPoll } = this.openAnswers
    const plain = this.#plain.size
    let polling = 0
    for (const { session } of this.#socketIo) if (session.lane.name === 'polling') polling++
    for (const { transportName } of this.#plain) if (transportName === 'polling') polling++
    const websocket = plain + this.#socketIo.size - polling
    return {
      total: websocket + polling + sse + longPoll,
      byTransport: { websocket, polling, sse, longPoll },
      byProtocol: {
        lenient: plain - this.#strict,
        strict: this.#strict,
        socketIo: this.#socketIo.size,
        http: sse + longPoll,
      },
    }
  }

  /** A plain client has come over WebSocket. */
  open({ connection, handshake, mode, ticket }: Arrival, namespace: NamespacePort): void {
    const pings = mode === 'strict' ? strictPings : undefined
    const transport = new WebSocketTransport(connection, this.#webSocket, pings, ticket)
    const client = new PlainClient(this.#context, transport, namespace, handshake, mode)
    this.#plain.add(client)
    if (mode === 'strict') this.#strict++
    client.start()
  }

  /** A plain client has come that polls. */
  openPolling(session: EngineSession, namespace: NamespacePort): void {
    const client = new PlainClient(this.#context, new PollingTransport(session), namespace, session.handshake, 'strict')
    this.#plain.add(client)
    this.#strict++
    client.start()
  }

  /** A Socket.IO client has come; it is in no namespace yet. */
  openSession(session: EngineSession): void {
    this.#socketIo.add(new SocketIoConnection(session, this.#socketIoContext))
  }

  #forget(client: ClientPort): void {
    if (client instanceof PlainClient && this.#plain.delete(client) && client.mode === 'strict') this.#strict--
  }

  /** Our own fault: logs it, and answers the id of the log line. */
  report(error: unknown, where: string): string {
    return this.#context.report(error, where)
  }

  closeAll(code: number, reason: string): void {
    for (const client of this.#plain) client.close(code, reason)
    for (const connection of [...this.#socketIo]) connection.shutDown()
  }
}

/** A moved program's clients know no word for a gap, and the names of its rooms are its own. */
function socketIoForms(parser: Parser, offsets: Offsets | undefined, knowsGaps: boolean): SocketIoForms {
  const isJson = parser === defaultParser
  const forms = offsets === undefined ? formsOf(parser) : stampedForms(encoderOf(parser), offsets, isJson)
  return knowsGaps ? forms : new Map([...forms].map(([framing, form]) => [framing, { ...form, endsAtGap: true }]))
}
