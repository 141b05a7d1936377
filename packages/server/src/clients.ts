import { pingText } from '@partyline/protocol'
import type { Core } from './core.ts'
import type { ResolvedOptions } from './options.ts'
import type { ClientPort, NamespacePort } from './protocols/client.ts'
import type { PlainContext } from './protocols/plain/peer.ts'
import { PlainClient } from './protocols/plain/plain-client.ts'
import { QuietLog } from './quiet-log.ts'
import type { ClientCount } from './stats.ts'
import { type WebSocketContext, WebSocketTransport } from './transports/websocket.ts'
import type { Arrival } from './transports/websocket-upgrades.ts'
import { textFrame } from './websocket/frame.ts'

/** A browser cannot see ping frames, and must notice a dead line too. */
const strictPings = [textFrame(pingText)]

/** Everybody who is connected. */
export class Clients {
  /** Streams and parked polls of the HTTP API; counted there. */
  readonly openAnswers = { sse: 0, longPoll: 0 }
  readonly #plain = new Set<PlainClient>()
  readonly #context: PlainContext
  readonly #webSocket: WebSocketContext
  #strict = 0

  constructor(options: ResolvedOptions, core: Core, report: (error: unknown, where: string) => string) {
    const { hub, sessions, presence, requests, authentication } = core
    const failures = new QuietLog(options.clock, (why, untold) =>
      options.logger.warn({ why, untold }, `a client was closed: ${why}`),
    )
    this.#webSocket = { heartbeat: core.heartbeat, failures }
    const { clock, heartbeatMs, maxPayloadBytes, connectTimeoutMs, maxRoomsPerClient, rates } = options
    this.#context = {
      hub,
      sessions,
      presence,
      requests,
      authentication,
      rates,
      clock,
      heartbeatMs,
      maxPayloadBytes,
      connectTimeoutMs,
      maxRoomsPerClient,
      // A socket's id is random: which one is asked for makes no difference.
      keepsOwnRooms: (namespace) => namespace.rules.of('an id').keep !== false,
      report,
      onGone: (client) => this.#forget(client),
    }
  }

  /** How many there are, by how their messages travel and by what these mean. */
  get count(): ClientCount {
    const websocket = this.#plain.size
    const { sse, longPoll } = this.openAnswers
    return {
      total: websocket + sse + longPoll,
      byTransport: { websocket, sse, longPoll },
      byProtocol: { lenient: websocket - this.#strict, strict: this.#strict, http: sse + longPoll },
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

  #forget(client: ClientPort): void {
    if (client instanceof PlainClient && this.#plain.delete(client) && client.mode === 'strict') this.#strict--
  }

  /** Our own fault: logs it, and answers the id of the log line. */
  report(error: unknown, where: string): string {
    return this.#context.report(error, where)
  }

  closeAll(code: number, reason: string): void {
    for (const client of this.#plain) client.close(code, reason)
  }
}
