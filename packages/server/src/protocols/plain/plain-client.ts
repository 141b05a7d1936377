import {
  type AckPacket,
  type ClientPacket,
  closeCodes,
  closeReason,
  decodeBinaryMessage,
  decodeClientMessage,
  type EventPacket,
  encodeAckError,
  encodeError,
  encodeEvent,
  type Mode,
  ProtocolViolation,
  pongText,
  RequestError,
  stringifyArgs,
} from '@partyline/protocol'
import type { Room, Sender } from '../../broker.ts'
import type { Authenticated } from '../../guard/authentication.ts'
import { ClientRates, noRates } from '../../guard/client-rates.ts'
import { Expiry } from '../../guard/expiry.ts'
import { Patience } from '../../guard/patience.ts'
import { guestName, isGuest, newGuest } from '../../guest.ts'
import type { Handshake } from '../../handshake.ts'
import type { Outbox } from '../../hub/outbox.ts'
import { attempt, type Maybe, whenReady } from '../../maybe.ts'
import type { ClientTransport, TransportEnd, TransportReceiver } from '../../transports/client-transport.ts'
import type { NamespacePort, SocketPort } from '../client.ts'
import { ClientRooms } from '../client-rooms.ts'
import { answerRequest } from './answer-request.ts'
import { acknowledge, identify, identifyFirst } from './authenticate.ts'
import { connectStrict } from './connect.ts'
import { enter } from './enter.ts'
import { EventReply } from './event-reply.ts'
import { bareForm, strictForm } from './forms.ts'
import type { PlainContext, PlainPeer } from './peer.ts'
import { closeCodeOf, requestOf } from './refusals.ts'

/** Messages that wait for an earlier one to be answered: reading is paused then, so this is one chunk's worth. */
type Waiting = (string | Buffer)[]

let connectionsOpened = 0

/** A client of the plain protocol (docs/PROTOCOL.md), over whichever transport it came. */
export class PlainClient implements PlainPeer, TransportReceiver {
  readonly opened = ++connectionsOpened
  readonly mode: Mode
  readonly handshake: Handshake
  readonly namespace: NamespacePort
  readonly context: PlainContext
  readonly outbox: Outbox
  readonly rooms: ClientRooms
  socket: SocketPort | undefined
  /** An earlier message is being answered. */
  #busy = false
  #isGone = false
  readonly #transport: ClientTransport
  #waiting: Waiting | undefined
  /** Until it is in: the time it has for that. */
  #patience: Patience | undefined
  /** Guests get their identity when somebody asks for it: an idle one may never need it. */
  #user: Sender | undefined
  #expiry: Expiry | undefined
  #rates: ClientRates | undefined
  #reason: string | undefined

  constructor(
    context: PlainContext,
    transport: ClientTransport,
    namespace: NamespacePort,
    handshake: Handshake,
    mode: Mode,
  ) {
    this.context = context
    this.#transport = transport
    this.namespace = namespace
    this.handshake = handshake
    this.mode = mode
    this.outbox = context.hub.outbox(transport, mode === 'strict' ? strictForm : bareForm)
    this.rooms = new ClientRooms(context, this.outbox, namespace.rules, this)
    transport.receiver = this
  }

  /** A lenient client comes in; a strict one has some time to say `connect`, and who owes a token to bring it. */
  start(): void {
    const { clock, connectTimeoutMs, authentication } = this.context
    const owesToken = authentication.isDemanded && !this.handshake.auth.token
    if (this.mode === 'lenient' && !owesToken) {
      this.#await(this.#enter())
      return
    }
    const late = this.mode === 'lenient' ? 'no token in time' : 'no connect in time'
    this.#patience = new Patience(clock, connectTimeoutMs, () => this.close(closeCodes.policy.code, late))
  }

  #endPatience(): void {
    this.#patience?.end()
    this.#patience = undefined
  }

  // --- what the API asks for

  get protocol(): 'plain' {
    return 'plain'
  }

  get transportName(): 'websocket' | 'polling' {
    return this.#transport.name
  }

  get recoverable(): boolean {
    return this.mode === 'strict' && this.context.keepsOwnRooms(this.namespace)
  }

  sendEvent(event: string, args: readonly unknown[], ackId: number | undefined, compress?: boolean): void {
    this.outbox.say(this.#eventMessage(event, args, ackId), compress)
  }

  sendVolatile(event: string, args: readonly unknown[], compress?: boolean): void {
    this.outbox.sayVolatile(this.#eventMessage(event, args, undefined), compress)
  }

  #eventMessage(event: string, args: readonly unknown[], ackId: number | undefined): string | Buffer {
    if (event === 'message' && args.length === 1 && ackId === undefined) {
      const [only] = args
      if (typeof only === 'string' && this.mode === 'lenient') return only
      if (only instanceof Uint8Array) return Buffer.from(only.buffer, only.byteOffset, only.byteLength)
    }
    return encodeEvent(event, stringifyArgs(args), args.length, ackId)
  }

  refuseEvent(error: unknown, event: string): void {
    this.outbox.say(encodeError(this.errorOf(error, `the handler of "${event}"`).toWire(), event))
  }

  join(room: Room): Maybe<void> {
    return this.rooms.join(room, false)
  }

  leave(room: Room): Maybe<void> {
    return this.rooms.leave(room)
  }

  disconnect(reason: string): void {
    this.#reason = reason
    this.#settle(this.rooms.end())
    this.close(1000, 'disconnected by the server')
  }

  onTakenOver(): void {
    this.#reason = 'taken over'
    this.close(4500, 'a later connection has this session')
  }

  /** Says what can be said, then closes. */
  close(code: number, reason: string): void {
    this.outbox.flush()
    this.#transport.close(code, reason)
    this.#reason ??= code === 1001 || code === 1012 ? 'server shutting down' : 'transport close'
    this.#gone()
  }

  // --- what comes in

  /** @internal */
  onWritable(): void {
    this.outbox.onWritable()
  }

  /** @internal */
  onEnding(): void {
    this.outbox.flush()
  }

  /** @internal */
  onError(error: unknown): string {
    return this.context.report(error, 'a message')
  }

  /** @internal */
  onMessage(data: string | Buffer): void {
    if (!this.#busy) {
      this.#await(this.#handle(data))
      return
    }
    this.#waiting ??= []
    this.#waiting.push(data)
  }

  /** Does one thing at a time: while an answer is on its way, what comes after it waits, and no more is read. */
  #await(done: Maybe<void>): void {
    if (!(done instanceof Promise)) return
    this.#busy = true
    this.#transport.hold()
    void done.finally(() => this.#goOn())
  }

  #goOn(): void {
    this.#busy = false
    while (!this.#busy) {
      const next = this.#waiting?.shift()
      if (next === undefined) break
      this.#await(this.#handle(next))
    }
    if (!this.#busy) this.#transport.release()
  }

  /** Understands a message and does what it asks. Never throws, never rejects: what went wrong is told to the client. */
  #handle(data: string | Buffer): Maybe<void> {
    if (this.#isGone) return
    let packet: ClientPacket | undefined
    try {
      packet = typeof data === 'string' ? decodeClientMessage(data, this.mode) : decodeBinaryMessage(data)
      if (this.context.rates?.messages !== undefined) this.rates.message()
      const done = this.#dispatch(packet)
      return done instanceof Promise ? done.catch((error) => this.#fail(error, packet)) : undefined
    } catch (error) {
      this.#fail(error, packet)
    }
  }

  #dispatch(packet: ClientPacket): Maybe<void> {
    if (this.socket === undefined) return this.#dispatchFirst(packet)
    switch (packet.kind) {
      case 'event':
        return this.#onEvent(packet, this.socket)
      case 'bare-ping':
        return this.outbox.say('pong')
      case 'ping':
        return this.outbox.say(pongText)
      case 'pong':
        return
      case 'connect':
        throw new RequestError('invalid', 'already connected')
      case 'ack':
        return this.#onAck(packet, this.socket)
      default:
        return answerRequest(this, packet)
    }
  }

  /** What somebody says who is not in. */
  #dispatchFirst(packet: ClientPacket): Maybe<void> {
    if (this.mode === 'lenient') return this.#showToken(packet)
    if (packet.kind === 'pong') return // the heart may beat before anybody has said a word
    if (packet.kind !== 'connect') throw new ProtocolViolation(1002, 'connect comes first')
    this.#endPatience()
    return connectStrict(this, packet)
  }

  /** Who is not let in without a token brings it. One that is not good may be followed by another, as long as there is time. */
  #showToken(packet: ClientPacket): Maybe<void> {
    if (packet.kind !== 'auth' || !packet.token) throw new RequestError('unauthorized', 'a token comes first')
    const { token } = packet
    return whenReady(identify(this, token), (who) => {
      this.handshake.auth.token = token
      return this.#enterAs(who, () => acknowledge(this, packet))
    })
  }

  /** A lenient client is there from the start, as the user of the token in its URL or head. */
  #enter(): Maybe<void> {
    if (!this.context.authentication.isConfigured) return this.#enterAs(undefined, undefined)
    const entered = () => whenReady(identifyFirst(this), (who) => this.#enterAs(who, undefined))
    return attempt(entered, (error) => this.#refuse(error))
  }

  #enterAs(who: Authenticated | undefined, greet: (() => void) | undefined): Maybe<void> {
    if (this.#isGone) return
    this.#endPatience()
    if (who !== undefined) this.setUser(who.user, who.expiresAt)
    return attempt(
      () => enter(this, greet),
      (error) => this.#refuse(error),
    )
  }

  #onAck({ id, args, error }: AckPacket, socket: SocketPort): void {
    const refusal = error && new RequestError(error.code, error.message)
    if (typeof id === 'number') socket.receiveAck(id, args, refusal)
  }

  #onEvent(packet: EventPacket, socket: SocketPort): void {
    const { event, args, id, key } = packet
    if (this.context.rates !== undefined) this.rates.event(event)
    const reply = id === undefined && key === undefined ? undefined : new EventReply(this, event, id)
    if (key !== undefined && this.rooms.session && !reply?.remember(this.rooms.session.answers, key, args)) return
    if (!socket.receive(event, args, reply)) {
      const error = new RequestError('unknown_event', `nobody listens to "${event}"`)
      if (reply === undefined) this.refuseEvent(error, event)
      else reply.fail(error)
    }
  }

  setName(name: string | undefined): void {
    const wish = guestName(name)
    if (wish === undefined || !isGuest(this.user)) return
    this.#become({ id: this.user.id, name: wish })
  }

  setUser(user: Sender, expiresAt: number | undefined): void {
    if (this.rooms.session !== undefined) this.rooms.session.expiresAt = expiresAt
    this.#become(user)
    this.#expiry?.cancel()
    this.#expiry = undefined
    if (expiresAt === undefined) return
    const { clock } = this.context
    this.#expiry = new Expiry(clock, expiresAt, () => this.close(closeCodes.expired.code, 'the token has expired'))
  }

  get expiresAt(): number | undefined {
    return this.#expiry?.expiresAt
  }

  get user(): Sender {
    this.#user ??= newGuest(this.handshake.auth.name)
    return this.#user
  }

  #become(user: Sender): void {
    const before = this.#user
    this.#user = user
    this.rooms.changeUser(before)
  }

  get rates(): ClientRates {
    this.#rates ??= new ClientRates(this.context.rates ?? noRates, this.context.clock)
    return this.#rates
  }

  /** The one place where what a message did wrong is caught. */
  #fail(error: unknown, packet: ClientPacket | undefined): void {
    if (error instanceof ProtocolViolation) {
      this.close(error.closeCode, closeReason(error.message))
      return
    }
    if (this.socket === undefined && this.mode === 'strict') {
      this.#refuse(error)
      return
    }
    const refused = this.errorOf(error, packet?.kind ?? 'a message')
    const id = refused.id ?? (packet !== undefined && 'id' in packet ? packet.id : undefined)
    if (id !== undefined && packet?.kind !== 'ack') this.outbox.say(encodeAckError(id, refused.toWire()))
    else this.outbox.say(encodeError(refused.toWire(), refused.request ?? (packet && requestOf(packet))))
  }

  /** It may not come in: says why, and closes. */
  #refuse(error: unknown): void {
    const refused = this.errorOf(error, 'connect')
    this.outbox.say(encodeError(refused.toWire(), 'connect'))
    this.close(closeCodeOf(refused.code), closeReason(refused.message, refused.retryAfterMs))
  }

  /** What a client is told of an error: a refusal as it is, our own fault by the id of its log line. */
  errorOf(error: unknown, where: string): RequestError {
    if (error instanceof RequestError) return error
    return new RequestError('internal', `our fault, log line ${this.context.report(error, where)}`)
  }

  // --- the end

  /** @internal */
  onClose(code: number, end: TransportEnd): void {
    const goodbye = this.#reason === undefined && (code === 1000 || code === 1005)
    if (goodbye) this.#settle(this.rooms.end())
    this.#reason ??= goodbye ? 'client namespace disconnect' : end
    this.#gone()
  }

  #gone(): void {
    if (this.#isGone) return
    this.#isGone = true
    const { context, socket } = this
    this.#endPatience()
    this.#expiry?.cancel()
    const reason = this.#reason ?? 'transport close'
    socket?.closing(reason)
    this.rooms.drop()
    // the application may have put another object there
    if (socket !== undefined && this.rooms.session !== undefined) this.rooms.session.data = socket.data
    this.#settle(this.rooms.suspend())
    socket?.closed(reason)
    context.onGone(this)
  }

  /** A store that cannot be written now costs this client its return, which a new session will show. */
  #settle(done: Maybe<void>): void {
    if (done instanceof Promise) done.catch((error) => this.context.report(error, 'a session'))
  }
}
