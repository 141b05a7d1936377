import { closeAction, closeCodes, retryAfterFrom, type ServerPacket, type Welcome } from '@partyline/protocol'
import type { Credentials } from './authentication.ts'
import { Backoff } from './backoff.ts'
import { Connection, type ConnectionEnd, type ConnectionListener } from './connection.ts'
import { errorOfClose, type PartylineError } from './error.ts'
import { Listeners } from './listeners.ts'
import type { ResolvedOptions } from './options.ts'
import { isOffline, watchPage } from './page.ts'
import type { ClientState } from './state.ts'
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
  #connection: Connection | undefined
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
    this.#connection?.leave()
    this.#close({ name: 'closed', code: closeCodes.normal.code, reason: 'closed by this client' })
  }

  #open(): void {
    this.#stopTimer()
    this.#welcomedAtMs = undefined
    const connection: Connection = new Connection(
      {
        url: this.#url,
        connectTimeoutMs: this.#options.connectTimeoutMs,
        clock: this.#options.clock,
        findWebSocket: () => findWebSocket(this.#options.WebSocket),
        credentials: () => this.#listener.credentials(),
      },
      {
        hello: (credentials) => this.#listener.hello(credentials),
        onWelcome: (welcome) => this.#onWelcome(welcome, connection),
        onCaughtUp: () => this.#onCaughtUp(connection),
        onPacket: (packet) => this.#listener.onPacket(packet, connection),
        onEnd: (end) => this.#onEnd(end),
      },
    )
    this.#connection = connection
    this.#set({ name: 'connecting', attempt: this.#backoff.attempt + 1 })
  }

  #onWelcome(welcome: Welcome, connection: Connection): void {
    this.#welcomedAtMs = this.#options.clock.now()
    const isBehind = this.#listener.onWelcome(welcome, connection)
    if (!isBehind) this.#onCaughtUp(connection)
  }

  #onCaughtUp(connection: Connection): void {
    // Live already, or closed by a listener meanwhile.
    if (this.state.name !== 'connecting' || this.#connection !== connection) return
    this.#set({ name: 'live', ...this.#listener.onCaughtUp() })
  }

  #onEnd({ code, reason, error: told, isFinal }: ConnectionEnd): void {
    const welcomedAtMs = this.#welcomedAtMs
    this.#connection = undefined
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
    this.#connection = undefined
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
