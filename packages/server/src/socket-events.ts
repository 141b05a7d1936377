import { isSocketIoEvent, RequestError } from '@partyline/protocol'
import { type Contract, type ContractOutputs, checkOf } from './contract.ts'
import { EventLine } from './event-line.ts'
import type { AckFunction, EventNames, ListenerOf } from './events.ts'
import { callListener, type ListenerOwner, Listeners } from './listeners.ts'
import { askEventMiddlewares, type EventMiddleware, type EventPacket } from './middleware.ts'
import type { EventAnswer } from './protocols/client.ts'

/** Why a socket was disconnected. */
export type DisconnectReason =
  | 'transport close'
  | 'transport error'
  | 'ping timeout'
  | 'client namespace disconnect'
  | 'server namespace disconnect'
  | 'forced close'
  | 'forced server close'
  | 'parse error'
  | 'server shutting down'
  | 'taken over'

/** What every socket tells beside the application's events. */
export interface SocketReservedEvents {
  /** The client is about to go; it is still in its rooms. */
  disconnecting: (reason: DisconnectReason, description?: unknown) => void
  /** Programs may name the description that Socket.IO has for some reasons; here is none. */
  disconnect: (reason: DisconnectReason, description?: unknown) => void
  /** A middleware of the socket's has refused an event. */
  error: (error: Error) => void
}

/** A listener to all events. */
// biome-ignore lint/suspicious/noExplicitAny: what an event it does not know brings is anything
export type AnyListener = (event: string, ...args: any[]) => unknown

/** A listener whose arguments have been checked: it gets what the schemas made of them, and always an acknowledgement. */
export type ContractListener<ListenEvents, Name, Given extends Contract> = (
  ...args: [...outputs: ContractOutputs<Given>, ack: AckFunction<ListenEvents, Name>]
) => unknown

/** The names that can be listened to. */
type Names<ListenEvents> = EventNames<ListenEvents> | EventNames<SocketReservedEvents>

// biome-ignore lint/suspicious/noExplicitAny: whatever it is called with
type AnyFunction = (...args: any[]) => unknown

type Answer = EventAnswer | undefined

/** The listeners of a socket that has none: the same for all. Never written to. */
const nobody = new Listeners<Answer>()

/** What few sockets have, made when it is first asked for: tens of thousands of sockets have none of it. */
class Extras {
  any: readonly AnyListener[] = []
  middlewares: readonly EventMiddleware[] = []
  readonly line = new EventLine()
}

/**
 * The half of a socket that listens. An event goes through the listeners to all events, the middlewares, the contract and
 * its own listeners, in this order; where a middleware or a schema is asynchronous, the client's later events wait.
 */
export abstract class SocketEvents<ListenEvents> implements ListenerOwner<Answer> {
  #listeners: Listeners<Answer> = nobody
  #extras: Extras | undefined

  /** @internal */
  abstract get disconnected(): boolean
  /** @internal */
  abstract onListenerError(error: unknown, event: string, answer: Answer): void

  /**
   * Listens to an event. With a contract (a schema of any Standard Schema library for the one argument, or an array of
   * schemas for several) the listener gets what the schemas made of the arguments; what does not fit is refused as
   * `invalid`, and the listener is not called.
   */
  on<Name extends Names<ListenEvents>>(
    event: Name,
    listener: ListenerOf<SocketReservedEvents, ListenEvents, Name>,
  ): this
  on<Name extends EventNames<ListenEvents>, const Given extends Contract>(
    event: Name,
    contract: Given,
    listener: ContractListener<ListenEvents, Name, Given>,
  ): this
  on(event: string, ...how: [AnyFunction] | [Contract, AnyFunction]): this {
    return this.#listen(event, how, false)
  }

  /** Listens to one event and no more; with a contract, to one that fits. */
  once<Name extends Names<ListenEvents>>(
    event: Name,
    listener: ListenerOf<SocketReservedEvents, ListenEvents, Name>,
  ): this
  once<Name extends EventNames<ListenEvents>, const Given extends Contract>(
    event: Name,
    contract: Given,
    listener: ContractListener<ListenEvents, Name, Given>,
  ): this
  once(event: string, ...how: [AnyFunction] | [Contract, AnyFunction]): this {
    return this.#listen(event, how, true)
  }

  #listen(event: string, how: [AnyFunction] | [Contract, AnyFunction], once: boolean): this {
    const listener = how.length === 1 ? how[0] : how[1]
    if (how.length === 1 && typeof listener === 'function' && '~standard' in listener) {
      throw new TypeError(`on("${event}", schema) wants a listener behind the schema`)
    }
    this.#ownListeners().on(event, listener, { once, check: how.length === 1 ? undefined : checkOf(event, how[0]) })
    return this
  }

  #ownListeners(): Listeners<Answer> {
    if (this.#listeners === nobody) this.#listeners = new Listeners()
    return this.#listeners
  }

  /** Listens before those who do already. */
  prependListener<Name extends Names<ListenEvents>>(
    event: Name,
    listener: ListenerOf<SocketReservedEvents, ListenEvents, Name>,
  ): this {
    this.#ownListeners().on(event, listener as AnyFunction, { first: true })
    return this
  }

  /** The same, once and no more. */
  prependOnceListener<Name extends Names<ListenEvents>>(
    event: Name,
    listener: ListenerOf<SocketReservedEvents, ListenEvents, Name>,
  ): this {
    this.#ownListeners().on(event, listener as AnyFunction, { first: true, once: true })
    return this
  }

  /** For programs that lift Node's limit: here is none. */
  setMaxListeners(_count: number): this {
    return this
  }

  /** Takes a listener off; without one all of the event's, without an event all. */
  off<Name extends Names<ListenEvents>>(
    event?: Name,
    listener?: ListenerOf<SocketReservedEvents, ListenEvents, Name> | AnyFunction,
  ): this {
    this.#listeners.off(event, listener as AnyFunction | undefined)
    return this
  }

  /** The same as {@link on}. */
  addListener<Name extends Names<ListenEvents>>(
    event: Name,
    listener: ListenerOf<SocketReservedEvents, ListenEvents, Name>,
  ): this {
    return this.#listen(event, [listener as AnyFunction], false)
  }

  /** The same as {@link off} with a listener. */
  removeListener<Name extends Names<ListenEvents>>(
    event: Name,
    listener: ListenerOf<SocketReservedEvents, ListenEvents, Name> | AnyFunction,
  ): this {
    return this.off(event, listener)
  }

  /** The same as {@link off} without a listener. */
  removeAllListeners(event?: Names<ListenEvents>): this {
    return this.off(event)
  }

  /** The listeners of an event, in the order in which they are called. */
  listeners(event: Names<ListenEvents>): AnyFunction[] {
    return this.#listeners.functions(event) as AnyFunction[]
  }

  listenerCount(event: Names<ListenEvents>): number {
    return this.#listeners.of(event).length
  }

  /** The events that somebody listens to. */
  eventNames(): string[] {
    return this.#listeners.events
  }

  /**
   * Listens to every event of the client's, whatever its name, before middlewares and the event's own listeners:
   * `listener(event, ...args)` with the arguments as they came, and the acknowledgement at the end where one is asked
   * for. With it no event is unknown.
   */
  onAny(listener: AnyListener): this {
    const extras = this.#withExtras()
    extras.any = [...extras.any, mustBeFunction(listener)]
    return this
  }

  /** The same, before those who listen already. */
  prependAny(listener: AnyListener): this {
    const extras = this.#withExtras()
    extras.any = [mustBeFunction(listener), ...extras.any]
    return this
  }

  /** Takes such a listener off; without one all of them. */
  offAny(listener?: AnyListener): this {
    if (this.#extras !== undefined) this.#extras.any = without(this.#extras.any, listener)
    return this
  }

  listenersAny(): AnyListener[] {
    return [...(this.#extras?.any ?? [])]
  }

  /**
   * Asked for every event of this client's before its listeners: `([event, ...args], next)`. `next()` lets it through,
   * changed or not; `next(error)` refuses it: the client is told, by the acknowledgement or by an `error`, with the
   * error's message and `code`, and listeners of `error` on this socket get it. What it throws is our fault, `internal`.
   * Events keep their order behind an `async` middleware; one that calls `next` later by itself lets others overtake.
   */
  use(middleware: EventMiddleware): this {
    const extras = this.#withExtras()
    extras.middlewares = [...extras.middlewares, mustBeFunction(middleware)]
    return this
  }

  #withExtras(): Extras {
    this.#extras ??= new Extras()
    return this.#extras
  }

  /** @internal */
  receive(event: string, args: unknown[], answer: Answer): boolean {
    if (isSocketIoEvent(event)) return false
    const extras = this.#extras
    const isHeard = this.#listeners.has(event)
    if (extras === undefined) {
      if (isHeard) this.#keepOrder(this.#handle(event, withAck(args, answer), answer))
      return isHeard
    }
    if (!isHeard && extras.any.length === 0 && extras.middlewares.length === 0) return false
    if (!extras.line.busy) this.#keepOrder(this.#pass(event, args, answer))
    else if (!extras.line.add(() => this.#pass(event, args, answer))) {
      this.onListenerError(new RequestError('too_many', 'earlier events are still being worked on'), event, answer)
    }
    return true
  }

  /** What comes next waits for what takes its time. */
  #keepOrder(later: Promise<unknown> | undefined): void {
    if (later !== undefined) this.#withExtras().line.waitFor(later)
  }

  /** An event goes all its way. */
  #pass(event: string, args: unknown[], answer: Answer): Promise<unknown> | undefined {
    const { any, middlewares } = this.#withExtras()
    const all = withAck(args, answer)
    for (const listener of any) callListener(listener, this, [event, ...all], event, answer)
    if (middlewares.length === 0) return this.#handle(event, all, answer)
    const packet: EventPacket = [event, ...all]
    return askEventMiddlewares(middlewares, packet, {
      through: () => this.#through(packet, answer),
      refused: (error) => {
        this.onListenerError(error, event, answer)
        this.tellReserved('error', error)
      },
      failed: (error) => this.onListenerError(error, event, answer),
    })
  }

  /** An event has come through the middlewares, who may have changed it. */
  #through([event, ...all]: EventPacket, answer: Answer): Promise<unknown> | undefined {
    if (this.disconnected) return undefined
    const isKnown = !isSocketIoEvent(event) && this.#listeners.has(event)
    if (isKnown || this.listenersAny().length > 0) return this.#handle(event, all, answer)
    this.onListenerError(new RequestError('unknown_event', `nobody listens to "${event}"`), event, answer)
    return undefined
  }

  /** Calls the event's listeners, at once or when what they wait for is here. */
  #handle(event: string, args: readonly unknown[], answer: Answer): Promise<unknown> | undefined {
    const later = this.#listeners.call(event, this, args, answer)
    if (later !== undefined) return later.then(() => answer?.handled())
    answer?.handled()
    return undefined
  }

  /** Tells listeners what the server itself has to say. */
  protected tellReserved(event: keyof SocketReservedEvents, value: unknown): void {
    void this.#listeners.call(event, this, [value], undefined)
  }

  /** Nothing of what waits is to be told any more. */
  protected forgetEvents(): void {
    this.#extras?.line.clear()
  }
}

/** The arguments, and the acknowledgement behind them where one is asked for. */
function withAck(args: unknown[], answer: Answer): unknown[] {
  return answer?.isAskedFor === true ? [...args, (...answered: unknown[]) => answer.succeed(answered)] : args
}

function mustBeFunction<F>(given: F): F {
  if (typeof given !== 'function') throw new TypeError('a listener or middleware must be a function')
  return given
}

/** The list without one of its listeners, or empty. */
export function without<L>(list: readonly L[], listener: L | undefined): readonly L[] {
  return listener === undefined ? [] : list.filter((each) => each !== listener)
}
