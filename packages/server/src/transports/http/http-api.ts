import type { IncomingMessage, ServerResponse } from 'node:http'
import { RequestError } from '@partyline/protocol'
import { newGuest } from '../../guest.ts'
import { bearerOf, isSecure } from '../../handshake.ts'
import type { RuledNamespace } from '../../protocols/requests.ts'
import { ClientGone } from '../body.ts'
import { answerAndClose, answerJson, answerProblem, comesTooLate } from './answer.ts'
import type { Exchange, HttpApiContext } from './context.ts'
import { allowOrigin, answerOptions } from './cors.ts'
import { answerEvents } from './events.ts'
import { OpenAnswers } from './open-answers.ts'
import { textOf } from './query.ts'
import { answerHistory, answerPresence, answerPublish } from './room-answers.ts'
import { type Resource, resourceOf, type Target, targetOf } from './target.ts'

/** What may be done with each resource. */
const METHODS = {
  index: ['GET', 'HEAD', 'OPTIONS'],
  events: ['GET', 'HEAD', 'OPTIONS'],
  publications: ['GET', 'HEAD', 'POST', 'OPTIONS'],
  presence: ['GET', 'HEAD', 'OPTIONS'],
} as const satisfies Record<Resource['kind'], readonly string[]>

/** What there is, below the API's path. */
const resources = ['events', 'rooms/<room>/publications', 'rooms/<room>/presence']

/** `Authorization: Bearer`, then the query's `token`. */
function tokenOf({ headers }: IncomingMessage, query: URLSearchParams): string | undefined {
  return bearerOf(headers.authorization) ?? textOf(query, 'token')
}

/** The plain protocol over HTTP (docs/PROTOCOL.md), below one path of a server. */
export class HttpApi {
  readonly #context: HttpApiContext
  readonly #prefix: string
  readonly #open: OpenAnswers

  constructor(context: HttpApiContext) {
    this.#context = context
    this.#open = new OpenAnswers(context.clients)
    const path = context.path.replace(/^\/+|\/+$/g, '')
    this.#prefix = path === '' ? '' : `/${path}`
  }

  /** Answers a request, now or later; false where it is not below the API's path. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const target = targetOf(request.url ?? '', this.#prefix)
    if (target === undefined) return false
    if (comesTooLate(request)) return true
    // Both only say that the client is gone, and `close` follows.
    request.on('error', () => {})
    response.on('error', () => {})
    response.setHeader('X-Content-Type-Options', 'nosniff')
    if (this.#open.closing) response.setHeader('Connection', 'close')
    this.#answer(target, request, response).catch((error) => this.#fail(error, request, response))
    this.#context.core.flush.onRead() // many readable connections must not hold up what others are to be written
    return true
  }

  /** Ends all streams and polls. */
  close(): void {
    this.#open.close()
  }

  async #answer({ path, query }: Target, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { gate, options, admission, core } = this.#context
    const refusal = gate.refusalOf(request.rawHeaders, isSecure(request.socket))
    if (refusal !== undefined) throw new RequestError('forbidden', refusal)
    allowOrigin(response, gate.originOf(request.rawHeaders), options.cors.credentials === true)
    if (request.method === 'OPTIONS') return answerOptions(response)
    const resource = resourceOf(path)
    if (resource === undefined) {
      throw new RequestError('not_found', `there are ${resources.join(', ')}`)
    }
    this.#checkMethod(resource, request.method ?? 'GET', response)
    const address = admission.addressOf(request.socket.remoteAddress ?? '', request.rawHeaders)
    if (request.method === 'POST') admission.post(address)
    const namespace = this.#namespaceOf(textOf(query, 'namespace'))
    const who = await core.authentication.identify(tokenOf(request, query), {
      namespace: namespace.name,
      handshake: undefined,
    })
    const { user, expiresAt } = who ?? { user: newGuest(textOf(query, 'name')), expiresAt: undefined }
    await this.#dispatch(resource, { request, response, query, namespace, user, expiresAt, address })
  }

  #checkMethod({ kind }: Resource, method: string, response: ServerResponse): void {
    const allowed: readonly string[] = METHODS[kind]
    if (allowed.includes(method)) return
    response.setHeader('Allow', allowed.join(', '))
    throw new RequestError('method_not_allowed', `use ${allowed.join(', ')}`)
  }

  #namespaceOf(name = '/'): RuledNamespace {
    const { namespaces } = this.#context
    const namespace = namespaces.get(name.startsWith('/') ? name : `/${name}`)
    if (namespace !== undefined) return namespace
    throw new RequestError('not_found', `there is no such namespace here; there are: ${namespaces.names.join(', ')}`)
  }

  async #dispatch(resource: Resource, exchange: Exchange): Promise<void> {
    const context = this.#context
    if (resource.kind === 'index') answerJson(exchange.response, 200, JSON.stringify({ resources }), {})
    else if (resource.kind === 'events') await answerEvents(context, this.#open, exchange)
    else if (resource.kind === 'presence') await answerPresence(context, exchange, resource.room)
    else if (exchange.request.method === 'POST') await answerPublish(context, exchange, resource.room)
    else await answerHistory(context, exchange, resource.room)
  }

  /** The one place where what a request did wrong is caught. */
  #fail(error: unknown, request: IncomingMessage, response: ServerResponse): void {
    if (error instanceof ClientGone || response.destroyed) return
    const refused = error instanceof RequestError ? error : this.#ownFault(error)
    const { clock, closeTimeoutMs } = this.#context.options
    if (response.headersSent) {
      response.destroy()
      return
    }
    if (this.#open.closing) response.setHeader('Connection', 'close')
    if (refused.code === 'unauthorized') response.setHeader('WWW-Authenticate', 'Bearer')
    if (refused.code === 'too_large') answerAndClose(request, response, refused, clock, closeTimeoutMs)
    else answerProblem(response, refused)
  }

  #ownFault(error: unknown): RequestError {
    const id = this.#context.clients.report(error, 'a request over HTTP')
    return new RequestError('internal', `our fault, log line ${id}`)
  }
}
