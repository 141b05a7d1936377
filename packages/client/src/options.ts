import { type Clock, systemClock } from './clock.ts'
import type { FetchLike } from './polling-socket.ts'
import { checkTransports, type Transport } from './transports.ts'
import type { WebSocketConstructor } from './web-socket.ts'

/** How a client comes back after a drop. */
export interface ReconnectOptions {
  /** The step of the first wait; it doubles with each attempt. Default 1,000. */
  minDelayMs?: number
  /** The longest step. Default 30,000. */
  maxDelayMs?: number
  /** How much of a step is left to chance, 0 to 1. Default 1: anything from nothing to the whole step, so that a crowd does not come at once. */
  jitter?: number
}

/** A value, or what gives it anew for each connection. */
export type Lazy<T> = T | (() => T | Promise<T>)

export interface ConnectOptions {
  /** Where the server has its connections; the namespace stands behind it. Default `/partyline`. */
  path?: string
  /** What a guest wants to be called. Asked for anew for each connection. */
  name?: Lazy<string | null | undefined>
  /**
   * Who this is. A function is asked before every connection, and again before the token expires; what it throws or
   * rejects is in the state, and it is asked again after the wait.
   */
  token?: Lazy<string | null | undefined>
  /** Connect at once. Default true; else `client.connect()` does. */
  autoConnect?: boolean
  /** How to come back after a drop; `false` never does. */
  reconnect?: false | ReconnectOptions
  /** How long a request may stay unanswered on a connection that lives. Default 10,000. */
  ackTimeoutMs?: number
  /** How long opening, and being welcomed, may take. Default 10,000. */
  connectTimeoutMs?: number
  /**
   * By what messages may travel; the first is tried first. Default `['websocket', 'polling']`: polling where WebSockets
   * do not get through, until one does.
   */
  transports?: readonly Transport[]
  /** The WebSocket to use. Default: the platform's own, in older Nodes the one of the package `ws`. */
  WebSocket?: WebSocketConstructor
  /** The `fetch` that polls. Default: the platform's own. */
  fetch?: FetchLike
  /** How many requests wait for a connection before further ones are refused with `too_many`. Default 1,000. */
  maxQueued?: number
  /** Time and timers, for tests. */
  clock?: Clock
  /** Chance for the waits, 0 to 1, for tests. */
  random?: () => number
}

/** The options with their defaults. */
export interface ResolvedOptions {
  path: string
  name: Lazy<string | null | undefined>
  token: Lazy<string | null | undefined>
  autoConnect: boolean
  reconnect: false | Required<ReconnectOptions>
  ackTimeoutMs: number
  connectTimeoutMs: number
  transports: readonly Transport[]
  WebSocket: WebSocketConstructor | undefined
  fetch: FetchLike
  maxQueued: number
  clock: Clock
  random: () => number
}

export const defaults = {
  path: '/partyline',
  autoConnect: true,
  reconnect: { minDelayMs: 1000, maxDelayMs: 30_000, jitter: 1 },
  ackTimeoutMs: 10_000,
  connectTimeoutMs: 10_000,
  transports: ['websocket', 'polling'],
  maxQueued: 1000,
} as const

/** Done once, at the edge: what lies behind it gets values. */
export function resolveOptions(options: ConnectOptions): ResolvedOptions {
  return {
    path: options.path ?? defaults.path,
    name: options.name,
    token: options.token,
    autoConnect: options.autoConnect ?? defaults.autoConnect,
    reconnect: options.reconnect === false ? false : { ...defaults.reconnect, ...options.reconnect },
    ackTimeoutMs: options.ackTimeoutMs ?? defaults.ackTimeoutMs,
    connectTimeoutMs: options.connectTimeoutMs ?? defaults.connectTimeoutMs,
    transports: checkTransports(options.transports ?? defaults.transports),
    WebSocket: options.WebSocket,
    // Asked for by its name each time: called as the method of another object a browser's own throws.
    fetch: options.fetch ?? ((url, init) => fetch(url, init)),
    maxQueued: options.maxQueued ?? defaults.maxQueued,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
  }
}
