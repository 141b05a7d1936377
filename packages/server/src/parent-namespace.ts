import { BroadcastOperator } from './broadcast.ts'
import { Broadcaster } from './broadcaster.ts'
import type { Clock } from './clock.ts'
import type { DefaultEventsMap } from './events.ts'
import type { Hub } from './hub/hub.ts'
import type { Middleware } from './middleware.ts'
import type { Namespace, NamespaceServer } from './namespace.ts'
import type { NamespaceEventNames, NamespaceListener } from './namespace-events.ts'
import { OutgoingListeners } from './outgoing-listeners.ts'
import type { Socket } from './socket.ts'

/** Which names become namespaces of their own when a client asks for them. `next(error, isAllowed)` is called once. */
export type NamespaceMatch =
  | RegExp
  | ((
      name: string,
      auth: Readonly<Record<string, unknown>>,
      next: (error: Error | null, isAllowed: boolean) => void,
    ) => void)

/** What is done to every child when it is made. */
type Preparation<N> = (child: N) => unknown

let parents = 0

/**
 * Namespaces that are made when they are asked for: `io.of(/^\/room-\d+$/)`. What listens here and what is asked here is
 * given to each child when it is made; what is said here is said in all children.
 */
export class ParentNamespace<
  ListenEvents = DefaultEventsMap,
  EmitEvents = ListenEvents,
  ServerSideEvents = DefaultEventsMap,
  // biome-ignore lint/suspicious/noExplicitAny: as with Socket.IO, data is the application's
  SocketData = any,
> extends Broadcaster<EmitEvents, Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>> {
  readonly name = `/_${parents++}`
  readonly children = new Set<Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>>()
  /** @internal */
  readonly outgoing: OutgoingListeners
  readonly #match: NamespaceMatch
  readonly #server: NamespaceServer
  readonly #preparations: Preparation<Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>>[] = []

  constructor(server: NamespaceServer, match: NamespaceMatch) {
    super()
    this.#server = server
    this.#match = match
    this.outgoing = new OutgoingListeners((error, where) => this.report(error, where))
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

  /** @internal */
  get parts(): readonly Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>[] {
    return [...this.children]
  }

  /** @internal */
  socketsIn(
    rooms: readonly string[],
    except: readonly string[],
  ): Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>[] {
    return this.parts.flatMap((child) => child.socketsIn(rooms, except))
  }

  /** Asked in every child that is made from now on. */
  use(middleware: Middleware<Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>>): this {
    this.#preparations.push((child) => child.use(middleware))
    return this
  }

  /** Listens in every child that is made from now on. */
  on<Name extends NamespaceEventNames<ServerSideEvents>>(
    event: Name,
    listener: NamespaceListener<
      Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
      Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
      ServerSideEvents,
      Name
    >,
  ): this {
    this.#preparations.push((child) => child.on(event, listener))
    return this
  }

  /** Listens in every child that is made from now on, once in each. */
  once<Name extends NamespaceEventNames<ServerSideEvents>>(
    event: Name,
    listener: NamespaceListener<
      Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
      Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
      ServerSideEvents,
      Name
    >,
  ): this {
    this.#preparations.push((child) => child.once(event, listener))
    return this
  }

  /** @internal True for a name that its pattern fits; undefined where only the application can say. */
  fits(name: string): boolean | undefined {
    if (!(this.#match instanceof RegExp)) return undefined
    this.#match.lastIndex = 0
    return this.#match.test(name)
  }

  /** @internal Whether a client may have a namespace of this name made. */
  async allows(name: string, auth: Readonly<Record<string, unknown>>): Promise<boolean> {
    const match = this.#match
    if (match instanceof RegExp) return this.fits(name) === true
    try {
      return await new Promise<boolean>((resolve) =>
        match(name, auth, (error, isAllowed) => resolve(!error && isAllowed === true)),
      )
    } catch (error) {
      this.report(error, `whether there is "${name}"`)
      return false
    }
  }

  /** @internal */
  adopt(child: Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>): void {
    for (const prepare of this.#preparations) prepare(child)
    this.children.add(child)
  }
}
