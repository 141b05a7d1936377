import { isSocketIoEvent, stringifyArgs } from '@partyline/protocol'
import { type Answerer, askAll, type Question } from './broadcast-acks.ts'
import { type Draft, type Room, roomOf } from './broker.ts'
import type { Clock } from './clock.ts'
import type {
  AckedParams,
  AckResult,
  BroadcastParams,
  DefaultEventsMap,
  EventNames,
  MessageParams,
  NamesWithAck,
} from './events.ts'
import type { Hub } from './hub/hub.ts'
import type { OutgoingListeners } from './outgoing-listeners.ts'

/** What a broadcast needs of its namespace. */
export interface BroadcastNamespace {
  readonly name: string
  readonly hub: Hub
  readonly clock: Clock
  readonly outgoing: OutgoingListeners
  /** Only where what is said here is said in several namespaces: those. */
  readonly parts?: readonly BroadcastNamespace[]
  report(error: unknown, where: string): string
  /** The sockets in these rooms, or all; without those in the except rooms. */
  socketsIn(rooms: readonly string[], except: readonly string[]): BroadcastTarget[]
}

/** A socket, as `disconnectSockets` and its like need it. */
export interface BroadcastTarget extends Answerer {
  readonly id: string
  disconnect(close?: boolean): unknown
  join(room: string | readonly string[]): unknown
  leave(room: string): unknown
}

/** How something is said. */
export interface BroadcastFlags {
  readonly volatile?: boolean
  readonly compress?: boolean
  readonly local?: boolean
  readonly timeoutMs?: number
}

type Rooms = string | readonly string[]
type Callback = (error: Error | null, responses: unknown[]) => unknown

/**
 * Whom something is said to: `io.to("a").except("b").volatile.emit(…)`. Immutable: every call answers a new one. Rooms
 * are a union, and who is in several of them gets it once.
 */
export class BroadcastOperator<EmitEvents = DefaultEventsMap, Target extends BroadcastTarget = BroadcastTarget> {
  readonly #namespace: BroadcastNamespace
  readonly #rooms: readonly string[]
  readonly #except: readonly string[]
  readonly #flags: BroadcastFlags

  constructor(
    namespace: BroadcastNamespace,
    rooms: readonly string[] = [],
    except: readonly string[] = [],
    flags: BroadcastFlags = {},
  ) {
    this.#namespace = namespace
    this.#rooms = rooms
    this.#except = except
    this.#flags = flags
  }

  /** Says it to the members of these rooms too. */
  to(rooms: Rooms): BroadcastOperator<EmitEvents, Target> {
    return new BroadcastOperator(this.#namespace, union(this.#rooms, rooms), this.#except, this.#flags)
  }

  /** The same as {@link to}. */
  in(rooms: Rooms): BroadcastOperator<EmitEvents, Target> {
    return this.to(rooms)
  }

  /** Does not say it to members of these rooms. */
  except(rooms: Rooms): BroadcastOperator<EmitEvents, Target> {
    return new BroadcastOperator(this.#namespace, this.#rooms, union(this.#except, rooms), this.#flags)
  }

  /** Says it once and keeps nothing: who cannot be written to now misses it. */
  get volatile(): BroadcastOperator<EmitEvents, Target> {
    return this.#with({ volatile: true })
  }

  /** `false`: it is not compressed on its way to clients, also where that was agreed on. */
  compress(compress: boolean): BroadcastOperator<EmitEvents, Target> {
    return this.#with({ compress })
  }

  /** Says it to clients of this node alone. One node is all there is unless the application has several. */
  get local(): BroadcastOperator<EmitEvents, Target> {
    return this.#with({ local: true })
  }

  /** The acknowledgements of the next emit are waited for so many ms. */
  timeout(timeoutMs: number): BroadcastOperator<EmitEvents, Target> {
    return this.#with({ timeoutMs })
  }

  #with(flags: BroadcastFlags): BroadcastOperator<EmitEvents, Target> {
    return new BroadcastOperator(this.#namespace, this.#rooms, this.#except, { ...this.#flags, ...flags })
  }

  /**
   * Emits to everybody addressed. True, as with Socket.IO; throws a `TypeError` for one of Socket.IO's own six events.
   *
   * With a callback as the last argument it asks for acknowledgements: `(error, responses)` is called once, with the first
   * argument of every client's answer, in the order in which they came. Where somebody did not answer in time (`timeout`),
   * went away or refused, `error` says so, and `responses` (`error.responses` too) are the answers of the others.
   * Such a broadcast is no publication: it is encoded and written for each socket by itself, waits in memory for each, and
   * is not recovered. It is a question to some, where a plain emit is news to thousands.
   */
  emit<Name extends EventNames<EmitEvents>>(event: Name, ...args: BroadcastParams<EmitEvents, Name>): boolean {
    refuseReserved(event)
    this.#say(event, args)
    return true
  }

  #say(event: string, values: readonly unknown[]): void {
    const callback = values.at(-1)
    if (typeof callback === 'function') this.#ask(event, values.slice(0, -1), callback as Callback)
    else this.#publish(event, values)
  }

  /** The same with a promise: of the answers, or rejected with an error that has those who came as `responses`. */
  emitWithAck<Name extends NamesWithAck<EmitEvents>>(
    event: Name,
    ...args: AckedParams<EmitEvents, Name>
  ): Promise<AckResult<EmitEvents, Name>[]> {
    refuseReserved(event)
    return new Promise((resolve, reject) => {
      this.#ask(event, args as readonly unknown[], (error, responses) => {
        if (error === null) resolve(responses as AckResult<EmitEvents, Name>[])
        else reject(error)
      })
    })
  }

  #ask(event: string, args: readonly unknown[], callback: Callback): void {
    const { compress = true, timeoutMs } = this.#flags
    const { clock } = this.#namespace
    const question: Question = { event, args, timeoutMs, compress }
    const report = (error: unknown) => this.#namespace.report(error, `the acknowledgement of "${event}"`)
    askAll(this.#targets(), question, clock, (error, responses) => {
      try {
        const done = callback(error, responses)
        if (done instanceof Promise) done.catch(report)
      } catch (failure) {
        report(failure)
      }
    })
  }

  #publish(event: string, values: readonly unknown[]): void {
    for (const namespace of this.#namespace.parts ?? [this.#namespace]) this.#publishIn(namespace, event, values)
  }

  #publishIn(namespace: BroadcastNamespace, event: string, values: readonly unknown[]): void {
    const { name, hub, clock, outgoing } = namespace
    const rooms = this.#rooms.length === 0 ? [name] : this.#rooms
    const draft: Draft = {
      rooms: rooms.map((room): Room => roomOf(name, room)),
      except: this.#except.map((room): Room => roomOf(name, room)),
      event,
      args: stringifyArgs(values),
      arity: values.length,
      published: false,
      from: null,
      at: clock.date(),
      ...(this.#flags.compress === false ? { compress: false } : undefined),
    }
    if (outgoing.any) outgoing.tellMembers(draft.rooms, draft.except, event, values)
    if (this.#flags.volatile === true) hub.publishVolatile(draft)
    else {
      const published = hub.publish(draft)
      if (published instanceof Promise) published.catch((error) => namespace.report(error, `emit "${event}"`))
    }
  }

  /** Emits the event `message`. */
  send(...args: MessageParams<EmitEvents>): this {
    this.#say('message', args)
    return this
  }

  /** The same as {@link send}. */
  write(...args: MessageParams<EmitEvents>): this {
    return this.send(...args)
  }

  /** The sockets addressed. */
  async fetchSockets(): Promise<Target[]> {
    return this.#targets() as Target[]
  }

  /** The ids of the sockets addressed. */
  async allSockets(): Promise<Set<string>> {
    return new Set(this.#targets().map(({ id }) => id))
  }

  /** Lets all sockets addressed join rooms. */
  socketsJoin(rooms: Rooms): void {
    this.#each('socketsJoin', (socket) => socket.join(rooms))
  }

  /** Takes all sockets addressed out of rooms. */
  socketsLeave(rooms: Rooms): void {
    for (const room of union([], rooms)) this.#each('socketsLeave', (socket) => socket.leave(room))
  }

  /** What goes wrong with one (it may be in too many rooms) is in the log, and no matter of the others. */
  #each(what: string, act: (socket: BroadcastTarget) => unknown): void {
    const report = (error: unknown) => this.#namespace.report(error, what)
    for (const socket of this.#targets()) {
      try {
        const done = act(socket)
        if (done instanceof Promise) done.catch(report)
      } catch (error) {
        report(error)
      }
    }
  }

  /** Disconnects all sockets addressed; their sessions end. */
  disconnectSockets(close = false): void {
    for (const socket of this.#targets()) socket.disconnect(close)
  }

  #targets(): BroadcastTarget[] {
    return this.#namespace.socketsIn(this.#rooms, this.#except)
  }
}

function union(known: readonly string[], added: Rooms): readonly string[] {
  return [...new Set([...known, ...(typeof added === 'string' ? [added] : added)])]
}

/** Nobody may say what Socket.IO keeps for itself. */
export function refuseReserved(event: string): void {
  if (isSocketIoEvent(event)) throw new TypeError(`"${event}" is a reserved event name`)
}
