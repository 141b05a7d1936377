import { Patience } from '../../guard/patience.ts'
import type { Handshake } from '../../handshake.ts'
import { type Maybe, whenReady } from '../../maybe.ts'
import type { EngineReceiver, EngineSession } from '../../transports/engine-io/engine-session.ts'
import type { EngineCloseReason } from '../../transports/engine-io/lane.ts'
import type { SocketIoContext } from './context.ts'
import { InvalidPacket, type Packet, type PacketDecoder, PacketType } from './packet.ts'
import { SocketIoClient } from './socket-io-client.ts'

/** Namespaces that were left lately: what is still on its way to them is no offence. */
const MAX_LEFT = 16

/** One Engine.IO session that speaks Socket.IO v5: the clients of all its namespaces share it. */
export class SocketIoConnection implements EngineReceiver {
  readonly session: EngineSession
  readonly #context: SocketIoContext
  readonly #clients = new Map<string, SocketIoClient>()
  /** Namespaces of which it is not known yet whether they let it in. */
  readonly #coming = new Set<string>()
  #left: string[] = []
  #decoder: PacketDecoder | undefined
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
    if (this.#clients.size > 0 || this.#coming.size > 1) return handshake.withAuth(auth)
    handshake.auth = auth // most clients are in one namespace, and come once
    return handshake
  }

  /** The clients that are in. */
  get clients(): ReadonlyMap<string, SocketIoClient> {
    return this.#clients
  }

  // --- what comes in

  /** @internal */
  onMessage(message: string | Buffer): void {
    let packet: Packet | undefined
    try {
      this.#decoder ??= this.#context.parser.decoder()
      packet = this.#decoder.add(message)
    } catch (error) {
      if (!(error instanceof InvalidPacket)) throw error
      this.#fail(error)
      return
    }
    if (packet === undefined) return
    if (typeof message !== 'string') this.#decoder = undefined // an idle connection keeps none
    this.#take(packet)
  }

  #take(packet: Packet): void {
    const { nsp, type } = packet
    if (type === PacketType.connect) {
      this.#connect(nameIn(nsp), (packet.data ?? {}) as Record<string, unknown>)
      return
    }
    const client = this.#clients.get(nsp)
    if (client === undefined) {
      if (this.#left.includes(nsp)) return
      this.#fail(new InvalidPacket(`not connected to ${nsp}`))
    } else if (type === PacketType.disconnect) client.depart()
    else if (type === PacketType.event || type === PacketType.ack) client.take(packet)
    else this.#fail(new InvalidPacket('invalid state'))
  }

  #connect(name: string, auth: Record<string, unknown>): void {
    if (this.#clients.has(name) || this.#coming.has(name)) {
      this.#fail(new InvalidPacket(`already connected to ${name}`))
      return
    }
    this.#coming.add(name)
    const done = this.#admit(name, auth)
    if (done instanceof Promise) done.catch((error) => this.#context.report(error, 'a connect'))
  }

  #admit(name: string, auth: Record<string, unknown>): Maybe<void> {
    return whenReady(this.#context.namespaceOf(name, auth), (namespace) => {
      if (namespace === undefined) {
        this.#coming.delete(name)
        this.#refuse(name, { message: 'Invalid namespace' })
        return
      }
      const client = new SocketIoClient(this.#context, this, namespace, auth)
      return whenReady(client.enter(), (refusal) => {
        this.#coming.delete(name)
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
    this.#left = this.#left.filter((each) => each !== name)
    this.#clients.set(name, client)
  }

  /** It is no longer in this namespace; the connection stays. */
  left(name: string): void {
    this.#clients.delete(name)
    this.#left = [...this.#left, name].slice(-MAX_LEFT)
  }

  /** What it sent is no packet, or not one for now: all its sockets are told, and it is closed. */
  #fail(error: InvalidPacket): void {
    for (const client of this.#clients.values()) client.tellError(error)
    this.close()
  }

  // --- what the session tells

  /** @internal */
  onWritable(): void {
    for (const client of this.#clients.values()) client.outbox.onWritable()
  }

  /** @internal */
  onEnding(): void {
    for (const client of this.#clients.values()) client.outbox.writeOut()
  }

  /** @internal */
  onUpgrade(): void {
    for (const client of this.#clients.values()) client.changeForm()
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
    this.#decoder?.destroy()
    for (const client of [...this.#clients.values()]) client.gone(reason)
    this.#clients.clear()
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
