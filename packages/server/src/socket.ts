import { isSocketIoEvent, stringifyArgs } from '@partyline/protocol'
import type { BroadcastOperator, BroadcastTarget } from './broadcast.ts'
import { nameOf, roomOf } from './broker.ts'
import type { Clock } from './clock.ts'
import type {
  AckedParams,
  AckResult,
  DefaultEventsMap,
  EventListener,
  EventNames,
  EventParams,
  TimedParams,
} from './events.ts'
import type { Handshake } from './handshake.ts'
import type { Hub } from './hub/hub.ts'
import { Listeners } from './listeners.ts'
import { PendingAcks, type Settle } from './pending-acks.ts'
import type { ClientPort, EventAnswer, SocketPort } from './protocols/client.ts'
import { SocketRequest } from './socket-request.ts'

/** Why a socket was disconnected. */
export type DisconnectReason =
  | 'transport close'
  | 'transport error'
  | 'ping timeout'
  | 'client namespace disconnect'
  | 'server namespace disconnect'
  | 'server shutting down'
  | 'taken over'

/** What every socket tells beside the application's events. */
export interface SocketReservedEvents {
  disconnecting: (reason: DisconnectReason) => void
  disconnect: (reason: DisconnectReason) => void
}

type Ack = (...args: unknown[]) => void

/** A listener to all events of a client. */
// biome-ignore lint/suspicious/noExplicitAny: what an event it does not know brings is anything
export type AnyListener = (event: string, ...args: any[]) => unknown

/** Under this name, in a map of their own, stand the listeners to all events. */
const ANY = '*'

/** A namespace, as its sockets need it; it is the {@link Namespace}. */
export interface SocketNamespace<EmitEvents, Target extends BroadcastTarget> {
  readonly name: string
  emit<Name extends EventNames<EmitEvents>>(event: Name, ...args: EventParams<EmitEvents, Name>): boolean
  to(rooms: string | readonly string[]): BroadcastOperator<EmitEvents, Target>
  except(rooms: string | readonly string[]): BroadcastOperator<EmitEvents, Target>
  /** @internal */
  readonly hub: Hub
  /** @internal */
  readonly clock: Clock
  /** @internal */
  report(error: unknown, where: string): string
  /** @internal */
  announce(socket: SocketPort): void
  /** @internal */
  forget(socket: SocketPort): void
}

/** One client in one namespace, as the application sees it. */
export class Socket<
  ListenEvents = DefaultEventsMap,
  EmitEvents = ListenEvents,
  // biome-ignore lint/suspicious/noExplicitAny: as with Socket.IO, data is the application's
  SocketData = any,
> implements SocketPort
{
  readonly id: string
  /** True where it came back with its session: its rooms and `data` are what they were. */
  readonly recovered: boolean
  readonly nsp: SocketNamespace<EmitEvents, Socket<ListenEvents, EmitEvents, SocketData>>
  /** The application's own. Goes with the session. */
  data: SocketData & Record<string, unknown>
  /** False until the middlewares have let it in, and once it has gone. */
  connected = false
  readonly #client: ClientPort
  readonly #listeners = new Listeners()
  #anyListeners: Listeners | undefined
  #acks: PendingAcks | undefined
  #volatile = false
  #timeoutMs: number | undefined

  constructor(
    nsp: SocketNamespace<EmitEvents, Socket<ListenEvents, EmitEvents, SocketData>>,
    client: ClientPort,
    id: string,
    data: Record<string, unknown> | undefined,
  ) {
    this.nsp = nsp
    this.#client = client
    this.id = id
    this.recovered = data !== undefined
    this.data = (data ?? {}) as SocketData & Record<string, unknown>
  }

  get disconnected(): boolean {
    return !this.connected
  }

  /** How the client came: headers, query, address and `auth`. */
  get handshake(): Handshake {
    return this.#client.handshake
  }

  /** The request it came with. */
  get request(): SocketRequest {
    return new SocketRequest(this.#client.handshake)
  }

  /** Who it is: set by the server, shown as `from` of what it publishes. */
  get user(): { readonly id: string; readonly name: string } {
    return this.#client.user
  }

  /** How its messages travel, and what they mean. */
  get transport(): 'websocket' | 'polling' {
    return this.#client.transportName
  }

  get protocol(): 'plain' | 'socket.io' {
    return this.#client.protocol
  }

  /** The rooms it is in, its own id among them. */
  get rooms(): Set<string> {
    const names = this.#client.outbox.memberships.map(({ room }) => nameOf(room))
    return new Set(names.filter((name) => name !== this.nsp.name))
  }

  on<Name extends EventNames<ListenEvents & SocketReservedEvents>>(
    event: Name,
    listener: EventListener<ListenEvents & SocketReservedEvents, Name>,
  ): this {
    this.#listeners.on(event, listener as Ack)
    return this
  }

  once<Name extends EventNames<ListenEvents & SocketReservedEvents>>(
    event: Name,
    listener: EventListener<ListenEvents & SocketReservedEvents, Name>,
  ): this {
    this.#listeners.once(event, listener as Ack)
    return this
  }

  /** Takes a listener off; without one all of the event's, without an event all. */
  off<Name extends EventNames<ListenEvents & SocketReservedEvents>>(
    event?: Name,
    listener?: EventListener<ListenEvents & SocketReservedEvents, Name>,
  ): this {
    this.#listeners.off(event, listener as Ack | undefined)
    return this
  }

  /**
   * Listens to every event of the client's, whatever its name, before the event's own listeners: `listener(event,
   * ...args)`, and the acknowledgement at the end where one is asked for. With it no event is unknown.
   */
  onAny(listener: AnyListener): this {
    this.#anyListeners ??= new Listeners()
    this.#anyListeners.on(ANY, listener)
    return this
  }

  /** Takes such a listener off; without one all of them. */
  offAny(listener?: AnyListener): this {
    this.#anyListeners?.off(ANY, listener)
    return this
  }

  /**
   * Says an event to this client. Where it can come back for what it missed, and no acknowledgement is asked for, it is
   * a publication in the socket's own room. True, as with Socket.IO.
   */
  emit<Name extends EventNames<EmitEvents>>(event: Name, ...args: EventParams<EmitEvents, Name>): boolean {
    const values = args as unknown[]
    const flags = this.#takeFlags()
    refuseReserved(event)
    const ack = values.at(-1)
    if (typeof ack === 'function') this.#emitWithAck(event, values.slice(0, -1), ack as Ack, flags.timeoutMs)
    else this.#emitPlainly(event, values, flags.volatile)
    return true
  }

  /** Says an event and answers what the client acknowledges; rejects when it goes away first, or after `timeout()`. */
  emitWithAck<Name extends EventNames<EmitEvents>>(
    event: Name,
    ...args: AckedParams<EmitEvents, Name>
  ): Promise<AckResult<EmitEvents, Name>> {
    const { timeoutMs } = this.#takeFlags()
    refuseReserved(event)
    return new Promise((resolve, reject) => {
      this.#ask(event, args as unknown[], timeoutMs, (error, values) => {
        if (error !== null) reject(error)
        else resolve(values[0] as AckResult<EmitEvents, Name>)
      })
    })
  }

  #emitWithAck(event: string, values: unknown[], ack: Ack, timeoutMs: number | undefined): void {
    const settle = (error: Error | null, answered: unknown[]): void => {
      if (timeoutMs !== undefined) ack(error, ...answered)
      else if (error === null) ack(...answered)
    }
    this.#ask(event, values, timeoutMs, settle)
  }

  #ask(event: string, values: unknown[], timeoutMs: number | undefined, settle: Settle): void {
    if (!this.connected) {
      settle(new Error('socket has been disconnected'), [])
      return
    }
    this.#acks ??= new PendingAcks(this.nsp.clock)
    this.#acks.add(timeoutMs, settle, (id) => this.#client.sendEvent(event, values, id))
  }

  #emitPlainly(event: string, values: unknown[], volatile: boolean): void {
    if (!this.connected) return
    if (volatile) this.#client.sendVolatile(event, values)
    else if (this.#client.recoverable) this.#publishToOwnRoom(event, values)
    else this.#client.sendEvent(event, values, undefined)
  }

  #publishToOwnRoom(event: string, values: unknown[]): void {
    const published = this.nsp.hub.publish({
      rooms: [roomOf(this.nsp.name, this.id)],
      except: [],
      event,
      args: stringifyArgs(values),
      arity: values.length,
      published: false,
      from: null,
      at: this.nsp.clock.date(),
    })
    if (published instanceof Promise) published.catch((error) => this.nsp.report(error, `emit "${event}"`))
  }

  /** Emits the event `message`. */
  send(...args: EventParams<EmitEvents, EventNames<EmitEvents> & 'message'>): this {
    this.emit('message' as EventNames<EmitEvents> & 'message', ...args)
    return this
  }

  /** The next emit may be dropped where it cannot be written now. */
  get volatile(): this {
    this.#volatile = true
    return this
  }

  /** The next emit's acknowledgement gets an error first, and gets it after so many ms. */
  timeout(timeoutMs: number): TimedSocket<this, EmitEvents> {
    this.#timeoutMs = timeoutMs
    return this as unknown as TimedSocket<this, EmitEvents>
  }

  #takeFlags(): { volatile: boolean; timeoutMs: number | undefined } {
    const flags = { volatile: this.#volatile, timeoutMs: this.#timeoutMs }
    this.#volatile = false
    this.#timeoutMs = undefined
    return flags
  }

  /** To the members of rooms, but not to this socket. */
  to(rooms: string | readonly string[]): BroadcastOperator<EmitEvents, Socket<ListenEvents, EmitEvents, SocketData>> {
    const { volatile } = this.#takeFlags()
    const broadcast = this.nsp.except(this.id).to(rooms)
    return volatile ? broadcast.volatile : broadcast
  }

  in(rooms: string | readonly string[]): BroadcastOperator<EmitEvents, Socket<ListenEvents, EmitEvents, SocketData>> {
    return this.to(rooms)
  }

  /** To everybody in the namespace but this socket and the members of these rooms. */
  except(
    rooms: string | readonly string[],
  ): BroadcastOperator<EmitEvents, Socket<ListenEvents, EmitEvents, SocketData>> {
    return this.broadcast.except(rooms)
  }

  /** To everybody in the namespace but this socket. */
  get broadcast(): BroadcastOperator<EmitEvents, Socket<ListenEvents, EmitEvents, SocketData>> {
    const { volatile } = this.#takeFlags()
    const broadcast = this.nsp.except(this.id)
    return volatile ? broadcast.volatile : broadcast
  }

  /** Joins rooms. Done at once where the room's log is in memory. Throws `too_many` at the limit. */
  join(rooms: string | readonly string[]): void | Promise<void> {
    const names = typeof rooms === 'string' ? [rooms] : rooms
    const joins = names.map((name) => this.#client.join(roomOf(this.nsp.name, name)))
    const later = joins.filter((join) => join instanceof Promise)
    return later.length === 0 ? undefined : Promise.all(later).then(() => {})
  }

  leave(room: string): void | Promise<void> {
    return this.#client.leave(roomOf(this.nsp.name, room))
  }

  /** Disconnects this client. It is told so with 1000, and its session ends. */
  disconnect(_close = false): this {
    if (this.connected) this.#client.disconnect('server namespace disconnect')
    return this
  }

  /** @internal */
  announce(): void {
    this.connected = true
    this.nsp.announce(this)
  }

  /** @internal */
  receive(event: string, args: unknown[], answer: EventAnswer | undefined): boolean {
    const toAny = this.#anyListeners?.has(ANY) === true
    if (isSocketIoEvent(event) || !(toAny || this.#listeners.has(event))) return false
    const all = answer?.isAskedFor ? [...args, (...answered: unknown[]) => answer.succeed(answered)] : args
    if (toAny) this.#anyListeners?.call(ANY, this, [event, ...all], answer, event)
    this.#listeners.call(event, this, all, answer)
    return true
  }

  /** @internal */
  onListenerError(error: unknown, event: string, answer: EventAnswer | undefined): void {
    if (answer !== undefined) answer.fail(error)
    else if (this.connected) this.#client.refuseEvent(error, event)
    else this.nsp.report(error, `the handler of "${event}"`)
  }

  /** @internal */
  receiveAck(id: number, args: unknown[], error: Error | undefined): void {
    this.#acks?.settle(id, args, error)
  }

  /** @internal */
  closing(reason: string): void {
    this.#tell('disconnecting', reason)
  }

  /** @internal */
  closed(reason: string): void {
    this.connected = false
    this.#acks?.rejectAll(new Error('socket has been disconnected'))
    this.nsp.forget(this)
    this.#tell('disconnect', reason)
  }

  #tell(event: string, reason: string): void {
    this.#listeners.call(event, this, [reason], undefined)
  }
}

/** A socket whose next acknowledgement gets an error first. */
export type TimedSocket<Self, EmitEvents> = Omit<Self, 'emit'> & {
  emit<Name extends EventNames<EmitEvents>>(event: Name, ...args: TimedParams<EmitEvents, Name>): boolean
}

function refuseReserved(event: string): void {
  if (isSocketIoEvent(event)) throw new TypeError(`"${event}" is a reserved event name`)
}
