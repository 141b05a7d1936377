import { BroadcastOperator } from './broadcast.ts'
import { Broadcaster } from './broadcaster.ts'
import type { DefaultEventsMap } from './events.ts'
import type { Middleware } from './middleware.ts'
import type { Namespace, NamespaceEventNames, NamespaceListener, PublicationPage, PublishOptions } from './namespace.ts'
import type { Socket } from './socket.ts'

// biome-ignore lint/suspicious/noExplicitAny: whatever it is called with
type AnyFunction = (...args: any[]) => unknown

/** The half of a server that is its namespace `/`. */
export abstract class ServerRoot<
  ListenEvents = DefaultEventsMap,
  EmitEvents = ListenEvents,
  ServerSideEvents = DefaultEventsMap,
  // biome-ignore lint/suspicious/noExplicitAny: as with Socket.IO, data is the application's
  SocketData = any,
> extends Broadcaster<EmitEvents, Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>> {
  /** The namespace `/`. */
  abstract readonly sockets: Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>

  protected override get everybody(): BroadcastOperator<
    EmitEvents,
    Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>
  > {
    return new BroadcastOperator(this.sockets)
  }

  /** Asked for every client that comes to `/`, in the order of registration, before its socket is connected. */
  use(middleware: Middleware<Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>>): this {
    this.sockets.use(middleware)
    return this
  }

  /** `connection` (or `connect`): a client has come to `/`; `new_namespace`. Other names are what servers tell each other. */
  on<Name extends NamespaceEventNames<ServerSideEvents>>(
    event: Name,
    listener: NamespaceListener<ListenEvents, EmitEvents, ServerSideEvents, SocketData, Name>,
  ): this {
    this.sockets.on(event, listener)
    return this
  }

  /** Listens once and no more. */
  once<Name extends NamespaceEventNames<ServerSideEvents>>(
    event: Name,
    listener: NamespaceListener<ListenEvents, EmitEvents, ServerSideEvents, SocketData, Name>,
  ): this {
    this.sockets.once(event, listener)
    return this
  }

  /** To the other servers of a cluster. */
  serverSideEmit(event: string, ...args: unknown[]): boolean {
    return this.sockets.serverSideEmit(event, ...args)
  }

  /** The same with a promise of what the other servers answer. */
  serverSideEmitWithAck(event: string, ...args: unknown[]): Promise<unknown[]> {
    return this.sockets.serverSideEmitWithAck(event, ...args)
  }

  /** Takes a listener off; without one all of the event's, without an event all. */
  off(event?: NamespaceEventNames<ServerSideEvents>, listener?: AnyFunction): this {
    this.sockets.off(event, listener)
    return this
  }

  /** The listeners of an event, in the order in which they are called. */
  listeners(event: NamespaceEventNames<ServerSideEvents>): AnyFunction[] {
    return this.sockets.listeners(event)
  }

  /** Publishes in a room of `/`: as a client's `publish`, without asking the rule. */
  publish(room: string, data: unknown, options?: PublishOptions): Promise<{ epoch?: string; seq?: number }> {
    return this.sockets.publish(room, data, options)
  }

  /** A page of what a room of `/` keeps, newest last. `before` is exclusive; without it the newest. */
  history(
    room: string,
    page?: { readonly before?: number | undefined; readonly limit?: number | undefined },
  ): Promise<PublicationPage> {
    return this.sockets.history(room, page)
  }
}
