import { isErrorCode, RequestError } from '@partyline/protocol'
import { BroadcastOperator } from './broadcast.ts'
import { roomOf, type Sender } from './broker.ts'
import type { Clock } from './clock.ts'
import type { DefaultEventsMap, EventNames, EventParams } from './events.ts'
import type { Hub } from './hub/hub.ts'
import { newSocketId } from './ids.ts'
import { Listeners } from './listeners.ts'
import type { Maybe } from './maybe.ts'
import type { ClientPort, NamespacePort, SocketPort } from './protocols/client.ts'
import type { Requests } from './protocols/requests.ts'
import type { Rules } from './rules.ts'
import { Socket } from './socket.ts'

/** What a namespace needs of its server. */
export interface NamespaceServer {
  readonly hub: Hub
  readonly clock: Clock
  readonly requests: Requests
  report(error: unknown, where: string): string
}

/** Refuses a client with an error, or lets it in. The error's message is told; so is its `code`, where it is one of ours. */
export type Middleware<S> = (socket: S, next: (error?: Error) => void) => void | Promise<void>

/** How a publication is made by server code. */
export interface PublishOptions {
  /** Default `message`. */
  readonly event?: string
  /** Makes a retry harmless. */
  readonly key?: string
  /** Said once and not kept. */
  readonly volatile?: boolean
  /** In whose name; default the server's own, `null`. */
  readonly from?: Sender | null
}

/** A publication as `history` answers it. */
export interface PublicationRecord {
  readonly room: string
  readonly seq: number
  readonly event: string
  readonly from: Sender | null
  readonly at: number
  readonly data?: unknown
  readonly args?: unknown[]
}

/** A part of the application with sockets, middlewares and rooms of its own. */
export class Namespace<
  ListenEvents = DefaultEventsMap,
  EmitEvents = ListenEvents,
  // biome-ignore lint/suspicious/noExplicitAny: as with Socket.IO, data is the application's
  SocketData = any,
> implements NamespacePort
{
  readonly name: string
  readonly sockets = new Map<string, Socket<ListenEvents, EmitEvents, SocketData>>()
  readonly rules: Rules
  readonly #server: NamespaceServer
  readonly #listeners = new Listeners()
  readonly #middlewares: Middleware<Socket<ListenEvents, EmitEvents, SocketData>>[] = []

  constructor(server: NamespaceServer, name: string, rules: Rules) {
    this.#server = server
    this.name = name
    this.rules = rules
  }

  /** @internal */
  get hub(): Hub {
    return this.#server.hub
  }

  /** @internal */
  get clock(): Clock {
    return this.#server.clock
  }

  /** @internal */
  report(error: unknown, where: string): string {
    return this.#server.report(error, `${this.name}: ${where}`)
  }

  /** Asked for every client that comes, in the order of registration, before its socket is connected. */
  use(middleware: Middleware<Socket<ListenEvents, EmitEvents, SocketData>>): this {
    this.#middlewares.push(middleware)
    return this
  }

  /** `connection` (or `connect`): a client has come. */
  on(
    event: 'connection' | 'connect',
    listener: (socket: Socket<ListenEvents, EmitEvents, SocketData>) => unknown,
  ): this {
    this.#listeners.on(event, listener)
    return this
  }

  once(
    event: 'connection' | 'connect',
    listener: (socket: Socket<ListenEvents, EmitEvents, SocketData>) => unknown,
  ): this {
    this.#listeners.once(event, listener)
    return this
  }

  off(
    event?: 'connection' | 'connect',
    listener?: (socket: Socket<ListenEvents, EmitEvents, SocketData>) => void,
  ): this {
    this.#listeners.off(event, listener)
    return this
  }

  get #all(): BroadcastOperator<EmitEvents, Socket<ListenEvents, EmitEvents, SocketData>> {
    return new BroadcastOperator(this)
  }

  to(rooms: string | readonly string[]): BroadcastOperator<EmitEvents, Socket<ListenEvents, EmitEvents, SocketData>> {
    return this.#all.to(rooms)
  }

  in(rooms: string | readonly string[]): BroadcastOperator<EmitEvents, Socket<ListenEvents, EmitEvents, SocketData>> {
    return this.#all.to(rooms)
  }

  except(
    rooms: string | readonly string[],
  ): BroadcastOperator<EmitEvents, Socket<ListenEvents, EmitEvents, SocketData>> {
    return this.#all.except(rooms)
  }

  get volatile(): BroadcastOperator<EmitEvents, Socket<ListenEvents, EmitEvents, SocketData>> {
    return this.#all.volatile
  }

  /** Emits to everybody in the namespace: a publication in its own room. */
  emit<Name extends EventNames<EmitEvents>>(event: Name, ...args: EventParams<EmitEvents, Name>): boolean {
    return this.#all.emit(event, ...args)
  }

  send(...args: EventParams<EmitEvents, EventNames<EmitEvents> & 'message'>): this {
    this.#all.send(...args)
    return this
  }

  fetchSockets(): Promise<Socket<ListenEvents, EmitEvents, SocketData>[]> {
    return this.#all.fetchSockets()
  }

  socketsJoin(rooms: string | readonly string[]): void {
    this.#all.socketsJoin(rooms)
  }

  socketsLeave(rooms: string | readonly string[]): void {
    this.#all.socketsLeave(rooms)
  }

  disconnectSockets(close = false): void {
    this.#all.disconnectSockets(close)
  }

  /** Publishes in a room: as a client's `publish`, without asking the rule. Answers the position; `{}` where volatile. */
  async publish(room: string, data: unknown, options: PublishOptions = {}): Promise<{ epoch?: string; seq?: number }> {
    const { event = 'message', key, volatile, from = null } = options
    const request = { room, event, args: [data], key, volatile }
    const { position } = await this.#server.requests.publishAs(this.name, from, request)
    return position ?? {}
  }

  /** A page of what a room keeps, newest last. `before` is exclusive; without it the newest. */
  async history(
    room: string,
    page: { readonly before?: number; readonly limit?: number } = {},
  ): Promise<{ publications: PublicationRecord[]; epoch: string; more: boolean }> {
    const text = await this.#server.requests.historyPage(roomOf(this.name, room), { room, ...page })
    return JSON.parse(text)
  }

  /** @internal */
  socketsIn(rooms: readonly string[], except: readonly string[]): Socket<ListenEvents, EmitEvents, SocketData>[] {
    const isIn = (socket: Socket<ListenEvents, EmitEvents, SocketData>, names: readonly string[]): boolean => {
      const joined = socket.rooms
      return names.some((name) => joined.has(name))
    }
    return [...this.sockets.values()].filter(
      (socket) => (rooms.length === 0 || isIn(socket, rooms)) && !isIn(socket, except),
    )
  }

  /** @internal */
  admit(client: ClientPort, restored: { id: string; data: Record<string, unknown> } | undefined): Maybe<SocketPort> {
    const socket = new Socket(this, client, restored?.id ?? newSocketId(), restored?.data)
    return this.#middlewares.length === 0 ? socket : this.#askMiddlewares(socket).then(() => socket)
  }

  async #askMiddlewares(socket: Socket<ListenEvents, EmitEvents, SocketData>): Promise<void> {
    for (const middleware of this.#middlewares) {
      await new Promise<void>((resolve, reject) => {
        const done = middleware(socket, (error) => (error ? reject(refusalOf(error)) : resolve()))
        if (done instanceof Promise) done.catch(reject)
      })
    }
  }

  /** @internal */
  announce(port: SocketPort): void {
    const socket = port as Socket<ListenEvents, EmitEvents, SocketData>
    this.sockets.set(socket.id, socket)
    for (const event of ['connect', 'connection']) this.#listeners.call(event, this, [socket], undefined)
  }

  /** @internal */
  onListenerError(error: unknown, event: string): void {
    this.report(error, `the handler of "${event}"`)
  }

  /** @internal */
  forget(socket: SocketPort): void {
    if (this.sockets.get(socket.id) === socket) this.sockets.delete(socket.id)
  }
}

/** What a middleware refuses with, as clients are told: its message, and `forbidden` unless it says another code. */
function refusalOf(error: unknown): RequestError {
  if (error instanceof RequestError) return error
  const { message, code } = (error instanceof Error ? error : { message: String(error) }) as Error & { code?: unknown }
  return new RequestError(isErrorCode(code) ? code : 'forbidden', message)
}
