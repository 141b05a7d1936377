import type { Server as HttpServer, IncomingMessage } from 'node:http'
import type { BroadcastOperator } from './broadcast.ts'
import { Clients } from './clients.ts'
import { Core } from './core.ts'
import type { DefaultEventsMap, EventNames, EventParams } from './events.ts'
import { HttpDoor } from './http-door.ts'
import { newId } from './ids.ts'
import { type Middleware, Namespace, type PublicationRecord, type PublishOptions } from './namespace.ts'
import { type ResolvedOptions, resolveOptions, type ServerOptions } from './options.ts'
import { type RoomRules, Rules } from './rules.ts'
import type { Socket } from './socket.ts'
import type { ServerStats } from './stats.ts'

/** A namespace's options, where they differ from the server's. */
export interface NamespaceOptions {
  readonly rooms?: RoomRules
}

/**
 * A server on which bare WebSocket clients and plain HTTP clients meet in the same rooms. `new Server(httpServer)` goes
 * along with an application's own server, `new Server(3000)` makes one, `new Server()` waits for `attach` or `listen`.
 */
export class Server<
  ListenEvents = DefaultEventsMap,
  EmitEvents = ListenEvents,
  // biome-ignore lint/suspicious/noExplicitAny: as with Socket.IO, data is the application's
  SocketData = any,
> {
  readonly options: ResolvedOptions
  /** The namespace `/`. */
  readonly sockets: Namespace<ListenEvents, EmitEvents, SocketData>
  readonly #core: Core
  readonly #rules: Rules
  readonly #namespaces = new Map<string, Namespace<ListenEvents, EmitEvents, SocketData>>()
  readonly #clients: Clients
  readonly #door: HttpDoor

  constructor(options?: ServerOptions)
  constructor(server: HttpServer | number | undefined, options?: ServerOptions)
  constructor(first?: HttpServer | number | ServerOptions, second?: ServerOptions) {
    const givenServer = typeof first === 'number' || (first !== undefined && 'listen' in first)
    this.options = resolveOptions((givenServer ? second : (second ?? (first as ServerOptions | undefined))) ?? {})
    this.#rules = new Rules(this.options.rooms)
    this.#core = new Core(this.options, (name) => this.#namespaces.get(name)?.rules ?? this.#rules)
    this.sockets = this.of('/')
    this.#clients = new Clients(this.options, this.#core, (error, where) => this.report(error, where))
    this.#door = new HttpDoor(this.options, this.#core, this.#clients, this.#namespaces)
    if (typeof first === 'number') this.listen(first)
    else if (givenServer) this.attach(first as HttpServer)
  }

  /** The HTTP server it listens on. */
  get httpServer(): HttpServer | undefined {
    return this.#door.httpServer
  }

  /** Goes along with a server that serves other things too; what is not ours is left alone. */
  attach(server: HttpServer): this {
    this.#door.attach(server)
    return this
  }

  /** Makes a server of its own and listens; 404 for everything else. Port 0 is any free one. */
  listen(port: number | HttpServer, host?: string, onListening?: () => void): this {
    if (typeof port !== 'number') return this.attach(port)
    this.#door.listen(port, host, onListening)
    return this
  }

  /** A namespace, made where there is none; `chat` means `/chat`. */
  of(name: string, options: NamespaceOptions = {}): Namespace<ListenEvents, EmitEvents, SocketData> {
    const full = name.startsWith('/') ? name : `/${name}`
    const known = this.#namespaces.get(full)
    if (known !== undefined) return known
    const rules = options.rooms === undefined ? this.#rules : new Rules(options.rooms)
    const { hub, requests } = this.#core
    const server = { hub, requests, clock: this.options.clock, report: this.report.bind(this) }
    const made = new Namespace<ListenEvents, EmitEvents, SocketData>(server, full, rules)
    this.#namespaces.set(full, made)
    return made
  }

  // --- the namespace `/`

  use(middleware: Middleware<Socket<ListenEvents, EmitEvents, SocketData>>): this {
    this.sockets.use(middleware)
    return this
  }

  on(
    event: 'connection' | 'connect',
    listener: (socket: Socket<ListenEvents, EmitEvents, SocketData>) => unknown,
  ): this {
    this.sockets.on(event, listener)
    return this
  }

  once(
    event: 'connection' | 'connect',
    listener: (socket: Socket<ListenEvents, EmitEvents, SocketData>) => unknown,
  ): this {
    this.sockets.once(event, listener)
    return this
  }

  off(
    event?: 'connection' | 'connect',
    listener?: (socket: Socket<ListenEvents, EmitEvents, SocketData>) => void,
  ): this {
    this.sockets.off(event, listener)
    return this
  }

  to(rooms: string | readonly string[]): BroadcastOperator<EmitEvents, Socket<ListenEvents, EmitEvents, SocketData>> {
    return this.sockets.to(rooms)
  }

  in(rooms: string | readonly string[]): BroadcastOperator<EmitEvents, Socket<ListenEvents, EmitEvents, SocketData>> {
    return this.sockets.in(rooms)
  }

  except(
    rooms: string | readonly string[],
  ): BroadcastOperator<EmitEvents, Socket<ListenEvents, EmitEvents, SocketData>> {
    return this.sockets.except(rooms)
  }

  get volatile(): BroadcastOperator<EmitEvents, Socket<ListenEvents, EmitEvents, SocketData>> {
    return this.sockets.volatile
  }

  /** Emits to everybody in `/`. */
  emit<Name extends EventNames<EmitEvents>>(event: Name, ...args: EventParams<EmitEvents, Name>): boolean {
    return this.sockets.emit(event, ...args)
  }

  send(...args: EventParams<EmitEvents, EventNames<EmitEvents> & 'message'>): this {
    this.sockets.send(...args)
    return this
  }

  fetchSockets(): Promise<Socket<ListenEvents, EmitEvents, SocketData>[]> {
    return this.sockets.fetchSockets()
  }

  socketsJoin(rooms: string | readonly string[]): void {
    this.sockets.socketsJoin(rooms)
  }

  socketsLeave(rooms: string | readonly string[]): void {
    this.sockets.socketsLeave(rooms)
  }

  disconnectSockets(close = false): void {
    this.sockets.disconnectSockets(close)
  }

  publish(room: string, data: unknown, options?: PublishOptions): Promise<{ epoch?: string; seq?: number }> {
    return this.sockets.publish(room, data, options)
  }

  history(
    room: string,
    page?: { readonly before?: number; readonly limit?: number },
  ): Promise<{ publications: PublicationRecord[]; epoch: string; more: boolean }> {
    return this.sockets.history(room, page)
  }

  // --- the whole

  /** Why a request may not come in by its `Host` and `Origin`, as for our own; undefined where it may. For an application's routes. */
  refusalOf(request: IncomingMessage): string | undefined {
    return this.#door.refusalOf(request)
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
