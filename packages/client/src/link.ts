import { closeAction, closeCodes, retryAfterFrom, type ServerPacket, type Welcome } from '@partyline/protocol'
import type { Credentials } from './authentication.ts'
import { Backoff } from './backoff.ts'
import { Connection, type ConnectionEnd, type ConnectionListener } from './connection.ts'
import { errorOfClose, type PartylineError } from './error.ts'
import { Listeners } from './listeners.ts'
import type { ResolvedOptions } from './options.ts'
import { isOffline, watchPage } from './page.ts'
import { pollingWith } from './polling-socket.ts'
import type { ClientState } from './state.ts'
import { type Transport, Transports } from './transports.ts'
import { Upgrade } from './upgrade.ts'
import { findWebSocket } from './web-socket.ts'

/** Whom a link serves. */
export interface LinkListener {
  /** Asked for before each connection. What it rejects with ends the attempt. */
  credentials(): Promise<Credentials>
  hello(credentials: Credentials): ReturnType<ConnectionListener['hello']>
  /** True where something was missed that comes now: the link is live when it is through. */
  onWelcome(welcome: Welcome, connection: Connection): boolean
  /** All that was missed has come. */
  onCaughtUp(): { recovered: boolean; caughtUp: number; gaps: readonly string[] }
  onPacket(packet: ServerPacket, connection: Connection): void
  /** The connection is gone, another one will be made. */
  onDrop(): void
  /** The connection is gone until somebody says `connect`; without an error where this client has said so itself. */
  onClosed(reason: string, error: PartylineError | undefined): void
}

/** A connection that lasted as long as this was a good one: the next drop starts with the shortest wait again. */
const stableAfterMs = 5_000

/** Keeps a connection: makes it, notices its end, waits, comes back. The only writer of the state. */
export class Link {
  state: ClientState = { name: 'idle' }
  readonly stateListeners = new Listeners<[ClientState]>()
  #url: string
  #options: ResolvedOptions
  #listener: LinkListener
  #backoff: Backoff
  #transports: Transports
  #connection: Connection | undefined
  #upgrade: Upgrade
  /** A WebSocket that may replace the connection, which polls, and that has not opened yet. */
  #candidate: Connection | undefined
  /** What was said by polling is still on its way; the connection is the WebSocket already. */
  #replaced: Connection | undefined
  /** The connection is a WebSocket that takes over from polling, and has not been welcomed yet. */
  #isGoingUp = false
  #welcomedAtMs: number | undefined
  #timer: unknown
  /** The server has said when to come back, so the page's own occasions do not count. */
  #told = false
  #unwatchPage: (() => void) | undefined

  constructor(url: string, options: ResolvedOptions, listener: LinkListener) {
    this.#url = url
    this.#options = options
    this.#listener = listener
    this.#backoff = new Backoff(options.reconnect || { minDelayMs: 0, maxDelayMs: 0, jitter: 0 }, options.random)
    this.#transports = new Transports(options.transports)
    this.#upgrade = new Upgrade(options.clock, () => this.#tryWebSocket())
  }

  get latencyMs(): number | undefined {
    return this.#connection?.latencyMs
  }

  /** Whether anything that is asked for may still be answered. */
  get isOpen(): boolean {
    return this.state.name !== 'closed'
  }

  connect(): void {
    if (this.state.name === 'waiting') this.tryNow()
    if (this.state.name !== 'idle' && this.state.name !== 'closed') return
    this.#backoff.reset()
    this.#unwatchPage ??= watchPage({
      onReturn: () => this.#onReturn(),
      onOffline: () => this.#lookAround(),
    })
    this.#open()
  }

  tryNow(): void {
    if (this.state.name === 'waiting') this.#open()
  }

  close(): void {
    if (this.state.name === 'closed') return
    for (const each of [this.#candidate, this.#replaced, this.#connection]) each?.leave()
    this.#close({ name: 'closed', code: closeCodes.normal.code, reason: 'closed by this client' })
  }

  #open(): void {
    this.#stopTimer()
    this.#connect(this.#transports.begin())
    this.#set({ name: 'connecting', attempt: this.#backoff.attempt + 1 })
  }

  #connect(transport: Transport): void {
    this.#isGoingUp = false
    this.#welcomedAtMs = undefined
    this.#connection = this.#newConnection(transport)
  }

  #newConnection(transport: Transport, beforeHello?: (connection: Connection) => Promise<void>): Connection {
    const { clock, connectTimeoutMs, fetch, transports, WebSocket } = this.#options
    const connection: Connection = new Connection(
      {
        transport,
        url: this.#url,
        connectTimeoutMs,
        openTimeoutMs: transport === 'websocket' && transports.length > 1 ? connectTimeoutMs / 2 : undefined,
        clock,
        findWebSocket: async () => (transport === 'polling' ? pollingWith({ fetch, clock }) : findWebSocket(WebSocket)),
        credentials: () => this.#listener.credentials(),
        ...(beforeHello && { beforeHello: () => beforeHello(connection) }),
      },
      {
        hello: (credentials) => this.#listener.hello(credentials),
        onWelcome: (welcome) => this.#onWelcome(welcome, connection),
        onCaughtUp: () => this.#onCaughtUp(connection),
        onPacket: (packet) => this.#listener.onPacket(packet, connection),
        onEnd: (end) => this.#onEnd(end, connection),
      },
    )
    return connection
  }

  /** While it polls: whether a WebSocket gets through by now. */
  #tryWebSocket(): void {
    if (this.state.name === 'live') {
      this.#candidate = this.#newConnection('websocket', (opened) => this.#goUp(opened))
    } else this.#upgrade.tryLater()
  }

  /** A WebSocket has opened: it takes the place of the connection that polls, and comes back to its session. */
  async #goUp(opened: Connection): Promise<void> {
    const polling = this.#connection
    this.#candidate = undefined
    this.#replaced = polling
    this.#connection = opened
    this.#isGoingUp = true
    this.#transports.begin('websocket')
    this.#welcomedAtMs = undefined
    this.#listener.onDrop()
    this.#set({ name: 'connecting', attempt: 1 })
    await polling?.drained(this.#options.connectTimeoutMs / 4)
    if (this.#connection === opened) this.#letGo()
  }

  /** What polled is not heard any more, and a WebSocket that was to replace it is not wanted. */
  #letGo(): void {
    const gone = [this.#replaced, this.#candidate]
    this.#replaced = undefined
    this.#candidate = undefined
    for (const each of gone) each?.abandon('not needed any more')
  }

  #onWelcome(welcome: Welcome, connection: Connection): void {
    this.#welcomedAtMs = this.#options.clock.now()
    this.#isGoingUp = false
    this.#transports.worked(connection.transport)
    if (connection.transport === 'websocket') this.#upgrade.reset()
    const isBehind = this.#listener.onWelcome(welcome, connection)
    if (!isBehind) this.#onCaughtUp(connection)
  }

  #onCaughtUp(connection: Connection): void {
    // Live already, or closed by a listener meanwhile.
    if (this.state.name !== 'connecting' || this.#connection !== connection) return
    const { transport } = connection
    if (transport === 'polling' && this.#transports.hasWebSocket) {
      if (this.#transports.isWebSocketKnown) this.#upgrade.tryNow()
      else this.#upgrade.tryLater()
    }
    this.#set({ name: 'live', ...this.#listener.onCaughtUp(), transport })
  }

  #onEnd(end: ConnectionEnd, connection: Connection): void {
    if (connection === this.#candidate) {
      this.#candidate = undefined
      this.#transports.isWebSocketKnown = false // not in this network
      if (!end.isFinal) this.#upgrade.tryLater()
    }
    if (connection !== this.#connection) return
    const welcomedAtMs = this.#welcomedAtMs
    this.#connection = undefined
    this.#upgrade.stop()
    this.#letGo()
    if (connection.transport === 'polling' && welcomedAtMs !== undefined) this.#upgrade.reset()
    const instead = this.#insteadOf(connection.transport, end)
    if (instead !== undefined) {
      this.#connect(instead)
      return
    }
    const { code, reason, error: told, isFinal } = end
    const toldMs = retryAfterFrom(reason) ?? told?.retryAfterMs
    const error = told ?? errorOfClose(code, reason, toldMs)
    if (isFinal || this.#options.reconnect === false || closeAction(code) !== 'return') {
      this.#close({ name: 'closed', code, reason, error })
      return
    }
    const { clock } = this.#options
    if (welcomedAtMs !== undefined && clock.now() - welcomedAtMs >= stableAfterMs) this.#backoff.reset()
    const ownDelayMs = this.#backoff.next()
    this.#told = toldMs !== undefined
    const delayMs = toldMs ?? ownDelayMs
    this.#listener.onDrop()
    this.#timer = clock.setTimeout(() => this.#open(), delayMs)
    const { attempt } = this.#backoff
    this.#set({
      name: 'waiting',
      attempt,
      delayMs,
      retryAtMs: Date.now() + delayMs,
      code,
      reason,
      isOffline: isOffline(),
      error,
    })
  }

  /** By what the attempt goes on, where this transport did not get through to the server. */
  #insteadOf(transport: Transport, { code, error, isFinal, wasReached }: ConnectionEnd): Transport | undefined {
    if (wasReached || isFinal || error !== undefined || code !== closeCodes.abnormal.code) return undefined
    if (this.#isGoingUp) {
      this.#transports.isWebSocketKnown = false
      this.#upgrade.postpone()
    }
    return this.#transports.insteadOf(transport)
  }

  #onReturn(): void {
    if (this.state.name === 'waiting' && !this.#told) this.#open()
    else this.#lookAround()
  }

  /** The network has come or gone, as the browser thinks: a line has to answer, and who waits has to know. */
  #lookAround(): void {
    if (this.state.name !== 'waiting') this.#connection?.probe()
    else if (this.state.isOffline !== isOffline()) this.#set({ ...this.state, isOffline: isOffline() })
  }

  #close(closed: ClientState & { name: 'closed' }): void {
    this.#stopTimer()
    this.#upgrade.stop()
    this.#connection = undefined
    this.#letGo()
    this.#unwatchPage?.()
    this.#unwatchPage = undefined
    this.state = closed
    this.#listener.onClosed(closed.reason, closed.error)
    // Somebody may have said `connect` in there.
    if (this.state === closed) this.#set(closed)
  }

  #stopTimer(): void {
    this.#options.clock.clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #set(state: ClientState): void {
    this.state = state
    this.stateListeners.tell(state)
  }
}
