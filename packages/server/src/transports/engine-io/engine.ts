import { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { errorCodes, RequestError } from '@partyline/protocol'
import { serialize } from 'cookie'
import cors from 'cors'
import type { Clock } from '../../clock.ts'
import type { AllowRequest, EngineMiddleware, ResolvedEngineOptions } from '../../engine-options.ts'
import type { Flush } from '../../flush.ts'
import type { Admission, Ticket } from '../../guard/admission.ts'
import type { Gate } from '../../guard/gate.ts'
import { factsOf, Handshake, isSecure } from '../../handshake.ts'
import type { Heartbeat } from '../../heartbeat.ts'
import { newId } from '../../ids.ts'
import type { ResolvedConnectionOptions } from '../../websocket/connection-options.ts'
import { inspectUpgrade } from '../../websocket/handshake.ts'
import { openConnection, refuseUpgrade } from '../../websocket/upgrade.ts'
import { ClientFiles } from './client-files.ts'
import { answerRefusal, EngineError, type EngineRefusal, messageOf, refuse } from './engine-errors.ts'
import { type EngineQuery, inspectQuery, inspectRequest, queryOf } from './engine-request.ts'
import { type EngineContext, EngineSession } from './engine-session.ts'
import { messagePacket, webSocketFraming, webSocketTextFraming } from './framing.ts'
import { askEngineMiddlewares, headersOf, upgradeResponse } from './middlewares.ts'
import { PacketId } from './packets.ts'
import { answerEmpty } from './polling-answers.ts'
import { type PollingContext, PollingLane } from './polling-lane.ts'
import { UpgradeProbe } from './upgrade-probe.ts'
import { WebSocketLane } from './websocket-lane.ts'

export interface EngineServer {
  readonly options: ResolvedEngineOptions
  readonly gate: Gate
  readonly admission: Admission
  readonly heartbeat: Heartbeat
  readonly heartbeatMs: number
  readonly heartbeatTimeoutMs: number
  readonly maxPayloadBytes: number
  readonly limits: ResolvedConnectionOptions
  readonly flush: Flush
  readonly clock: Clock
  /** A client has come; it has not said anything yet. */
  readonly onSession: (session: EngineSession) => void
}

/** A request whose query was read, as middlewares know it of Engine.IO: a handshake is one without a `sid`. */
type EngineRequest = IncomingMessage & { _query?: EngineQuery }

/** A session that may be opened. */
interface Admitted {
  readonly id: string
  readonly ticket: Ticket
  readonly handshake: Handshake
}

type Headers = Record<string, string | readonly string[]>

/**
 * Engine.IO v4 on an HTTP server, as `io.engine` shows it: who asks for a session, in which session a request is, and
 * what the application may have a say in. Events: `connection_error`, `initial_headers`, `headers`.
 */
export class Engine extends EventEmitter {
  readonly #server: EngineServer
  readonly #sessions = new Map<string, EngineSession>()
  readonly #tickets = new WeakMap<EngineSession, Ticket>()
  readonly #middlewares: EngineMiddleware[] = []
  /** Middlewares, or `allowRequest`, may have put something on a request that it looks for later. */
  #keepsRequests = false
  readonly #context: EngineContext
  readonly #polling: PollingContext
  readonly #limits: ResolvedConnectionOptions
  /** The stock client, where it is served. */
  readonly #files: ClientFiles | undefined
  readonly #table: Parameters<typeof inspectRequest>[3]

  constructor(server: EngineServer) {
    super()
    this.#server = server
    const { clock, heartbeat, heartbeatMs, heartbeatTimeoutMs, maxPayloadBytes, options } = server
    this.#context = {
      heartbeat,
      heartbeatMs,
      heartbeatTimeoutMs,
      clock,
      onClosed: (session) => this.#forget(session),
    }
    const onHeaders = (headers: Headers, request: IncomingMessage): void => this.#onHeaders(headers, request)
    this.#polling = { clock, maxPayloadBytes, answers: { compressFromBytes: options.compressFromBytes, onHeaders } }
    if (options.allowRequest !== undefined) this.#keepsRequests = true
    this.#limits = { ...server.limits, isTerse: true }
    if (options.serveClient) this.#files = new ClientFiles()
    if (options.cors !== undefined) this.#middlewares.push(cors(options.cors as Parameters<typeof cors>[0]))
    this.#table = { transports: options.transports, sessionOf: (sid) => this.#sessionOf(sid) }
  }

  /** How many sessions there are. */
  get clientsCount(): number {
    return this.#sessions.size
  }

  /** Makes the id of a session; MAY be replaced, and MAY answer a promise. Who knows it can speak in the session. */
  generateId: (request: IncomingMessage) => string | Promise<string> = newId

  /** Asked for every request, upgrades too, before anything else is looked at: an Express middleware. */
  use(middleware: EngineMiddleware): this
  // biome-ignore lint/suspicious/noExplicitAny: Express has types of its own for what it makes of requests
  use(middleware: (request: any, response: any, next: any) => unknown): this
  use(middleware: EngineMiddleware): this {
    this.#middlewares.push(middleware)
    this.#keepsRequests = true
    return this
  }

  /** Answers a request of polling. */
  handleRequest(request: EngineRequest, response: ServerResponse): void {
    request._query = queryOf(request.url ?? '')
    if (this.#middlewares.length === 0) this.#answer(request, response)
    else {
      void askEngineMiddlewares(this.#middlewares, request, response).then(({ refusal, isAnswered }) => {
        if (refusal !== undefined) this.#refuse(request, response, refusal)
        else if (!isAnswered) this.#answer(request, response)
      })
    }
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    if (this.#files?.answer(nameOf(request), request, response)) return
    const asked = this.#inspect(request, response)
    if ('code' in asked) {
      this.#refuse(request, response, asked)
      return
    }
    const { session } = asked
    if (session === undefined) {
      void this.#openPolling(request, response)
      return
    }
    const lane = session.lane as PollingLane
    if (request.method === 'GET') lane.poll(request, response)
    else if (request.method === 'POST') void lane.receive(request, response)
    else answerEmpty(response, 500)
  }

  /** Answers an upgrade. */
  handleUpgrade(request: EngineRequest, stream: Duplex, head: Buffer): void {
    request._query = queryOf(request.url ?? '')
    if (this.#middlewares.length === 0) {
      this.#upgrade(request, stream, head, {})
      return
    }
    const response = upgradeResponse(request)
    void askEngineMiddlewares(this.#middlewares, request, response).then(({ refusal, isAnswered }) => {
      if (refusal !== undefined) this.#refuseUpgrade(request, stream, refusal)
      else if (isAnswered) refuseUpgrade(stream, response.statusCode)
      else this.#upgrade(request, stream, head, headersOf(response))
    })
  }

  #upgrade(request: IncomingMessage, stream: Duplex, head: Buffer, headers: Headers): void {
    const asked = this.#inspect(request, undefined)
    if ('code' in asked) {
      this.#refuseUpgrade(request, stream, asked)
      return
    }
    const { session } = asked
    if (session === undefined) {
      void this.#openWebSocket(request, stream, head, headers)
      return
    }
    const lane = this.#laneOn(request, stream, head, headers)
    if (lane === undefined) return
    const { options, clock } = this.#server
    session.probe = new UpgradeProbe(session, lane, options.upgradeTimeoutMs, clock)
  }

  #inspect(
    request: EngineRequest,
    response: ServerResponse | undefined,
  ): { readonly session: EngineSession | undefined } | EngineRefusal {
    const query = request._query as EngineQuery
    const isUpgrade = response === undefined
    const malformed = inspectQuery(request, query, isUpgrade, this.#table)
    if (malformed !== undefined) return malformed
    const refusal = this.#server.gate.refusalOf(request.rawHeaders, isSecure(request.socket))
    if (refusal !== undefined) {
      return { code: EngineError.forbidden, message: refusal, context: { message: refusal }, status: 403 }
    }
    if (response !== undefined) allowPage(request, response)
    return inspectRequest(request, query, isUpgrade, this.#table)
  }

  #sessionOf(sid: string): EngineSession | undefined {
    const session = this.#sessions.get(sid)
    if (session?.isOverdue !== true) return session
    session.onSilent()
    return this.#sessions.get(sid)
  }

  /** Discards what waits, and closes all sessions. */
  close(): this {
    for (const session of this.#sessions.values()) session.shutDown()
    return this
  }

  // --- handshakes

  async #openPolling(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const admitted = await this.#admit(request)
    if ('code' in admitted) return this.#refuse(request, response, admitted)
    if (response.destroyed) return admitted.ticket.release()
    const { options } = this.#server
    if (options.cookie !== undefined) {
      const { name = 'io', path = '/', httpOnly = true, sameSite = 'lax', ...more } = options.cookie
      const settings = { ...more, httpOnly, sameSite, ...(path === false ? undefined : { path }) }
      response.appendHeader('Set-Cookie', serialize(name, admitted.id, settings))
    }
    const lane = new PollingLane(this.#polling)
    this.#open(admitted, lane, options.upgrades, request)
    lane.poll(request, response)
  }

  async #openWebSocket(request: IncomingMessage, stream: Duplex, head: Buffer, headers: Headers): Promise<void> {
    const admitted = await this.#admit(request)
    if ('code' in admitted) return this.#refuseUpgrade(request, stream, admitted)
    const lane = this.#laneOn(request, stream, head, headers)
    if (lane === undefined) return admitted.ticket.release()
    this.#open(admitted, lane, [], request)
  }

  /** Whether there may be one more, whom the application has its say about, and by which id. */
  async #admit(request: EngineRequest): Promise<Admitted | EngineRefusal> {
    const { admission, options, clock } = this.#server
    const { allowRequest } = options
    const refusal = allowRequest && (await refusalBy(allowRequest, request))
    if (refusal !== undefined) return refusal
    const EIO = request._query?.EIO
    if (EIO !== '4') return refuse(EngineError.unsupportedVersion, { protocol: EIO })
    const address = admission.addressOf(request.socket.remoteAddress ?? '', request.rawHeaders)
    let ticket: Ticket
    try {
      ticket = admission.connection(address)
    } catch (error) {
      if (!(error instanceof RequestError)) throw error
      const { message, code, retryAfterMs } = error
      return {
        code: EngineError.forbidden,
        message,
        context: { message },
        status: errorCodes[code].httpStatus,
        retryAfterMs,
      }
    }
    try {
      const made = this.generateId(request)
      const id = typeof made === 'string' ? made : await made
      if (this.#sessions.has(id)) throw new Error('generateId has made an id that is in use')
      return { id, ticket, handshake: new Handshake(factsOf(request, address), clock.date()) }
    } catch (error) {
      ticket.release()
      return refuse(EngineError.badRequest, { name: 'ID_GENERATION_ERROR', error })
    }
  }

  #open(
    { id, ticket, handshake }: Admitted,
    lane: PollingLane | WebSocketLane,
    upgrades: readonly string[],
    request: IncomingMessage,
  ): void {
    const { heartbeatMs, heartbeatTimeoutMs, maxPayloadBytes, options, onSession } = this.#server
    const session = new EngineSession(id, lane, handshake, this.#context)
    if (this.#keepsRequests) session.request = request
    this.#sessions.set(id, session)
    this.#tickets.set(session, ticket)
    const facts = { sid: id, upgrades, pingInterval: heartbeatMs, pingTimeout: heartbeatTimeoutMs }
    session.say(PacketId.open + JSON.stringify({ ...facts, maxPayload: maxPayloadBytes }))
    if (options.initialPacket !== undefined) session.say(messagePacket(options.initialPacket))
    onSession(session)
    if (this.listenerCount('connection') > 0) this.emit('connection', session.socket)
  }

  #laneOn(request: EngineRequest, stream: Duplex, head: Buffer, headers: Headers): WebSocketLane | undefined {
    const { flush } = this.#server
    const limits = this.#limits
    const upgrade = inspectUpgrade(request, limits.perMessageDeflate)
    if (!upgrade.accepted) {
      refuseUpgrade(stream, upgrade.status, upgrade.body, upgrade.headers)
      return undefined
    }
    this.#onHeaders(headers, request)
    const { key, protocols, deflate } = upgrade
    const connection = openConnection(stream, head, {
      key,
      protocol: protocols[0] ?? '',
      headers,
      deflate,
      limits,
      flush,
    })
    const framing = request._query?.b64 ? webSocketTextFraming : webSocketFraming
    return connection && new WebSocketLane(connection, framing)
  }

  /** The application may change the headers of every answer that lets somebody through. */
  #onHeaders(headers: Headers, request: EngineRequest): void {
    if (request._query?.sid === undefined) this.emit('initial_headers', headers, request)
    this.emit('headers', headers, request)
  }

  // --- refusals and the end

  #refuse(request: IncomingMessage, response: ServerResponse, refusal: EngineRefusal): void {
    this.#tellError(request, refusal)
    answerRefusal(response, refusal)
  }

  #refuseUpgrade(request: IncomingMessage, stream: Duplex, refusal: EngineRefusal): void {
    this.#tellError(request, refusal)
    refuseUpgrade(stream, refusal.status ?? 400, messageOf(refusal))
  }

  #tellError(request: IncomingMessage, refusal: EngineRefusal): void {
    const { code, context } = refusal
    this.emit('connection_error', { req: request, code, message: messageOf(refusal), context })
  }

  #forget(session: EngineSession): void {
    this.#sessions.delete(session.id)
    this.#tickets.get(session)?.release()
    this.#tickets.delete(session)
  }
}

/** Lets a page see the answer that is let in without being named by `cors`, as those of loopback are at loopback. */
function allowPage({ headers: { origin } }: IncomingMessage, response: ServerResponse): void {
  if (origin === undefined || response.hasHeader('Access-Control-Allow-Origin')) return
  response.setHeader('Access-Control-Allow-Origin', origin)
  response.appendHeader('Vary', 'Origin')
}

/** What the application says about a newcomer; where it throws instead, it has not let it in. */
async function refusalBy(allowRequest: AllowRequest, request: IncomingMessage): Promise<EngineRefusal | undefined> {
  try {
    const { message, isAllowed } = await new Promise<{ message: string | null | undefined; isAllowed: boolean }>(
      (resolve) => allowRequest(request, (message, isAllowed) => resolve({ message, isAllowed })),
    )
    if (isAllowed) return undefined
    return { code: EngineError.forbidden, ...(message && { message }), context: { message: message ?? undefined } }
  } catch (error) {
    return refuse(EngineError.forbidden, { name: 'ALLOW_REQUEST_FAILURE', error })
  }
}

/** The last part of a request's path. */
const nameOf = ({ url = '' }: IncomingMessage): string => url.replace(/[?#].*$/s, '').replace(/^.*\//s, '')
