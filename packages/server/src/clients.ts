import type { Mode } from '@partyline/protocol'
import type { Room } from './broker.ts'
import type { Core } from './core.ts'
import type { Handshake } from './handshake.ts'
import type { ResolvedOptions } from './options.ts'
import type { NamespacePort } from './protocols/client.ts'
import { plainForms } from './protocols/plain/forms.ts'
import { PlainClient, type PlainContext } from './protocols/plain/plain-client.ts'
import type { Connection } from './websocket/connection.ts'

/** What the clients need of the server above them. */
export interface ClientsServer {
  isOwnRoom(room: Room): boolean
  report(error: unknown, where: string): string
}

/** Everybody who is connected. */
export class Clients {
  /** Streams and polls of the HTTP API; counted there. */
  httpCount = 0
  readonly #plain = new Set<PlainClient>()
  readonly #context: PlainContext
  #strict = 0

  constructor(options: ResolvedOptions, core: Core, server: ClientsServer) {
    const { hub, sessions, presence, requests, heartbeat } = core
    const { clock, heartbeatMs, maxPayloadBytes, connectTimeoutMs, maxRoomsPerClient } = options
    this.#context = {
      hub,
      sessions,
      presence,
      requests,
      heartbeat,
      clock,
      heartbeatMs,
      maxPayloadBytes,
      connectTimeoutMs,
      maxRoomsPerClient,
      forms: plainForms((room) => server.isOwnRoom(room)),
      // A socket's id is random: which one is asked for makes no difference.
      keepsOwnRooms: (namespace) => namespace.rules.of('an id').keep !== false,
      report: (error, where) => server.report(error, where),
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
    const client = new PlainClient(this.#context, connection, namespace, handshake, mode)
    this.#plain.add(client)
    if (mode === 'strict') this.#strict++
    client.start()
  }

  #forget(client: PlainClient): void {
    if (this.#plain.delete(client) && client.mode === 'strict') this.#strict--
  }

  closeAll(code: number, reason: string): void {
    for (const client of this.#plain) client.close(code, reason)
  }
}
