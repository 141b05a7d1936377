import { type Mode, pingText } from '@partyline/protocol'
import type { Core } from './core.ts'
import type { Handshake } from './handshake.ts'
import type { Heartbeat } from './heartbeat.ts'
import type { ResolvedOptions } from './options.ts'
import type { ClientPort, NamespacePort } from './protocols/client.ts'
import type { PlainContext } from './protocols/plain/peer.ts'
import { PlainClient } from './protocols/plain/plain-client.ts'
import { QuietLog } from './quiet-log.ts'
import { WebSocketTransport } from './transports/websocket.ts'
import type { Connection } from './websocket/connection.ts'
import { textFrame } from './websocket/frame.ts'

/** A browser cannot see ping frames, and must notice a dead line too. */
const strictPings = [textFrame(pingText)]

/** Everybody who is connected. */
export class Clients {
  /** Streams and polls of the HTTP API; counted there. */
  httpCount = 0
  readonly #plain = new Set<PlainClient>()
  readonly #context: PlainContext
  readonly #heartbeat: Heartbeat
  readonly #failures: QuietLog
  #strict = 0

  constructor(options: ResolvedOptions, core: Core, report: (error: unknown, where: string) => string) {
    const { hub, sessions, presence, requests } = core
    this.#heartbeat = core.heartbeat
    this.#failures = new QuietLog(options.clock, (why, untold) =>
      options.logger.warn({ why, untold }, `a client was closed: ${why}`),
    )
    const { clock, heartbeatMs, maxPayloadBytes, connectTimeoutMs, maxRoomsPerClient } = options
    this.#context = {
      hub,
      sessions,
      presence,
      requests,
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

  get count(): { total: number; lenient: number; strict: number; http: number } {
    const websocket = this.#plain.size
    const http = this.httpCount
    return { total: websocket + http, lenient: websocket - this.#strict, strict: this.#strict, http }
  }

  /** A plain client has come over WebSocket. */
  open(connection: Connection, namespace: NamespacePort, handshake: Handshake, mode: Mode): void {
    const transport = new WebSocketTransport(
      connection,
      this.#heartbeat,
      mode === 'strict' ? strictPings : undefined,
      this.#failures,
    )
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
