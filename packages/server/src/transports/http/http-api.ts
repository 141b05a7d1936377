import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clients } from '../../clients.ts'
import type { Core } from '../../core.ts'
import type { Gate } from '../../guard/gate.ts'
import type { ResolvedOptions } from '../../options.ts'
import type { RuledNamespace } from '../../protocols/requests.ts'

export interface HttpApiContext {
  readonly core: Core
  readonly options: ResolvedOptions
  readonly gate: Gate
  readonly namespaces: ReadonlyMap<string, RuledNamespace>
  readonly path: string
  readonly clients: Clients
}

export class HttpApi {
  readonly #context: HttpApiContext
  constructor(context: HttpApiContext) {
    this.#context = context
  }
  handle(request: IncomingMessage, _response: ServerResponse): boolean {
    return request.url?.startsWith(`${this.#context.path}/`) === true
  }
  close(): void {}
}
