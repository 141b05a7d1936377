import type { BroadcastTarget } from './broadcast.ts'
import { Broadcaster } from './broadcaster.ts'
import type { AckedParams, AckResult, BroadcastParams, EventNames, ListenerOf } from './events.ts'
import type { Listeners } from './listeners.ts'

/** What a namespace tells by itself. */
export interface NamespaceReservedEvents<S, N> {
  /** A client has come. */
  connection: (socket: S) => void
  /** The same. */
  connect: (socket: S) => void
  /** A namespace has been made: told by `/`. */
  new_namespace: (namespace: N) => void
}

const ownEvents: ReadonlySet<string> = new Set<keyof NamespaceReservedEvents<unknown, unknown>>([
  'connect',
  'connection',
  'new_namespace',
])

/** What can be listened to on a namespace or a server. */
export type NamespaceEventNames<ServerSideEvents> =
  | EventNames<NamespaceReservedEvents<unknown, unknown>>
  | EventNames<ServerSideEvents>

/** Who listens to it. */
export type NamespaceListener<S, N, ServerSideEvents, Name> = ListenerOf<
  NamespaceReservedEvents<S, N>,
  ServerSideEvents,
  Name
>

// biome-ignore lint/suspicious/noExplicitAny: whatever it is called with
type AnyFunction = (...args: any[]) => unknown

/**
 * The half of a namespace, and of a server, that is listened to: to clients that come, and to what other servers of a
 * cluster say.
 */
export abstract class NamespaceEvents<EmitEvents, S extends BroadcastTarget, N, ServerSideEvents> extends Broadcaster<
  EmitEvents,
  S
> {
  /** @internal */
  abstract readonly listening: Listeners

  /** `connection` (or `connect`): a client has come; on `/` also `new_namespace`. Other names are what servers tell each other. */
  on<Name extends NamespaceEventNames<ServerSideEvents>>(
    event: Name,
    listener: NamespaceListener<S, N, ServerSideEvents, Name>,
  ): this {
    this.listening.on(event, listener as AnyFunction)
    return this
  }

  /** Listens once and no more. */
  once<Name extends NamespaceEventNames<ServerSideEvents>>(
    event: Name,
    listener: NamespaceListener<S, N, ServerSideEvents, Name>,
  ): this {
    this.listening.once(event, listener as AnyFunction)
    return this
  }

  /** Listens before those who do already. */
  prependListener<Name extends NamespaceEventNames<ServerSideEvents>>(
    event: Name,
    listener: NamespaceListener<S, N, ServerSideEvents, Name>,
  ): this {
    this.listening.on(event, listener as AnyFunction, { first: true })
    return this
  }

  /** The same, once and no more. */
  prependOnceListener<Name extends NamespaceEventNames<ServerSideEvents>>(
    event: Name,
    listener: NamespaceListener<S, N, ServerSideEvents, Name>,
  ): this {
    this.listening.on(event, listener as AnyFunction, { first: true, once: true })
    return this
  }

  /** For programs that lift Node's limit: here is none. */
  setMaxListeners(_count: number): this {
    return this
  }

  /** Takes a listener off; without one all of the event's, without an event all. */
  off(event?: NamespaceEventNames<ServerSideEvents>, listener?: AnyFunction): this {
    this.listening.off(event, listener)
    return this
  }

  /** The same as {@link on}. */
  addListener<Name extends NamespaceEventNames<ServerSideEvents>>(
    event: Name,
    listener: NamespaceListener<S, N, ServerSideEvents, Name>,
  ): this {
    return this.on(event, listener)
  }

  /** The same as {@link off} with a listener. */
  removeListener(event: NamespaceEventNames<ServerSideEvents>, listener: AnyFunction): this {
    return this.off(event, listener)
  }

  /** The same as {@link off} without a listener. */
  removeAllListeners(event?: NamespaceEventNames<ServerSideEvents>): this {
    return this.off(event)
  }

  /** The listeners of an event, in the order in which they are called. */
  listeners(event: NamespaceEventNames<ServerSideEvents>): AnyFunction[] {
    return this.listening.functions(event) as AnyFunction[]
  }

  listenerCount(event: NamespaceEventNames<ServerSideEvents>): number {
    return this.listening.functions(event).length
  }

  /** The events that somebody listens to. */
  eventNames(): string[] {
    return this.listening.events
  }

  /** To the other servers of a cluster: there are none. Throws for what a namespace tells by itself. */
  serverSideEmit<Name extends EventNames<ServerSideEvents>>(
    event: Name,
    ...args: BroadcastParams<ServerSideEvents, Name>
  ): boolean {
    refuseOwn(event)
    const ack: unknown = args.at(-1)
    if (typeof ack === 'function') queueMicrotask(() => ack(null, []))
    return true
  }

  /** The same with a promise of what the other servers answer. */
  async serverSideEmitWithAck<Name extends EventNames<ServerSideEvents>>(
    event: Name,
    ..._args: AckedParams<ServerSideEvents, Name>
  ): Promise<AckResult<ServerSideEvents, Name>[]> {
    refuseOwn(event)
    return []
  }
}

function refuseOwn(event: string): void {
  if (ownEvents.has(event)) throw new TypeError(`"${event}" is a reserved event name`)
}
