import { AdapterView } from './adapter-view.ts'
import { BroadcastOperator } from './broadcast.ts'
import { type Room, roomOf, type Sender } from './broker.ts'
import type { Clock } from './clock.ts'
import type { DefaultEventsMap } from './events.ts'
import type { Hub } from './hub/hub.ts'
import type { Outbox } from './hub/outbox.ts'
import { newSocketId } from './ids.ts'
import { Listeners } from './listeners.ts'
import type { Maybe } from './maybe.ts'
import { type Middleware, refusalOf } from './middleware.ts'
import { NamespaceEvents } from './namespace-events.ts'
import { OutgoingListeners } from './outgoing-listeners.ts'
import type { ClientPort, NamespacePort, SocketPort } from './protocols/client.ts'
import type { Requests } from './protocols/requests.ts'
import type { Rules } from './rules.ts'
import { Socket } from './socket.ts'
import type { Engine } from './transports/engine-io/engine.ts'

/** What tools read of a namespace's server. */
export interface ServerView {
  readonly engine: Engine
}

/** What a namespace needs of its server. */
export interface NamespaceServer {
  readonly hub: Hub
  readonly clock: Clock
  readonly requests: Requests
  /** The server itself, as applications know it. */
  readonly server: ServerView
  report(error: unknown, where: string): string
}

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

/** A page of what a room keeps, newest last. */
export interface PublicationPage {
  publications: PublicationRecord[]
  epoch: string
  more: boolean
}

/** A part of the application with sockets, middlewares and rooms of its own. */
export class Namespace<
    ListenEvents = DefaultEventsMap,
    EmitEvents = ListenEvents,
    ServerSideEvents = DefaultEventsMap,
    // biome-ignore lint/suspicious/noExplicitAny: as with Socket.IO, data is the application's
    SocketData = any,
  >
  extends NamespaceEvents<
    EmitEvents,
    Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
    Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
    ServerSideEvents
  >
  implements NamespacePort
{
  readonly name: string
  readonly sockets = new Map<string, Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>>()
  readonly rules: Rules
  /** @internal Told when the last socket has gone, or was not let in. */
  onEmpty: (() => void) | undefined
  /** Where somebody is told when it is empty: who has been admitted and is not in yet. */
  readonly #coming = new Set<Outbox>()
  /** @internal */
  readonly outgoing = new OutgoingListeners((error, where) => this.report(error, where))
  /** @internal */
  readonly listening = new Listeners()
  readonly #server: NamespaceServer
  #adapter: AdapterView | undefined
  readonly #middlewares: Middleware<Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>>[] = []

  constructor(server: NamespaceServer, name: string, rules: Rules) {
    super()
    this.#server = server
    this.name = name
    this.rules = rules
  }

  /** Its server. */
  get server(): ServerView {
    return this.#server.server
  }

  /** Who is in which room, as programs read it of Socket.IO's adapter. */
  get adapter(): AdapterView {
    this.#adapter ??= new AdapterView(this)
    return this.#adapter
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

  protected override get everybody(): BroadcastOperator<
    EmitEvents,
    Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>
  > {
    return new BroadcastOperator(this)
  }

  /** Asked for every client that comes, in the order of registration, before its socket is connected. */
  use(middleware: Middleware<Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>>): this {
    this.#middlewares.push(middleware)
    return this
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
    page: { readonly before?: number | undefined; readonly limit?: number | undefined } = {},
  ): Promise<PublicationPage> {
    const text = await this.#server.requests.historyPage(roomOf(this.name, room), { room, ...page })
    return JSON.parse(text)
  }

  /** @internal */
  socketsIn(
    rooms: readonly string[],
    except: readonly string[],
  ): Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>[] {
    if (this.sockets.size === 0) return []
    const addressed = rooms.length === 0 ? undefined : this.#outboxesIn(rooms)
    const left = this.#outboxesIn(except)
    const isMeant = (outbox: Outbox): boolean => (addressed === undefined || addressed.has(outbox)) && !left.has(outbox)
    return [...this.sockets.values()].filter((socket) => isMeant(socket.outbox))
  }

  #outboxesIn(rooms: readonly string[]): ReadonlySet<object> {
    const outboxes = new Set<object>()
    for (const name of rooms) {
      const room: Room = roomOf(this.name, name)
      for (const { outbox } of this.hub.members(room)) outboxes.add(outbox)
    }
    return outboxes
  }

  /** @internal */
  admit(
    client: ClientPort,
    restored: { id: string; data: Record<string, unknown> } | undefined,
    skipMiddlewares = false,
  ): Maybe<SocketPort> {
    const socket = new Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>(
      this,
      client,
      restored?.id ?? newSocketId(),
      restored?.data,
    )
    const port: SocketPort = socket as Socket<ListenEvents, EmitEvents, ServerSideEvents, Record<string, unknown>>
    if (this.onEmpty !== undefined) this.#coming.add(client.outbox)
    if (skipMiddlewares || this.#middlewares.length === 0) return port
    return this.#askMiddlewares(socket).then(
      () => {
        if (!client.outbox.alive) this.#stayedAway(client.outbox)
        return port
      },
      (error) => {
        this.#stayedAway(client.outbox)
        throw error
      },
    )
  }

  /** It was not let in, or has gone before it was. */
  #stayedAway(outbox: Outbox): void {
    this.#coming.delete(outbox)
    if (!this.isInUse) this.onEmpty?.()
  }

  /** @internal Somebody is in it, or about to come in. */
  get isInUse(): boolean {
    for (const outbox of this.#coming) if (!outbox.alive) this.#coming.delete(outbox)
    return this.sockets.size > 0 || this.#coming.size > 0
  }

  async #askMiddlewares(socket: Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>): Promise<void> {
    for (const middleware of this.#middlewares) {
      await new Promise<void>((resolve, reject) => {
        const done = middleware(socket, (error) => (error ? reject(refusalOf(error)) : resolve()))
        if (done instanceof Promise) done.catch(reject)
      })
    }
  }

  /** @internal */
  announce(announced: { readonly id: string }): void {
    const socket = announced as Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>
    this.sockets.set(socket.id, socket)
    this.#coming.delete(socket.outbox)
    this.#adapter?.entered(socket)
    for (const event of ['connect', 'connection']) void this.listening.call(event, this, [socket], undefined)
  }

  /** @internal It goes: nobody will come any more. */
  retire(): void {
    this.#adapter?.close()
  }

  /** @internal */
  announceNamespace(namespace: Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>): void {
    void this.listening.call('new_namespace', this, [namespace], undefined)
  }

  /** @internal */
  onListenerError(error: unknown, event: string): void {
    this.report(error, `the handler of "${event}"`)
  }

  /** @internal */
  forget(socket: { readonly id: string; readonly outbox: Outbox }): void {
    if (this.sockets.get(socket.id) === socket) this.sockets.delete(socket.id)
    this.#coming.delete(socket.outbox)
    if (!this.isInUse) this.onEmpty?.()
  }
}
