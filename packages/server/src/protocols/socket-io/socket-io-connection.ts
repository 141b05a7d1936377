import { Patience } from '../../guard/patience.ts'
import type { Handshake } from '../../handshake.ts'
import { attempt, type Maybe, whenReady } from '../../maybe.ts'
import type { EngineReceiver, EngineSession } from '../../transports/engine-io/engine-session.ts'
import type { EngineCloseReason } from '../../transports/engine-io/lane.ts'
import type { SocketIoContext } from './context.ts'
import { type InvalidPacket, type Packet, type PacketReceiver, PacketType, type Unfinished } from './packet.ts'
import { SocketIoClient } from './socket-io-client.ts'

/** Namespaces that were left lately: what is still on its way to them is no offence. */
const MAX_LEFT = 16

/** A namespace that was left. */
interface Departure {
  readonly name: string
  /** The client left by itself. */
  readonly isOwn: boolean
}

const nobody: readonly SocketIoClient[] = []
const none: readonly Departure[] = []

/** One Engine.IO session that speaks Socket.IO v5: the clients of all its namespaces share it. */
export class SocketIoConnection implements EngineReceiver, PacketReceiver {
  readonly session: EngineSession
  readonly #context: SocketIoContext
  /** The client, where there is one alone: most are in one namespace, and a map costs more than all else here. */
  #only: SocketIoClient | undefined
  /** All, once there have been several. */
  #several: Map<string, SocketIoClient> | undefined
  /** Namespaces of which it is not known yet whether they let it in. */
  #coming: Set<string> | undefined
  /** The handshake belongs to a client already. */
  #hasHandshake = false
  #left: readonly Departure[] = none
  #unfinished: Unfinished | undefined
  #patience: Patience | undefined
  #closeReason: string | undefined

  constructor(session: EngineSession, context: SocketIoContext) {
    this.session = session
    this.#context = context
    session.receiver = this
    this.#patience = new Patience(context.clock, context.connectTimeoutMs, () => this.close())
  }

  /** The handshake as one namespace sees it, with what the client said to come in there. */
  handshakeWith(auth: Record<string, unknown>): Handshake {
    const { handshake } = this.session
    if (this.#hasHandshake) return handshake.withAuth(auth)
    this.#hasHandshake = true
    handshake.auth = auth // most clients are in one namespace, and come once
    return handshake
  }

  /** The clients that are in, as they came. */
  get clients(): readonly SocketIoClient[] {
    if (this.#several !== undefined) return [...this.#several.values()]
    return this.#only === undefined ? nobody : [this.#only]
  }

  #clientIn(name: string): SocketIoClient | undefined {
    if (this.#several !== undefined) return this.#several.get(name)
    return this.#only?.namespace.name === name ? this.#only : undefined
  }

  // --- what comes in

  /** @internal */
  onMessage(message: string | Buffer): void {
    this.#unfinished = this.#context.parser.decode(message, this.#unfinished, this)
  }

  /** @internal */
  onPacket(packet: Packet): void {
    const { nsp, type } = packet
    if (type === PacketType.connect) {
      this.#connect(nameIn(nsp), (packet.data ?? {}) as Record<string, unknown>)
      return
    }
    const client = this.#clientIn(nsp)
    if (client === undefined) {
      if (!this.#isLate(packet)) this.close()
    } else if (type === PacketType.disconnect) client.depart()
    else if (type === PacketType.event || type === PacketType.ack) client.take(packet)
    else this.close()
  }

  /** What it sent is no packet: all its sockets are told, and it is closed. */
  onInvalid(error: InvalidPacket): void {
    for (const client of this.clients) client.tellError(error)
    this.close('forced close')
  }

  /** It was on its way when its namespace was left. Who has left by itself may still answer what it was asked before. */
  #isLate({ nsp, type }: Packet): boolean {
    const departure = this.#left.find(({ name }) => name === nsp)
    return departure !== undefined && (!departure.isOwn || type === PacketType.ack)
  }

  #connect(name: string, auth: Record<string, unknown>): void {
    if (this.#clientIn(name) !== undefined || this.#coming?.has(name)) {
      this.close()
      return
    }
    const done = attempt(
      () => this.#admit(name, auth),
      (error) => this.#context.report(error, 'a connect'),
    )
    if (!(done instanceof Promise)) return
    this.#coming ??= new Set()
    this.#coming.add(name)
    void done.then(() => this.#coming?.delete(name))
  }

  #admit(name: string, auth: Record<string, unknown>): Maybe<void> {
    return whenReady(this.#context.namespaceOf(name, auth), (namespace) => {
      if (namespace === undefined) {
        this.#refuse(name, { message: 'Invalid namespace' })
        return
      }
      const client = new SocketIoClient(this.#context, this, namespace, auth)
      return whenReady(client.enter(), (refusal) => {
        if (refusal !== undefined && this.session.readyState === 'open') this.#refuse(name, refusal)
      })
    })
  }

  #refuse(nsp: string, data: object): void {
    const { parser, forms } = this.#context
    const form = forms.get(this.session.lane.framing)
    const encoded = parser.encode({ type: PacketType.connectError, nsp, data })
    if (form !== undefined) this.session.write([form.frame(encoded)])
  }

  /** A namespace has let it in: from now on its packets go there. */
  entered(name: string, client: SocketIoClient): void {
    this.#patience?.end()
    this.#patience = undefined
    if (this.#left.length > 0) this.#left = this.#left.filter((each) => each.name !== name)
    if (this.#several !== undefined) this.#several.set(name, client)
    else if (this.#only === undefined) this.#only = client
    else {
      this.#several = new Map([
        [this.#only.namespace.name, this.#only],
        [name, client],
      ])
      this.#only = undefined
    }
  }

  /** It is no longer in this namespace; the connection stays. `isOwn`: the client has left by itself. */
  left(name: string, isOwn: boolean): void {
    if (this.#only?.namespace.name === name) this.#only = undefined
    this.#several?.delete(name)
    this.#left = [...this.#left, { name, isOwn }].slice(-MAX_LEFT)
  }

  // --- what the session tells

  /** @internal */
  onWritable(): void {
    for (const client of this.clients) client.outbox.onWritable()
  }

  /** @internal */
  onEnding(): void {
    for (const client of this.clients) client.outbox.writeOut()
  }

  /** @internal */
  onUpgrade(): void {
    for (const client of this.clients) client.changeForm()
  }

  /** @internal */
  onError(error: unknown): string {
    return this.#context.report(error, 'a message')
  }

  /** @internal */
  onClose(reason: EngineCloseReason): void {
    this.#gone(this.#closeReason ?? reason)
  }

  #gone(reason: string): void {
    this.#patience?.end()
    this.#patience = undefined
    this.#unfinished?.drop()
    for (const client of this.clients) client.gone(reason)
    this.#only = undefined
    this.#several = undefined
    this.#context.onGone(this)
  }

  // --- the end

  /** Closes the connection, and with it all its sockets; what waits is still said. */
  close(reason = 'forced server close'): void {
    if (this.session.readyState !== 'open') return
    this.#closeReason = reason
    this.onEnding()
    this.session.close()
    this.#gone(reason)
  }

  /** The server closes: nothing is said, and clients come back elsewhere. */
  shutDown(): void {
    this.#closeReason = 'server shutting down'
    this.session.shutDown()
    this.#gone('server shutting down')
  }
}

/** A namespace's name as the client says it; a query behind it is part of the name, as with the reference. */
const nameIn = (nsp: string): string => (nsp.startsWith('/') ? nsp : `/${nsp}`)
