import { BroadcastOperator } from './broadcast.ts'
import type { DefaultEventsMap } from './events.ts'
import type { Listeners } from './listeners.ts'
import type { Middleware } from './middleware.ts'
import type { Namespace, PublicationPage, PublishOptions } from './namespace.ts'
import { NamespaceEvents } from './namespace-events.ts'
import type { Socket } from './socket.ts'

/** The half of a server that is its namespace `/`. */
export abstract class ServerRoot<
  ListenEvents = DefaultEventsMap,
  EmitEvents = ListenEvents,
  ServerSideEvents = DefaultEventsMap,
  // biome-ignore lint/suspicious/noExplicitAny: as with Socket.IO, data is the application's
  SocketData = any,
> extends NamespaceEvents<
  EmitEvents,
  Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
  Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
  ServerSideEvents
> {
  /** The namespace `/`. */
  abstract readonly sockets: Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>

  /** @internal */
  get listening(): Listeners {
    return this.sockets.listening
  }

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
