import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Sender } from '../../broker.ts'
import type { Core } from '../../core.ts'
import type { Gate } from '../../guard/gate.ts'
import type { ResolvedOptions } from '../../options.ts'
import type { RuledNamespace } from '../../protocols/requests.ts'

/** What the HTTP API needs of those who keep count of all clients. */
export interface HttpClients {
  /** Streams and parked polls. */
  httpCount: number
  /** Our own fault: logs it, and answers the id of the log line. */
  report(error: unknown, where: string): string
}

export interface HttpApiContext {
  readonly core: Core
  readonly options: ResolvedOptions
  readonly gate: Gate
  readonly namespaces: ReadonlyMap<string, RuledNamespace>
  /** The path below which everything is the API's. */
  readonly path: string
  readonly clients: HttpClients
}

/** One request, and who asks in which namespace. */
export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly query: URLSearchParams
  readonly namespace: RuledNamespace
  readonly user: Sender
}
