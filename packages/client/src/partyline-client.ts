import type { ClientPacket, Identity, Position, ServerPacket, Welcome } from '@partyline/protocol'
import { answerEvent } from './answer.ts'
import { type Authenticated, Authentication, type Credentials } from './authentication.ts'
import type { Client, TimedEmitter } from './client.ts'
import type { Connection } from './connection.ts'
import { errorFrom, PartylineError, unwatched } from './error.ts'
import { randomKey } from './key.ts'
import { Link } from './link.ts'
import { EventListeners, Listeners } from './listeners.ts'
import type { ResolvedOptions } from './options.ts'
import {
  type Gap,
  type HistoryOptions,
  type HistoryPage,
  type Presence,
  type PresenceOptions,
  type PublishOptions,
  type PublishResult,
  pageOf,
} from './publication.ts'
import { type RequestOptions, Requests } from './requests.ts'
import { Rooms } from './rooms.ts'
import type { ClientState } from './state.ts'
import { type AnyListener, RoomSubscription, type SubscribeOptions } from './subscription.ts'
import type { Transport } from './transports.ts'
import type { Address } from './url.ts'

/** The one implementation of `Client`: joins the link, the requests and the rooms. What is typed is the interface. */
// biome-ignore lint/suspicious/noExplicitAny: events are typed by the interface
export class PartylineClient implements Client<any, any> {
  #link: Link
  #requests: Requests
  #rooms: Rooms
  #authentication: Authentication
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
    this.#authentication = new Authentication(
      options,
      (token) => this.#renew(token),
      (error) => this.#report(error),
    )
    this.#link = new Link(address.url, options, {
      credentials: () => this.#authentication.credentials(),
      hello: (credentials) => this.#hello(credentials),
      onWelcome: (welcome, connection) => this.#onWelcome(welcome, connection),
      onCaughtUp: () => this.#rooms.caughtUp(),
      onPacket: (packet, connection) => this.#onPacket(packet, connection),
      onDrop: () => this.#onDrop(),
      onClosed: (reason, error) => this.#onClosed(reason, error),
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
    return this.#authentication.user
  }

  get epoch(): string | undefined {
    return this.#welcome?.epoch
  }

  get latencyMs(): number | undefined {
    return this.#link.latencyMs
  }

  get transport(): Transport | undefined {
    const { state } = this.#link
    return state.name === 'live' ? state.transport : undefined
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
    const answer = callbackOf(args)
    if (answer === undefined) {
      let isSaid = false
      this.#requests.say({ kind: 'event', event, args, id: undefined, key: undefined }, (error) => {
        // Of the end of the connection everybody is told once; that it is over, each time.
        if (error.code !== 'disconnected' || !isSaid) this.#report(error)
      })
      isSaid = true
    } else {
      const { isOpen } = this.#link
      this.#ask(event, args, undefined, (data) => data).then(
        (data) => answer(...data),
        (error: PartylineError) => {
          if (error.code !== 'disconnected' || !isOpen) this.#report(error)
        },
      )
    }
  }

  emitWithAck(event: string, ...args: unknown[]): Promise<unknown> {
    return this.#ask(event, args, undefined, first)
  }

  // biome-ignore lint/suspicious/noExplicitAny: events are typed by the interface
  timeout(ms: number): TimedEmitter<any> {
    return {
      emitWithAck: (event: string, ...args: unknown[]) => this.#ask(event, args, ms, first),
      emit: (event: string, ...args: unknown[]) => {
        const answer = callbackOf(args)
        if (answer === undefined) throw new TypeError('timeout() is for events with an answer: give a callback')
        this.#ask(event, args, ms, (data) => data).then(
          (data) => answer(null, ...data),
          (error) => answer(error),
        )
      },
    }
  }

  auth(token?: string): Promise<Authenticated> {
    return unwatched(this.#auth(token))
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

  publish(room: string, data: unknown, options: PublishOptions = {}): Promise<PublishResult> {
    const { event = 'message', volatile = false, timeoutMs } = options
    if (volatile && !this.#requests.isConnected) return Promise.resolve({})
    const key = volatile ? undefined : (options.key ?? randomKey())
    return this.#request(
      (id) => ({ kind: 'publish', room, event, args: [data], key, volatile, id }),
      { afterDrop: volatile ? 'let_go' : 'repeat', isKeyed: !volatile, timeoutMs },
      ([result]) => (result ?? {}) as PublishResult,
    )
  }

  history(room: string, { before, limit }: HistoryOptions = {}): Promise<HistoryPage> {
    return this.#request(
      (id) => ({ kind: 'history', room, before, limit, id }),
      { afterDrop: 'repeat' },
      ([data]) => pageOf(data),
    )
  }

  presence(room: string, options?: PresenceOptions): Promise<Presence> {
    const listed = this.#askPresence(room, options).then((presence) => {
      this.#rooms.get(room)?.presenceListed(presence)
      return presence
    })
    return unwatched(listed)
  }

  positionOf(room: string): Position | undefined {
    return this.#rooms.positionOf(room)
  }

  #askPresence(room: string, { limit, after }: PresenceOptions = {}): Promise<Presence> {
    return this.#request(
      (id) => ({ kind: 'presence', room, limit, after, id }),
      { afterDrop: 'repeat' },
      ([data]) => data as Presence,
    )
  }

  #ask<Answer>(
    event: string,
    args: unknown[],
    timeoutMs: number | undefined,
    read: (args: unknown[]) => Answer,
  ): Promise<Answer> {
    const key = randomKey()
    if (typeof args.at(-1) === 'function') {
      return Promise.reject(new TypeError('A callback cannot be sent: emitWithAck returns the answer'))
    }
    return this.#request(
      (id) => ({ kind: 'event', event, args, id, key }),
      { afterDrop: 'repeat_in_session', timeoutMs },
      read,
    )
  }

  /** Asks, and reads the answer. Only a misuse that no server would see, a `TypeError`, insists on being looked at. */
  #request<Answer>(
    packet: (id: number) => ClientPacket,
    options: RequestOptions,
    read: (args: unknown[]) => Answer,
  ): Promise<Answer> {
    try {
      return unwatched(this.#requests.call(packet, options).answer.then(read))
    } catch (error) {
      return Promise.reject(error)
    }
  }

  async #auth(given: string | undefined): Promise<Authenticated> {
    const token = given ?? (await this.#authentication.token())
    // What is not connected says it with `connect`; what is, keeps it once it was good.
    if (given !== undefined && !this.#requests.isConnected) this.#authentication.keep(given)
    const authenticated = await this.#request(
      (id) => ({ kind: 'auth', token, name: undefined, id }),
      { afterDrop: 'repeat' },
      ([data]) => data as Authenticated,
    )
    if (given !== undefined) this.#authentication.keep(given)
    this.#authentication.accepted(authenticated)
    return authenticated
  }

  /** A token that replaces one that is about to expire. After a drop it is let go: the return brings one. */
  async #renew(token: string): Promise<void> {
    const [data] = await this.#requests.call((id) => ({ kind: 'auth', token, name: undefined, id }), {
      afterDrop: 'let_go',
    }).answer
    if (data !== undefined) this.#authentication.accepted(data as Authenticated)
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
    this.#authentication.accepted(welcome)
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
        else void answerEvent(packet, packet.id, this.#events, connection)
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
        this.#report(errorFrom(packet.error))
    }
  }

  #onDrop(): void {
    this.#authentication.stop()
    this.#requests.pause()
  }

  /** What was under way may have been done or not, whatever the reason: that is the cause. */
  #onClosed(reason: string, cause: PartylineError | undefined): void {
    if (cause === undefined) this.#session = undefined
    this.#authentication.stop()
    this.#requests.end(new PartylineError('disconnected', cause?.message ?? reason, cause?.retryAfterMs, cause))
    if (cause !== undefined) this.#report(cause)
  }

  #report(error: PartylineError): void {
    if (this.#errorListeners.size > 0) this.#errorListeners.tell(error)
    else console.error(`partyline: ${error.message} (${error.code})`)
  }
}

function first(answer: unknown[]): unknown {
  return answer[0]
}

/** As in Socket.IO a function behind the arguments asks for the answer. Takes it away from them. */
function callbackOf(args: unknown[]): ((...answer: unknown[]) => unknown) | undefined {
  return typeof args.at(-1) === 'function' ? (args.pop() as (...answer: unknown[]) => unknown) : undefined
}
