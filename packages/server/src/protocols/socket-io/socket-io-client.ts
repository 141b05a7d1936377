import { ProtocolViolation, RequestError } from '@partyline/protocol'
import type { Room, Sender } from '../../broker.ts'
import type { Authenticated } from '../../guard/authentication.ts'
import { ClientRates, noRates } from '../../guard/client-rates.ts'
import { Expiry } from '../../guard/expiry.ts'
import { guestName, isGuest, newGuest } from '../../guest.ts'
import type { Handshake } from '../../handshake.ts'
import type { Outbox } from '../../hub/outbox.ts'
import type { WireForm } from '../../hub/wire-form.ts'
import { attempt, type Maybe, whenReady } from '../../maybe.ts'
import type { Session, SessionHolder } from '../../sessions.ts'
import { deflatedForm } from '../../transports/deflated-forms.ts'
import type { EngineSession } from '../../transports/engine-io/engine-session.ts'
import type { ClientPort, NamespacePort, SocketPort } from '../client.ts'
import { ClientRooms } from '../client-rooms.ts'
import type { SocketIoContext } from './context.ts'
import { broughtBy, enterAgain, enterAnew } from './entrance.ts'
import { type Encoded, type Packet, PacketType } from './packet.ts'
import { answerRequest, isRequest } from './requests.ts'
import { SocketIoAnswer } from './socket-io-answer.ts'
import type { SocketIoConnection } from './socket-io-connection.ts'

let connectionsOpened = 0

/** What a client is told that may not come in. */
export interface ConnectRefusal {
  readonly message: string
  readonly data?: unknown
}

/** A Socket.IO client in one namespace. */
export class SocketIoClient implements ClientPort, SessionHolder {
  readonly opened = ++connectionsOpened
  readonly outbox: Outbox
  readonly rooms: ClientRooms
  readonly namespace: NamespacePort
  readonly handshake: Handshake
  readonly context: SocketIoContext
  socket: SocketPort | undefined
  readonly #connection: SocketIoConnection
  #user: Sender | undefined
  #expiry: Expiry | undefined
  #rates: ClientRates | undefined
  #isGone = false

  constructor(
    context: SocketIoContext,
    connection: SocketIoConnection,
    namespace: NamespacePort,
    auth: Record<string, unknown>,
  ) {
    this.context = context
    this.#connection = connection
    this.namespace = namespace
    this.handshake = connection.handshakeWith(auth)
    this.outbox = context.hub.outbox(connection.session, this.#form)
    this.rooms = new ClientRooms(context, this.outbox, namespace.rules, this)
  }

  get #form(): WireForm {
    const { lane } = this.#connection.session
    const form = this.context.forms.get(lane.framing) as WireForm
    const deflate = lane.name === 'websocket' ? lane.connection.deflate : undefined
    // behind a compressed frame no stamp could be written
    return deflate === undefined || form.stamp !== undefined ? form : deflatedForm(form, deflate)
  }

  /** It travels otherwise from now on. */
  changeForm(): void {
    this.outbox.speak(this.#form)
    this.outbox.onWritable()
  }

  // --- coming in

  /** Asks who it is and the middlewares, and lets it in; answers why not. Never rejects. */
  enter(): Maybe<ConnectRefusal | undefined> {
    let refusal: ConnectRefusal | undefined
    const entered = attempt(
      () => whenReady(this.#identify(), () => this.#comeIn()),
      (error) => {
        refusal = this.#refusalOf(error)
        this.rooms.drop()
        this.#settle(this.rooms.end())
      },
    )
    return entered instanceof Promise ? entered.then(() => refusal) : refusal
  }

  #comeIn(): Maybe<void> {
    const brought = broughtBy(this)
    if (brought === undefined) return enterAnew(this)
    return enterAgain(this, brought.pid, brought.offset).then((back) => {
      if (back !== true) return enterAnew(this, back === false ? undefined : back)
    })
  }

  #identify(): Maybe<void> {
    if (!this.context.authentication.isConfigured) return
    const { auth, brought } = this.handshake
    return whenReady(this.#identityOf(auth.token ?? brought.token), (who) => who && this.#become(who))
  }

  #identityOf(token: unknown): Maybe<Authenticated | undefined> {
    const { namespace, handshake } = this
    const text = typeof token === 'string' && token !== '' ? token : undefined
    return this.context.authentication.identify(text, { namespace: namespace.name, handshake })
  }

  #become({ user, expiresAt }: Authenticated): void {
    const before = this.#user
    this.#user = user
    this.rooms.changeUser(before)
    this.#expiry?.cancel()
    this.#expiry = undefined
    if (expiresAt === undefined) return
    this.#expiry = new Expiry(this.context.clock, expiresAt, () => this.disconnect('server namespace disconnect'))
  }

  /** A fresh token of the same user, a guest's token, or a guest's new name. Answers who it is now. */
  authenticate(token: string | undefined, name: string | undefined): Maybe<{ user: Sender; expiresAt?: number }> {
    const wish = guestName(name)
    if (wish !== undefined && isGuest(this.user))
      this.#become({ user: { ...this.user, name: wish }, expiresAt: undefined })
    const who = token === undefined ? undefined : this.#identityOf(token)
    return whenReady(who, (identity) => {
      if (identity !== undefined && this.outbox.alive) {
        if (!isGuest(this.user) && this.user.id !== identity.user.id) {
          throw new RequestError('forbidden', 'a connection has one user: come back with the other token')
        }
        this.#become(identity)
      }
      const expiresAt = this.#expiry?.expiresAt
      return { user: this.user, ...(expiresAt !== undefined && { expiresAt }) }
    })
  }

  /** Who a token has shown that it is. */
  get identity(): Authenticated | undefined {
    return this.#user === undefined || isGuest(this.#user)
      ? undefined
      : { user: this.#user, expiresAt: this.#expiry?.expiresAt }
  }

  /** It has proved a session: it is who it was, unless a token has said so already. */
  restore({ user, expiresAt }: Session): void {
    if (this.identity === undefined) this.#become({ user, expiresAt })
  }

  /** Tells it that it is in; false where nobody is there any more. */
  welcome(socket: SocketPort): boolean {
    if (!this.outbox.alive || this.#connection.session.readyState !== 'open') {
      this.rooms.drop()
      return false
    }
    this.socket = socket
    this.outbox.speak(this.#form) // its client may have changed to a WebSocket while it was coming in
    this.#connection.entered(this.namespace.name, this)
    const pid = this.rooms.session?.secret
    this.say(this.#encode(PacketType.connect, { sid: socket.id, ...(pid !== undefined && { pid }) }))
    return true
  }

  #refusalOf(error: unknown): ConnectRefusal {
    // what a middleware refuses with is told as it is
    const { message, data } = error as Error & { data?: unknown }
    if (error instanceof RequestError) {
      const { code, retryAfterMs } = error
      const own = code === 'forbidden' ? undefined : { code, ...(retryAfterMs && { retryAfterMs }) }
      const told = data === undefined ? own : data
      return { message, ...(told !== undefined && { data: told }) }
    }
    return { message: this.errorOf(error, 'connect').message }
  }

  // --- what the API asks for

  get protocol(): 'socket.io' {
    return 'socket.io'
  }

  get transportName(): 'websocket' | 'polling' {
    return this.#connection.session.lane.name
  }

  get session(): EngineSession {
    return this.#connection.session
  }

  /** The connection that it shares with its client's other namespaces. */
  get connection(): SocketIoConnection {
    return this.#connection
  }

  get recoverable(): boolean {
    return this.context.recovery !== undefined && this.context.keepsOwnRooms(this.namespace)
  }

  get user(): Sender {
    this.#user ??= newGuest(this.#wishedName)
    return this.#user
  }

  get #wishedName(): string | undefined {
    const { auth, brought } = this.handshake
    const name: unknown = auth.name ?? brought.name
    return typeof name === 'string' ? name : undefined
  }

  get rates(): ClientRates {
    this.#rates ??= new ClientRates(this.context.rates ?? noRates, this.context.clock)
    return this.#rates
  }

  say(encoded: Encoded, compress?: boolean): void {
    this.outbox.say(encoded, compress)
  }

  #encode(type: number, data: unknown, id?: number | string): Encoded {
    return this.context.parser.encode({ type, nsp: this.namespace.name, data, ...(id !== undefined && { id }) })
  }

  sendEvent(event: string, args: readonly unknown[], ackId: number | undefined, compress?: boolean): void {
    this.say(this.#encode(PacketType.event, [event, ...args], ackId), compress)
  }

  sendVolatile(event: string, args: readonly unknown[], compress?: boolean): void {
    const offset = typeof args.at(-1) === 'string' ? this.#offset : undefined
    const data = [event, ...args, ...(offset === undefined ? [] : [offset])]
    this.outbox.sayVolatile(this.#encode(PacketType.event, data), compress)
  }

  /** Where recovery is on, clients take text at an event's end for an offset: this is the one that holds anyway. */
  get #offset(): string | undefined {
    const { recovery, hub } = this.context
    return recovery?.offsets.textOf(hub.logs.placeText(hub.logs.heads))
  }

  /** An acknowledgement of an event of the client's. */
  sendAck(id: number | string, args: readonly unknown[]): void {
    if (this.#isGone) return
    this.say(this.#encode(PacketType.ack, args, id))
  }

  /** Nobody waits for an answer: clients that know our requests are told by an event, others never. */
  refuseEvent(error: unknown, event: string): void {
    const refused = this.errorOf(error, `the handler of "${event}"`)
    if (this.context.answersRequests) this.sendEvent('error', [{ ...refused.toWire(), request: event }], undefined)
  }

  errorOf(error: unknown, where: string): RequestError {
    if (error instanceof RequestError) return error
    return new RequestError('internal', `our fault, log line ${this.context.report(error, where)}`)
  }

  join(room: Room): Maybe<void> {
    return this.rooms.join(room, false)
  }

  leave(room: Room): Maybe<void> {
    return this.rooms.leave(room)
  }

  // --- what comes in

  /** An event, or an acknowledgement, for this namespace. */
  take({ type, data, id }: Packet): void {
    const { socket } = this
    if (socket === undefined) return
    if (type === PacketType.ack) {
      socket.receiveAck(Number(id), data as unknown[], undefined)
      return
    }
    const [name, ...args] = data as [string | number, ...unknown[]]
    this.#onEvent(`${name}`, args, id, socket)
  }

  #onEvent(event: string, args: unknown[], id: number | string | undefined, socket: SocketPort): void {
    const answer = id === undefined ? undefined : new SocketIoAnswer(this, event, id)
    try {
      if (this.context.rates !== undefined) {
        this.rates.message()
        this.rates.event(event)
      }
      if (this.context.answersRequests && isRequest(event)) {
        const done = answerRequest(this, event, args, answer)
        if (done instanceof Promise) done.catch((error) => this.#refused(error, event, answer))
        return
      }
      if (socket.receive(event, args, answer) || !this.context.answersRequests) return
      throw new RequestError('unknown_event', `nobody listens to "${event}"`)
    } catch (error) {
      this.#refused(error, event, answer)
    }
  }

  #refused(error: unknown, event: string, answer: SocketIoAnswer | undefined): void {
    if (error instanceof ProtocolViolation) this.#connection.close()
    else if (answer !== undefined) answer.fail(error)
    else this.refuseEvent(error, event)
  }

  tellError(error: Error): void {
    this.socket?.failed(error)
  }

  // --- the end

  /** The client leaves this namespace; its connection stays. */
  depart(): void {
    this.#end('client namespace disconnect')
  }

  /** Server code disconnects it, from this namespace or altogether. */
  disconnect(reason: string, close = false): void {
    if (this.#isGone) return
    if (close) {
      for (const client of this.#connection.clients) client.disconnect(reason)
      this.#connection.close()
      return
    }
    this.say(this.#encode(PacketType.disconnect, undefined))
    this.outbox.writeOut()
    this.#end(reason)
  }

  onTakenOver(): void {
    this.disconnect('taken over')
  }

  #end(reason: string): void {
    this.#connection.left(this.namespace.name, reason === 'client namespace disconnect')
    this.gone(reason)
  }

  /** The connection has ended, or the client has left. */
  gone(reason: string): void {
    if (this.#isGone) return
    this.#isGone = true
    this.#expiry?.cancel()
    const { socket, rooms } = this
    socket?.closing(reason)
    rooms.drop()
    // the application may have put another object there
    if (socket !== undefined && rooms.session !== undefined) rooms.session.data = socket.data
    this.#settle(endings.has(reason) ? rooms.end() : rooms.suspend())
    socket?.closed(reason)
  }

  /** A store that cannot be written now costs this client its return, which a new session will show. */
  #settle(done: Maybe<void>): void {
    if (done instanceof Promise) done.catch((error) => this.context.report(error, 'a session'))
  }
}

/** After these nobody comes back for what was missed. */
const endings: ReadonlySet<string> = new Set([
  'client namespace disconnect',
  'server namespace disconnect',
  'parse error',
  'taken over',
])
