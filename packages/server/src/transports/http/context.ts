import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Sender } from '../../broker.ts'
import type { Core } from '../../core.ts'
import type { Admission } from '../../guard/admission.ts'
import type { Gate } from '../../guard/gate.ts'
import type { PublishRates } from '../../guard/publish-rates.ts'
import type { ResolvedOptions } from '../../options.ts'
import type { RuledNamespace } from '../../protocols/requests.ts'

/** What the HTTP API needs of those who keep count of all clients. */
export interface HttpClients {
  /** Streams and parked polls. */
  readonly openAnswers: Record<AnswerKind, number>
  /** Our own fault: logs it, and answers the id of the log line. */
  report(error: unknown, where: string): string
}

export interface HttpApiContext {
  readonly core: Core
  readonly options: ResolvedOptions
  readonly gate: Gate
  readonly admission: Admission
  readonly namespaces: { readonly names: readonly string[]; get(name: string): RuledNamespace | undefined }
  /** The path below which everything is the API's. */
  readonly path: string
  readonly clients: HttpClients
  /** What those have left who publish without a connection. */
  readonly publishRates: PublishRates
}

/** How what goes on for a while is read. */
export type AnswerKind = 'sse' | 'longPoll'

/** One request, and who asks in which namespace. */
export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly query: URLSearchParams
  readonly namespace: RuledNamespace
  readonly user: Sender
  /** Until when it is this user, in Unix ms. */
  readonly expiresAt: number | undefined
  /** Where the request comes from. */
  readonly address: string
}
