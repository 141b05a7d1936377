import { stringifyArgs } from '@partyline/protocol'
import { type BroadcastNamespace, refuseReserved } from './broadcast.ts'
import type { Question } from './broadcast-acks.ts'
import { type Room, roomOf } from './broker.ts'
import type {
  AckedParams,
  AckResult,
  EventNames,
  EventParams,
  MessageParams,
  NamesWithAck,
  TimedParams,
} from './events.ts'
import type { Outbox } from './hub/outbox.ts'
import type { OutgoingListener } from './outgoing-listeners.ts'
import { PendingAcks, type Settle } from './pending-acks.ts'
import type { ClientPort } from './protocols/client.ts'
import { SocketEvents, without } from './socket-events.ts'

type Ack = (...args: unknown[]) => unknown

/** How the next emit is said. */
interface Flags {
  volatile?: boolean
  compress?: boolean
  timeoutMs?: number
}

const noFlags: Flags = {}

/** The half of a socket that says something to its client. */
export abstract class SocketEmitter<ListenEvents, EmitEvents> extends SocketEvents<ListenEvents> {
  readonly id: string
  /** The namespace it is in. */
  readonly nsp: BroadcastNamespace
  /** False until the middlewares have let it in, and once it has gone. */
  connected = false
  readonly #client: ClientPort
  #acks: PendingAcks | undefined
  #flags: Flags | undefined

  constructor(nsp: BroadcastNamespace, client: ClientPort, id: string) {
    super()
    this.nsp = nsp
    this.#client = client
    this.id = id
  }

  get disconnected(): boolean {
    return !this.connected
  }

  /** The client as its protocol shows it. */
  protected get port(): ClientPort {
    return this.#client
  }

  /** @internal */
  get outbox(): Outbox {
    return this.#client.outbox
  }

  /** @internal */
  isIn(room: Room): boolean {
    return this.outbox.membershipIn(room) !== undefined
  }

  /**
   * Says an event to this client. Where it can come back for what it missed, and no acknowledgement is asked for, it is
   * a publication in the socket's own room. True, as with Socket.IO.
   */
  emit<Name extends EventNames<EmitEvents>>(event: Name, ...args: EventParams<EmitEvents, Name>): boolean {
    const flags = this.takeFlags()
    refuseReserved(event)
    this.#say(event, args, flags)
    return true
  }

  #say(event: string, values: unknown[], flags: Flags): void {
    const ack = values.at(-1)
    if (typeof ack === 'function') this.#emitWithAck(event, values.slice(0, -1), ack as Ack, flags)
    else this.#emitPlainly(event, event === 'message' ? withBytes(values) : values, flags)
  }

  /** Says an event and answers what the client acknowledges; rejects when it goes away first, or after `timeout()`. */
  emitWithAck<Name extends NamesWithAck<EmitEvents>>(
    event: Name,
    ...args: AckedParams<EmitEvents, Name>
  ): Promise<AckResult<EmitEvents, Name>> {
    const { timeoutMs, compress = true } = this.takeFlags()
    refuseReserved(event)
    return new Promise((resolve, reject) => {
      this.ask({ event, args: args as unknown[], timeoutMs, compress }, (error, values) => {
        if (error !== null) reject(error)
        else resolve(values[0] as AckResult<EmitEvents, Name>)
      })
    })
  }

  /** What the callback throws is in the log: nobody above it could do anything about it. */
  #emitWithAck(event: string, args: unknown[], ack: Ack, { timeoutMs, compress = true }: Flags): void {
    const report = (error: unknown) => this.nsp.report(error, `the acknowledgement of "${event}"`)
    this.ask({ event, args, timeoutMs, compress }, (error, answered) => {
      if (error !== null && timeoutMs === undefined) return
      try {
        const done = timeoutMs === undefined ? ack(...answered) : ack(error, ...answered)
        if (done instanceof Promise) done.catch(report)
      } catch (failure) {
        report(failure)
      }
    })
  }

  /** @internal */
  ask({ event, args, timeoutMs, compress }: Question, settle: Settle): number {
    if (!this.connected) {
      settle(new Error('socket has been disconnected'), [])
      return 0
    }
    this.#tellOutgoing(event, args)
    this.#acks ??= new PendingAcks(this.nsp.clock)
    return this.#acks.add(timeoutMs, settle, (id) => this.#client.sendEvent(event, args, id, compress))
  }

  /** @internal */
  forgetAck(id: number): void {
    this.#acks?.forget(id)
  }

  #emitPlainly(event: string, values: unknown[], { volatile = false, compress = true }: Flags): void {
    if (!this.connected) return
    this.#tellOutgoing(event, values)
    if (volatile) this.#client.sendVolatile(event, values, compress)
    else if (this.#client.recoverable) this.#publishToOwnRoom(event, values, compress)
    else this.#client.sendEvent(event, values, undefined, compress)
  }

  #publishToOwnRoom(event: string, values: unknown[], compress: boolean): void {
    const published = this.nsp.hub.publish({
      rooms: [roomOf(this.nsp.name, this.id)],
      except: [],
      event,
      args: stringifyArgs(values),
      arity: values.length,
      published: false,
      from: null,
      at: this.nsp.clock.date(),
      ...(compress ? undefined : { compress: false as const }),
    })
    if (published instanceof Promise) published.catch((error) => this.nsp.report(error, `emit "${event}"`))
  }

  /** Emits the event `message`. */
  send(...args: MessageParams<EmitEvents>): this {
    this.#say('message', args, this.takeFlags())
    return this
  }

  /** The same as {@link send}. */
  write(...args: MessageParams<EmitEvents>): this {
    return this.send(...args)
  }

  /** The next emit may be dropped where it cannot be written now. */
  get volatile(): this {
    return this.#flag('volatile', true)
  }

  /** With `false` the next emit is not compressed, also where that was agreed on. */
  compress(compress: boolean): this {
    return this.#flag('compress', compress)
  }

  /** The next emit's acknowledgement gets an error first, and gets it after so many ms. */
  timeout(timeoutMs: number): TimedSocket<this, EmitEvents> {
    return this.#flag('timeoutMs', timeoutMs) as unknown as TimedSocket<this, EmitEvents>
  }

  #flag<Name extends keyof Flags>(name: Name, value: Required<Flags>[Name]): this {
    this.#flags ??= {}
    ;(this.#flags as Required<Flags>)[name] = value
    return this
  }

  /** How the next emit was to be said; the one after it is said plainly again. */
  protected takeFlags(): Flags {
    const flags = this.#flags
    if (flags === undefined) return noFlags
    this.#flags = undefined
    return flags
  }

  /**
   * Hears everything that server code says to this client, by itself, to its rooms and to its namespace: `listener(event,
   * ...args)`. Acknowledgements and publications (`publish`) are not among it.
   */
  onAnyOutgoing(listener: OutgoingListener): this {
    return this.#listenOutgoing([...this.listenersAnyOutgoing(), listener])
  }

  /** The same, before those who listen already. */
  prependAnyOutgoing(listener: OutgoingListener): this {
    return this.#listenOutgoing([listener, ...this.listenersAnyOutgoing()])
  }

  /** Takes such a listener off; without one all of them. */
  offAnyOutgoing(listener?: OutgoingListener): this {
    return this.#listenOutgoing(without(this.listenersAnyOutgoing(), listener))
  }

  listenersAnyOutgoing(): OutgoingListener[] {
    return [...this.nsp.outgoing.of(this)]
  }

  #listenOutgoing(listeners: readonly OutgoingListener[]): this {
    if (listeners.some((each) => typeof each !== 'function')) throw new TypeError('a listener must be a function')
    this.nsp.outgoing.set(this, listeners)
    return this
  }

  #tellOutgoing(event: string, args: readonly unknown[]): void {
    if (this.nsp.outgoing.any) this.nsp.outgoing.tell(this, event, args)
  }

  /** @internal */
  receiveAck(id: number, args: unknown[], error: Error | undefined): void {
    this.#acks?.settle(id, args, error)
  }

  /** Nobody answers any more, and nobody listens. */
  protected endEmits(): void {
    this.#acks?.rejectAll(new Error('socket has been disconnected'))
    this.nsp.outgoing.forget(this)
  }
}

/** A socket whose next acknowledgement gets an error first. */
export type TimedSocket<Self, EmitEvents> = Omit<Self, 'emit' | 'volatile' | 'compress'> & {
  readonly volatile: TimedSocket<Self, EmitEvents>
  compress(compress: boolean): TimedSocket<Self, EmitEvents>
  emit<Name extends EventNames<EmitEvents>>(event: Name, ...args: TimedParams<EmitEvents, Name>): boolean
}

/** Bytes that are all there is of a message travel as a binary frame, in whichever shape they were given. */
function withBytes(values: unknown[]): unknown[] {
  const [only] = values
  if (values.length !== 1 || typeof only !== 'object') return values
  if (only instanceof ArrayBuffer) return [new Uint8Array(only)]
  if (!ArrayBuffer.isView(only) || only instanceof Uint8Array) return values
  return [new Uint8Array(only.buffer, only.byteOffset, only.byteLength)]
}
