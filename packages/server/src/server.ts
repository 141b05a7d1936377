import type { Server as HttpServer, IncomingMessage } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import { Clients } from './clients.ts'
import { Core } from './core.ts'
import type { DefaultEventsMap } from './events.ts'
import { HttpDoor } from './http-door.ts'
import { newId } from './ids.ts'
import type { Namespace } from './namespace.ts'
import { type NamespaceOptions, Namespaces } from './namespaces.ts'
import { adapterRefusal, type ResolvedOptions, resolveOptions, type ServerOptions } from './options.ts'
import type { NamespaceMatch, ParentNamespace } from './parent-namespace.ts'
import { Rules } from './rules.ts'
import { ServerRoot } from './server-root.ts'
import type { Socket } from './socket.ts'
import type { ServerStats } from './stats.ts'
import type { Engine } from './transports/engine-io/engine.ts'

/** Where a server listens: on an application's own HTTP or HTTPS server, or on a port with one that it makes. */
export type Attachable = HttpServer | HttpsServer | number | string

/**
 * A server on which bare WebSocket clients, Socket.IO's and plain HTTP clients meet in the same rooms. `new
 * Server(httpServer)` goes along with an application's own server, `new Server(3000)` makes one, `new Server()` waits for `attach` or `listen`.
 */
export class Server<
  ListenEvents = DefaultEventsMap,
  EmitEvents = ListenEvents,
  ServerSideEvents = DefaultEventsMap,
  // biome-ignore lint/suspicious/noExplicitAny: as with Socket.IO, data is the application's
  SocketData = any,
> extends ServerRoot<ListenEvents, EmitEvents, ServerSideEvents, SocketData> {
  readonly options: ResolvedOptions
  /** The namespace `/`. */
  readonly sockets: Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>
  readonly #core: Core
  readonly #namespaces: Namespaces<ListenEvents, EmitEvents, ServerSideEvents, SocketData>
  readonly #clients: Clients
  readonly #door: HttpDoor

  constructor(options?: ServerOptions)
  constructor(server: Attachable | undefined, options?: ServerOptions)
  constructor(first?: Attachable | ServerOptions, second?: ServerOptions) {
    super()
    const given = isAttachable(first) ? first : undefined
    const options = second ?? (given === undefined ? (first as ServerOptions | undefined) : undefined)
    this.options = resolveOptions(options ?? {})
    const rules = new Rules(this.options.rooms)
    this.#core = new Core(this.options, (name) => this.#namespaces.all.get(name)?.rules ?? rules)
    const report = this.report.bind(this)
    const { hub, requests } = this.#core
    const { clock, cleanupEmptyChildNamespaces } = this.options
    this.#namespaces = new Namespaces(
      { hub, requests, clock, server: this, report },
      { rules, cleanupEmptyChildNamespaces },
    )
    this.sockets = this.of('/')
    const namespaceOf = (name: string, auth: Readonly<Record<string, unknown>>) => this.#namespaces.find(name, auth)
    this.#clients = new Clients(this.options, this.#core, { namespaceOf, report })
    this.#door = new HttpDoor(this.options, this.#core, this.#clients, this.#namespaces)
    if (given !== undefined) this.attach(given)
  }

  /** The HTTP server it listens on. */
  get httpServer(): HttpServer | undefined {
    return this.#door.httpServer
  }

  /** Goes along with a server that serves other things too; what is not ours is left alone. A port as by {@link listen}. */
  attach(server: Attachable, options?: never): this {
    refuseOptions(options)
    if (typeof server === 'number' || typeof server === 'string') return this.listen(server)
    this.#door.attach(httpServerOf(server))
    return this
  }

  /** Makes a server of its own and listens; 404 for everything else. Port 0 is any free one. A server as by {@link attach}. */
  listen(port: Attachable, host?: string, onListening?: () => void): this {
    if (typeof port !== 'number' && typeof port !== 'string') return this.attach(port)
    refuseOptions(host)
    this.#door.listen(portOf(port), host, onListening)
    return this
  }

  /**
   * A namespace, made where there is none; `chat` means `/chat`. By a pattern or a function: namespaces that are made when
   * a client asks for them. A function behind it is told of every connection, as by `on`.
   */
  of(
    name: string,
    how?: NamespaceOptions | ((socket: Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>) => unknown),
  ): Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>
  of(
    match: NamespaceMatch,
    onConnection?: (socket: Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>) => unknown,
  ): ParentNamespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>
  of(
    name: string | NamespaceMatch,
    how: NamespaceOptions | ((socket: Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>) => unknown) = {},
  ):
    | Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>
    | ParentNamespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData> {
    const namespace =
      typeof name === 'string'
        ? this.#namespaces.of(fullName(name), typeof how === 'function' ? {} : how)
        : this.#namespaces.ofMatch(matchOf(name))
    if (typeof how === 'function') namespace.on('connection', how as never)
    return namespace
  }

  /**
   * Why a request may not come in by its `Host` and `Origin`, as for our own; undefined where it may. For an application's
   * routes; `host`: for those whose answers any page may read.
   */
  refusalOf(request: IncomingMessage, by?: 'host'): string | undefined {
    return this.#door.refusalOf(request, by)
  }

  /** Engine.IO under Socket.IO's clients: middlewares, errors of connections. Throws where these are not served. */
  get engine(): Engine {
    const { engine } = this.#door
    if (engine === undefined) throw new TypeError('there is no engine: the option "path" says not to serve Socket.IO')
    return engine
  }

  /** All namespaces by name, as tools look for them. */
  get _nsps(): ReadonlyMap<string, Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>> {
    return this.#namespaces.all
  }

  /** The path of Socket.IO's clients. Options are read here, and given to the constructor. */
  path(given?: never): string {
    refuseSetting(given)
    return this.options.path === false ? '' : this.options.path.replace(/\/$/, '')
  }

  /** Whether the stock client is served. */
  serveClient(given?: never): boolean {
    refuseSetting(given)
    return this.#door.engine !== undefined && this.options.engine.serveClient
  }

  /** How long a Socket.IO client may be in no namespace, in ms. */
  connectTimeout(given?: never): number {
    refuseSetting(given)
    return this.options.connectTimeout
  }

  /** Socket.IO's adapters are not taken: throws with what is in their place. */
  adapter(_given?: unknown): never {
    throw new TypeError(adapterRefusal)
  }

  /** How many are here, and what is kept. */
  get stats(): ServerStats {
    const { hub, log, store, sessions, presence, flush } = this.#core
    return {
      clients: this.#clients.count,
      rooms: hub.roomCount,
      sessions: sessions.held,
      suspended: store.ending,
      publications: hub.stats.delivered,
      deliveries: hub.stats.deliveries,
      presenceRooms: presence.roomCount,
      kept: log.stats,
      maxReadsWaited: flush.maxReadsWaited,
    }
  }

  /** Closes everybody with 1001, waits for them at most `closeTimeoutMs`, and closes the HTTP server. */
  async close(done?: (error?: Error) => void): Promise<void> {
    const closed = this.#door.close()
    this.#clients.closeAll(1001, 'the server stops')
    const error = await closed
    this.#core.close()
    done?.(error)
  }

  /** Logs what was our own fault or an application's, and answers the id of the log line. Nothing of a peer's stands in it. */
  report(error: unknown, where: string): string {
    const id = newId().slice(0, 8)
    const stack = error instanceof Error ? error.stack : String(error)
    this.options.logger.error({ id, where, error: stack }, `${id}: ${where} failed`)
    return id
  }
}

const fullName = (name: string): string => (name.startsWith('/') ? name : `/${name}`)

function matchOf(given: unknown): NamespaceMatch {
  if (given instanceof RegExp || typeof given === 'function') return given as NamespaceMatch
  throw new TypeError('a namespace is named by a string, a RegExp or a function')
}

/** Anything that a server could be attached to, or that somebody takes for it. */
function isAttachable(first: unknown): first is Attachable {
  if (typeof first === 'object') return first !== null && 'listen' in first
  return first !== undefined
}

/** The server, where it is one; else the sentence that says what to pass. */
function httpServerOf(given: HttpServer | HttpsServer): HttpServer {
  if (
    typeof given === 'object' &&
    typeof given?.on === 'function' &&
    typeof given.closeIdleConnections === 'function'
  ) {
    return given as HttpServer
  }
  throw new TypeError(
    'a server is attached to an http.Server or https.Server, or to a port: for an Express application pass ' +
      'http.createServer(app), or what app.listen(port) returns; for a Fastify one app.server',
  )
}

const OPTIONS_GO_FIRST = 'options go to the constructor: new Server(options)'

/** Socket.IO takes options here, too; ours are resolved once. */
function refuseOptions(given: unknown): void {
  if (typeof given === 'object') throw new TypeError(OPTIONS_GO_FIRST)
}

function refuseSetting(given: unknown): void {
  if (given !== undefined) throw new TypeError(OPTIONS_GO_FIRST)
}

function portOf(given: number | string): number {
  const port = typeof given === 'string' && /^\d+$/.test(given) ? Number(given) : given
  if (typeof port === 'number' && Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new TypeError(`a port is a number from 0 to 65535, not ${JSON.stringify(given)}`)
}
