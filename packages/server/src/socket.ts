import type { IncomingMessage } from 'node:http'
import { RequestError } from '@partyline/protocol'
import { type BroadcastNamespace, BroadcastOperator, type BroadcastTarget } from './broadcast.ts'
import type { Broadcaster } from './broadcaster.ts'
import { nameOf, roomOf } from './broker.ts'
import type { DefaultEventsMap } from './events.ts'
import type { Handshake } from './handshake.ts'
import type { Outbox } from './hub/outbox.ts'
import { PlainConnection } from './plain-connection.ts'
import type { ClientPort, EventAnswer } from './protocols/client.ts'
import { SocketEmitter } from './socket-emitter.ts'
import { requestOf } from './socket-request.ts'
import type { RawSocket } from './transports/engine-io/engine-socket.ts'

type Rooms = string | readonly string[]

/** A namespace, as its sockets know it; it is the {@link Namespace}. */
export interface SocketNamespace<EmitEvents, Target extends BroadcastTarget>
  extends Broadcaster<EmitEvents, Target>,
    BroadcastNamespace {
  readonly sockets: ReadonlyMap<string, Target>
  /** @internal */
  announce(socket: { readonly id: string }): void
  /** @internal */
  forget(socket: { readonly id: string; readonly outbox: Outbox }): void
}

/** What Socket.IO shows of a socket of another server: all that can be asked of what `fetchSockets` answers. */
export type RemoteSocket<EmitEvents, SocketData> = Pick<
  Socket<DefaultEventsMap, EmitEvents, DefaultEventsMap, SocketData>,
  'id' | 'handshake' | 'rooms' | 'data' | 'emit' | 'timeout' | 'join' | 'leave' | 'disconnect'
>

/** One client in one namespace, as the application sees it. */
export class Socket<
  ListenEvents = DefaultEventsMap,
  EmitEvents = ListenEvents,
  ServerSideEvents = DefaultEventsMap,
  // biome-ignore lint/suspicious/noExplicitAny: as with Socket.IO, data is the application's
  SocketData = any,
> extends SocketEmitter<ListenEvents, EmitEvents> {
  declare readonly nsp: SocketNamespace<EmitEvents, Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>>
  /** True where it came back with its session: its rooms and `data` are what they were. */
  readonly recovered: boolean
  /** Made when somebody asks for it: most sockets that are only listening have none. */
  #data: SocketData | undefined

  constructor(
    nsp: SocketNamespace<EmitEvents, Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>>,
    client: ClientPort,
    id: string,
    data: Record<string, unknown> | undefined,
  ) {
    super(nsp, client, id)
    this.recovered = data !== undefined
    this.#data = data as SocketData | undefined
  }

  /** The application's own. Goes with the session. */
  get data(): SocketData {
    this.#data ??= {} as SocketData
    return this.#data
  }

  set data(data: SocketData) {
    this.#data = data
  }

  /** How the client came: headers, query, address and `auth`. */
  get handshake(): Handshake {
    return this.port.handshake
  }

  /** The request it came with: the real one where a middleware of `io.engine` has seen it, else what is kept of it. */
  get request(): IncomingMessage {
    const { session, handshake } = this.port
    return session?.request ?? requestOf(session ?? this.port, handshake)
  }

  /** Who it is: set by the server, shown as `from` of what it publishes. */
  get user(): { readonly id: string; readonly name: string } {
    return this.port.user
  }

  /** How its messages travel. */
  get transport(): 'websocket' | 'polling' {
    return this.port.transportName
  }

  /** What they mean. */
  get protocol(): 'plain' | 'socket.io' {
    return this.port.protocol
  }

  /** The connection under it: Engine.IO's for a Socket.IO client, which tells `upgrade` and `close`. */
  get conn(): RawSocket {
    return this.port.session?.socket ?? new PlainConnection(this.port, this.id)
  }

  /** What people read of Socket.IO's client: the connection, which namespaces share. Who knows its id can speak in it. */
  get client(): { readonly id: string; readonly conn: RawSocket; readonly request: IncomingMessage } {
    return { id: this.port.session?.id ?? this.id, conn: this.conn, request: this.request }
  }

  /** The rooms it is in, its own id among them. */
  get rooms(): Set<string> {
    const names = this.outbox.memberships.map(({ room }) => nameOf(room))
    return new Set(names.filter((name) => name !== this.nsp.name))
  }

  // --- saying something to others

  /** To the members of rooms, but not to this socket. */
  to(rooms: Rooms): BroadcastOperator<EmitEvents, Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>> {
    return this.broadcast.to(rooms)
  }

  /** The same as {@link to}. */
  in(rooms: Rooms): BroadcastOperator<EmitEvents, Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>> {
    return this.broadcast.to(rooms)
  }

  /** To everybody in the namespace but this socket and the members of these rooms. */
  except(rooms: Rooms): BroadcastOperator<EmitEvents, Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>> {
    return this.broadcast.except(rooms)
  }

  /** To everybody in the namespace but this socket. */
  get broadcast(): BroadcastOperator<EmitEvents, Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>> {
    return new BroadcastOperator(this.nsp, [], [this.id], this.takeFlags())
  }

  /** The same, to clients of this node alone. */
  get local(): BroadcastOperator<EmitEvents, Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>> {
    return this.broadcast.local
  }

  // --- where it is

  /** Joins rooms. Done at once where the room's log is in memory. Throws `too_many` at the limit. */
  join(rooms: Rooms): void | Promise<void> {
    const names = typeof rooms === 'string' ? [rooms] : rooms
    const joins = names.map((name) => this.port.join(roomOf(this.nsp.name, name)))
    const later = joins.filter((join) => join instanceof Promise)
    return later.length === 0 ? undefined : Promise.all(later).then(() => {})
  }

  leave(room: string): void | Promise<void> {
    return this.port.leave(roomOf(this.nsp.name, room))
  }

  /**
   * Disconnects this client, and its session ends: a plain one is told so with 1000, a Socket.IO one leaves the namespace.
   * `close`: it leaves all its namespaces, and its connection is closed.
   */
  disconnect(close = false): this {
    if (this.connected) this.port.disconnect('server namespace disconnect', close)
    return this
  }

  // --- what its protocol tells

  /** @internal */
  announce(): void {
    this.connected = true
    this.nsp.announce(this)
  }

  /** @internal */
  onListenerError(error: unknown, event: string, answer: EventAnswer | undefined): void {
    if (answer !== undefined) answer.fail(error)
    else if (this.connected) this.port.refuseEvent(error, event)
    else if (!(error instanceof RequestError)) this.nsp.report(error, `the handler of "${event}"`)
  }

  /** @internal */
  failed(error: Error): void {
    this.tellReserved('error', error)
  }

  /** @internal */
  abandoned(): void {
    this.endEmits()
    this.nsp.forget(this)
  }

  /** @internal */
  closing(reason: string): void {
    this.tellReserved('disconnecting', reason)
  }

  /** @internal */
  closed(reason: string): void {
    this.connected = false
    this.forgetEvents()
    this.endEmits()
    this.nsp.forget(this)
    this.tellReserved('disconnect', reason)
  }
}
