import {
  type AckPacket,
  type ClientPacket,
  type Identity,
  type Position,
  type RequestId,
  retryAfterFrom,
  type ServerEventPacket,
  type ServerPacket,
  type Welcome,
} from '@partyline/protocol'
import type { Client, Emitter } from './client.ts'
import type { Connection, Credentials } from './connection.ts'
import { PartylineError } from './error.ts'
import { randomKey } from './key.ts'
import { Link } from './link.ts'
import { EventListeners, Failure, Listeners } from './listeners.ts'
import type { ResolvedOptions } from './options.ts'
import type {
  Gap,
  HistoryOptions,
  HistoryPage,
  Presence,
  PresenceOptions,
  Publication,
  PublishOptions,
  PublishResult,
} from './publication.ts'
import { Requests } from './requests.ts'
import { Rooms } from './rooms.ts'
import type { ClientState } from './state.ts'
import { type AnyListener, RoomSubscription, type SubscribeOptions } from './subscription.ts'
import type { Address } from './url.ts'

/** The one implementation of `Client`: joins the link, the requests and the rooms. What is typed is the interface. */
// biome-ignore lint/suspicious/noExplicitAny: events are typed by the interface
export class PartylineClient implements Client<any, any> {
  #link: Link
  #requests: Requests
  #rooms: Rooms
  #events = new EventListeners()
  #errorListeners = new Listeners<[PartylineError]>()
  #gapListeners = new Listeners<[Gap]>()
  #welcome: Welcome | undefined
  /** The secret with which this client comes back; undefined after a goodbye. */
  #session: string | undefined
  /** What the last `connect` said. */
  #listed: Map<string, Position> | undefined

  constructor(address: Address, options: ResolvedOptions) {
    this.#requests = new Requests(options.clock, options.ackTimeoutMs, options.maxQueued)
    this.#rooms = new Rooms(this.#requests, options.clock, address.namespace, {
      tell: (event, args) => this.#events.tell(event, args),
      onGap: (gap) => this.#gapListeners.tell(gap),
      askPresence: (room) => this.#askPresence(room, undefined),
    })
    this.#link = new Link(address.url, options, {
      hello: (credentials) => this.#hello(credentials),
      onWelcome: (welcome, connection) => this.#onWelcome(welcome, connection),
      onCaughtUp: () => this.#rooms.caughtUp(),
      onPacket: (packet, connection) => this.#onPacket(packet, connection),
      onDrop: () => this.#requests.pause(),
      onClosed: (code, reason, isWanted) => this.#onClosed(code, reason, isWanted),
    })
    if (options.autoConnect) this.#link.connect()
  }

  get state(): ClientState {
    return this.#link.state
  }

  get id(): string | undefined {
    return this.#welcome?.id
  }

  get user(): Identity | undefined {
    return this.#welcome?.user
  }

  get epoch(): string | undefined {
    return this.#welcome?.epoch
  }

  get latencyMs(): number | undefined {
    return this.#link.latencyMs
  }

  connect(): void {
    this.#requests.reopen()
    this.#link.connect()
  }

  close(): void {
    this.#link.close()
  }

  tryNow(): void {
    this.#link.tryNow()
  }

  onState(listener: (state: ClientState) => void): () => void {
    return this.#link.stateListeners.add(listener)
  }

  onError(listener: (error: PartylineError) => void): () => void {
    return this.#errorListeners.add(listener)
  }

  onGap(listener: (gap: Gap) => void): () => void {
    return this.#gapListeners.add(listener)
  }

  on(event: string, listener: AnyListener): () => void {
    return this.#events.add(event, listener)
  }

  once(event: string, listener: AnyListener): () => void {
    return this.#events.once(event, listener)
  }

  off(event: string, listener?: AnyListener): void {
    this.#events.remove(event, listener)
  }

  emit(event: string, ...args: unknown[]): void {
    refuseCallback(args)
    let refusal: PartylineError | undefined
    let isSaid = false
    this.#requests.say({ kind: 'event', event, args, id: undefined, key: undefined }, (error) => {
      if (!isSaid) refusal = error
      // Of the end of the connection everybody is told once.
      else if (error.code !== 'disconnected') this.#report(error)
    })
    isSaid = true
    if (refusal !== undefined) throw refusal
  }

  emitWithAck(event: string, ...args: unknown[]): Promise<unknown> {
    return this.#ask(event, args, undefined)
  }

  // biome-ignore lint/suspicious/noExplicitAny: events are typed by the interface
  timeout(ms: number): Emitter<any> {
    return { emitWithAck: (event: string, ...args: unknown[]) => this.#ask(event, args, ms) }
  }

  subscribe(room: string, { since }: SubscribeOptions = {}): RoomSubscription {
    const subscription: RoomSubscription = new RoomSubscription(room, {
      positionOf: (name) => this.#rooms.positionOf(name),
      leave: (left) => this.#rooms.remove(left),
      publish: (name, data, options) => this.publish(name, data, options),
      history: (name, options) => this.history(name, options),
      presence: (name, options) => this.presence(name, options),
    })
    this.#rooms.add(subscription, since)
    return subscription
  }

  async publish(room: string, data: unknown, options: PublishOptions = {}): Promise<PublishResult> {
    const { event = 'message', volatile = false } = options
    if (volatile && !this.#requests.isConnected) return {}
    const key = volatile ? undefined : (options.key ?? randomKey())
    const packet = (id: number): ClientPacket => ({ kind: 'publish', room, event, args: [data], key, volatile, id })
    const [result] = await this.#requests.call(packet, { afterDrop: volatile ? 'let_go' : 'repeat' }).answer
    return (result ?? {}) as PublishResult
  }

  async history(room: string, { before, limit }: HistoryOptions = {}): Promise<HistoryPage> {
    const packet = (id: number): ClientPacket => ({ kind: 'history', room, before, limit, id })
    const [data] = await this.#requests.call(packet, { afterDrop: 'repeat' }).answer
    const page = data as WireHistoryPage
    return { publications: page.publications.map(publicationOf), epoch: page.epoch, more: page.more }
  }

  async presence(room: string, options?: PresenceOptions): Promise<Presence> {
    const presence = await this.#askPresence(room, options)
    this.#rooms.get(room)?.presenceListed(presence)
    return presence
  }

  positionOf(room: string): Position | undefined {
    return this.#rooms.positionOf(room)
  }

  async #askPresence(room: string, options: PresenceOptions | undefined): Promise<Presence> {
    const { limit, after } = options ?? {}
    const packet = (id: number): ClientPacket => ({ kind: 'presence', room, limit, after, id })
    const [data] = await this.#requests.call(packet, { afterDrop: 'repeat' }).answer
    return data as Presence
  }

  async #ask(event: string, args: unknown[], timeoutMs: number | undefined): Promise<unknown> {
    refuseCallback(args)
    const key = randomKey()
    const packet = (id: number): ClientPacket => ({ kind: 'event', event, args, id, key })
    const answer = await this.#requests.call(packet, { afterDrop: 'repeat_in_session', timeoutMs }).answer
    return answer.length > 1 ? answer : answer[0]
  }

  #hello({ token, name }: Credentials): ClientPacket {
    this.#listed = this.#rooms.listed()
    return { kind: 'connect', token, name, session: this.#session, rooms: this.#listed }
  }

  #onWelcome(welcome: Welcome, connection: Connection): boolean {
    const isSameSession = this.#session !== undefined && welcome.id === this.#welcome?.id
    const isReturn = this.#session !== undefined || this.#listed !== undefined
    this.#session = welcome.session
    this.#welcome = welcome
    this.#requests.connect(connection)
    this.#rooms.welcome(welcome, this.#listed)
    this.#requests.resume(isSameSession)
    return isReturn
  }

  #onPacket(packet: ServerPacket, connection: Connection): void {
    switch (packet.kind) {
      case 'publication':
        this.#rooms.onPublication(packet)
        break
      case 'event':
        if (packet.id === undefined) this.#rooms.onOwnEvent(packet)
        else void this.#answer(packet, packet.id, connection)
        break
      case 'ack':
        this.#requests.settle(packet)
        break
      case 'gap':
        this.#rooms.onGap(packet)
        break
      case 'presence':
        this.#rooms.onPresence(packet)
        break
      case 'error':
        this.#report(new PartylineError(packet.error.code, packet.error.message, packet.error.retryAfterMs))
    }
  }

  /** The first listener that has an answer gives it; where none has, the event was heard at least. */
  async #answer({ event, args }: ServerEventPacket, id: RequestId, connection: Connection): Promise<void> {
    const results = this.#events.tell(event, args)
    const ack: AckPacket = { kind: 'ack', id, args: [], error: undefined }
    if (results.length === 0) ack.error = { code: 'unknown_event', message: `nobody listens to "${event}"` }
    for (const result of results) {
      try {
        if (result instanceof Failure) throw result.cause
        const value = await result
        if (value === undefined) continue
        ack.args = [value]
      } catch (error) {
        ack.error =
          error instanceof PartylineError
            ? { code: error.code, message: error.message }
            : { code: 'internal', message: 'the listener failed' }
      }
      break
    }
    // On the connection that asked: on another one the number may mean something else.
    connection.send(ack)
  }

  #onClosed(code: number, reason: string, isWanted: boolean): void {
    if (isWanted) this.#session = undefined
    const words = isWanted ? reason : `the connection is closed: ${reason || 'without words'} (${code})`
    const error = new PartylineError('disconnected', words, retryAfterFrom(reason))
    this.#requests.end(error)
    if (!isWanted) this.#report(error)
  }

  #report(error: PartylineError): void {
    if (this.#errorListeners.size > 0) this.#errorListeners.tell(error)
    else console.error(`partyline: ${error.message} (${error.code})`)
  }
}

type WirePublication = Omit<Publication, 'args' | 'data'> & { args?: unknown[]; data?: unknown }

interface WireHistoryPage {
  publications: WirePublication[]
  epoch: string
  more: boolean
}

function publicationOf({ room, event, seq, from, at, args, data }: WirePublication): Publication {
  const all = args ?? (data === undefined ? [] : [data])
  return { room, event, seq, from, at, args: all, data: all[0] }
}

/** As in Socket.IO, where a callback asks for the answer. Here it would disappear in silence. */
function refuseCallback(args: readonly unknown[]): void {
  if (typeof args.at(-1) === 'function')
    throw new TypeError('A callback cannot be sent: use emitWithAck for the answer')
}
