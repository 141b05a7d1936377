import type { Clock } from './clock.ts'
import { systemClock } from './clock.ts'
import { type EngineOptions, type ResolvedEngineOptions, resolveEngineOptions } from './engine-options.ts'
import type { AddressLimits } from './guard/admission.ts'
import type { Authenticate } from './guard/authentication.ts'
import type { Rates } from './guard/client-rates.ts'
import type { AllowedOrigins } from './guard/origin.ts'
import { type Rate, resolveRate } from './guard/rate.ts'
import type { RoomRules } from './rules.ts'
import type { PerMessageDeflateOptions } from './websocket/deflate-options.ts'

/** Where something goes that people should know. Fields are for machines, the text for people. */
export interface Logger {
  warn(fields: object, text: string): void
  error(fields: object, text: string): void
}

/** Who may come from pages of other origins; the rest is what polling tells browsers about it, as the package `cors` takes it. */
export interface CorsOptions {
  readonly origin?: AllowedOrigins
  readonly credentials?: boolean
  readonly methods?: string | readonly string[]
  readonly allowedHeaders?: string | readonly string[]
  readonly exposedHeaders?: string | readonly string[]
  /** Seconds. */
  readonly maxAge?: number
  readonly optionsSuccessStatus?: number
}

/** What a server may be told. Socket.IO's own names (`pingInterval`, `maxHttpBufferSize`, …) are accepted as they are. */
export interface ServerOptions extends EngineOptions {
  /** What rooms keep, and what clients may do in them. Without a rule: kept for two minutes, closed to clients. */
  readonly rooms?: RoomRules
  /**
   * Plain WebSocket clients: always under `/partyline/`, and at `/` where nobody else could want it. `path`: under this
   * one alone. `aliases`: other paths for namespaces. `false`: none.
   */
  readonly plain?: false | { readonly path?: string; readonly aliases?: Readonly<Record<string, string>> }
  /** The path of Socket.IO's clients, or `false`: they are not served. Default `/socket.io`. */
  readonly path?: string | false
  /** Whether `path` ends in a slash. Default true. */
  readonly addTrailingSlash?: boolean
  /** A Socket.IO client that is in no namespace by then is disconnected, in ms. Default 45,000. */
  readonly connectTimeout?: number
  /** Whether a namespace that was made for a pattern goes with its last socket. Default false. */
  readonly cleanupEmptyChildNamespaces?: boolean
  /** Socket.IO's packets in another form than JSON: `socket.io-msgpack-parser`. */
  readonly parser?: unknown
  /**
   * Socket.IO's connection state recovery: its clients come back as the same socket, with what they missed, and see an
   * offset behind the arguments of events. Default: off for them; clients of our own always recover.
   */
  readonly connectionStateRecovery?:
    | boolean
    | {
        /** How long a session waits, in ms: Socket.IO's name of {@link sessionTtlMs}. */
        readonly maxDisconnectionDuration?: number
        /** Whether middlewares are not asked for who comes back. Default true. */
        readonly skipMiddlewares?: boolean
      }
  /**
   * Whether Socket.IO clients may ask for rooms by the events `subscribe`, `unsubscribe`, `publish`, `history`,
   * `presence` and `auth`, as plain clients do. Default false: these names are the application's.
   */
  readonly roomRequests?: boolean
  /** The path of the HTTP API (SSE, long poll, POST); without it there is none. */
  readonly http?: string | false
  /** Who may come from pages of other origins. */
  readonly cors?: CorsOptions
  /**
   * Says who a token's bearer is: `authenticate: async (token) => ({ id, name })`, or nothing where the token is not good.
   * Tokens come in the URL (`?token=`), as `Authorization: Bearer`, in a strict `connect` or a lenient `auth` message.
   * Without it everybody is a guest.
   */
  readonly authenticate?: Authenticate
  /** With `authenticate`: whether clients without a token may come, as guests. Default false. */
  readonly guests?: boolean
  /**
   * How often one client may send: `messages` of any kind, and single `events` by name, as in
   * `{ messages: "100 per second, burst 200", events: { chat: "10 per minute" } }`. Default: as often as it likes.
   */
  readonly rates?: { readonly messages?: Rate; readonly events?: Readonly<Record<string, Rate>> }
  /** What one address may do; `false`: anything. Loopback and private addresses are exempt until `trustProxy` is set. */
  readonly perAddress?: AddressLimits | false
  /** Clients at once, of all kinds. Default 100,000. */
  readonly maxConnections?: number
  /** Names this server goes by; where it is given, `Host` is checked. Loopback names are always allowed. */
  readonly hosts?: readonly string[]
  /** With `hosts`: whether IP addresses are good names too. Default true. */
  readonly addressesAreHosts?: boolean
  /** Whether a page that was opened from a file may come. Default false. */
  readonly allowNullOrigin?: boolean
  /**
   * Take the host and the address of a client from the last entries of `X-Forwarded-Host` and `X-Forwarded-For`: only
   * behind a proxy that sets them. Default false.
   */
  readonly trustProxy?: boolean
  /** Bytes of one message. Default 1,000,000. */
  readonly maxPayloadBytes?: number
  /** A ping goes out this often. Default 25,000. */
  readonly heartbeatMs?: number
  /** A byte is due this long after a ping. Default 20,000. */
  readonly heartbeatTimeoutMs?: number
  /** A strict client must have sent `connect` by then. Default 10,000. */
  readonly connectTimeoutMs?: number
  /** How long we wait for the other side of a closing handshake. Default 5,000. */
  readonly closeTimeoutMs?: number
  /** No byte of an unfinished message for so long closes 1013. Default 30,000. */
  readonly messageTimeoutMs?: number
  /** Pings and pongs of one client in a second. Default 100. */
  readonly maxControlFramesPerSecond?: number
  /**
   * Compresses messages (RFC 7692) for WebSocket clients that offer it, `true` or how; a publication once for all of
   * them, where `serverNoContextTakeover` stays true. Default false: it costs time, and what is secret must not be
   * compressed together with what others may choose.
   */
  readonly perMessageDeflate?: boolean | PerMessageDeflateOptions
  /** How long a session waits for its client after a drop. Default 120,000. */
  readonly sessionTtlMs?: number
  /** More than this unsent to a client, and what follows from kept rooms is read from the log later. Default 1,000,000. */
  readonly maxBufferedBytes?: number
  /** More than this unsent to a client closes it with 1013. Default 16,000,000. */
  readonly hardMaxBufferedBytes?: number
  /** Default 1,000. */
  readonly maxRoomsPerClient?: number
  /** What all rooms in memory keep together. Default 64 MiB. */
  readonly maxKeptBytes?: number
  /** Publications in a page of history, where the client does not say. Default 50. */
  readonly historyPage?: number
  /** Publications in a page of history at most. Default 500. */
  readonly maxHistoryPage?: number
  /** What a refusal says is to be set, where people know these options by other names. */
  readonly settingNames?: { readonly origins: string; readonly hosts: string; readonly trustProxy: string }
  readonly logger?: Logger
  /** Time, for tests. */
  readonly clock?: Clock
  /** Socket.IO's name of {@link heartbeatMs}. */
  readonly pingInterval?: number
  /** Socket.IO's name of {@link heartbeatTimeoutMs}. */
  readonly pingTimeout?: number
  /** Socket.IO's name of {@link maxPayloadBytes}. */
  readonly maxHttpBufferSize?: number
}

/** Options with nothing left open. */
export type ResolvedOptions = Required<
  Omit<
    ServerOptions,
    | 'hosts'
    | 'authenticate'
    | 'rates'
    | 'cors'
    | 'pingInterval'
    | 'pingTimeout'
    | 'maxHttpBufferSize'
    | 'plain'
    | keyof EngineOptions
  >
> & {
  readonly engine: ResolvedEngineOptions
  readonly hosts: readonly string[] | undefined
  readonly authenticate: Authenticate | undefined
  /** Undefined where nothing is limited. */
  readonly rates: Rates | undefined
  readonly cors: CorsOptions
  readonly plain: false | { readonly path?: string; readonly aliases?: Readonly<Record<string, string>> }
}

export const defaults = {
  rooms: {},
  plain: {},
  path: '/socket.io',
  addTrailingSlash: true,
  connectTimeout: 45_000,
  cleanupEmptyChildNamespaces: false,
  parser: undefined,
  connectionStateRecovery: false,
  roomRequests: false,
  engine: resolveEngineOptions({}),
  http: false,
  cors: {},
  authenticate: undefined,
  guests: false,
  rates: undefined,
  perAddress: {},
  maxConnections: 100_000,
  hosts: undefined,
  addressesAreHosts: true,
  allowNullOrigin: false,
  trustProxy: false,
  maxPayloadBytes: 1_000_000,
  heartbeatMs: 25_000,
  heartbeatTimeoutMs: 20_000,
  connectTimeoutMs: 10_000,
  closeTimeoutMs: 5_000,
  messageTimeoutMs: 30_000,
  maxControlFramesPerSecond: 100,
  perMessageDeflate: false,
  sessionTtlMs: 120_000,
  maxBufferedBytes: 1_000_000,
  hardMaxBufferedBytes: 16_000_000,
  maxRoomsPerClient: 1_000,
  maxKeptBytes: 64 * 1024 * 1024,
  historyPage: 50,
  maxHistoryPage: 500,
  settingNames: {
    origins: 'the option "cors.origin"',
    hosts: 'the option "hosts"',
    trustProxy: 'the option "trustProxy"',
  },
  logger: {
    warn: (fields, text) => console.warn(text, fields),
    error: (fields, text) => console.error(text, fields),
  },
  clock: systemClock,
} as const satisfies ResolvedOptions

/** What is told to who brings an adapter. */
export const adapterRefusal =
  "an adapter is not taken: rooms, order and recovery are the broker's, and this server's broker is the one in memory"

/** Fills in what was left out. Throws a `TypeError` that names the option where a number is none. */
export function resolveOptions(options: ServerOptions): ResolvedOptions {
  if ('adapter' in options && options.adapter !== undefined) {
    throw new TypeError(adapterRefusal)
  }
  refuseFunctions(options.cors)
  const { pingInterval, pingTimeout, maxHttpBufferSize, rates, ...own } = options
  const given: Record<string, unknown> = {
    ...(pingInterval === undefined ? undefined : { heartbeatMs: pingInterval }),
    ...(pingTimeout === undefined ? undefined : { heartbeatTimeoutMs: pingTimeout }),
    ...(maxHttpBufferSize === undefined ? undefined : { maxPayloadBytes: maxHttpBufferSize }),
    ...recoveryTtl(options.connectionStateRecovery),
  }
  for (const [name, value] of Object.entries(own)) if (value !== undefined) given[name] = value
  for (const [name, value] of Object.entries(given)) {
    if (typeof (defaults as Record<string, unknown>)[name] !== 'number') continue
    if (typeof value === 'number' && value > 0) continue
    throw new TypeError(`the option "${name}" must be a number above 0, not ${JSON.stringify(value)}`)
  }
  return { ...defaults, ...given, engine: resolveEngineOptions(options), rates: resolveRates(rates) } as ResolvedOptions
}

/** The package `cors` takes functions; who may come in is decided here in the turn in which it is asked. */
function refuseFunctions(cors: unknown): void {
  const origin: unknown = typeof cors === 'object' && cors !== null && 'origin' in cors ? cors.origin : cors
  if (typeof origin !== 'function') return
  throw new TypeError(
    'the option "cors.origin" is no function: name origins and patterns, or let all in (true) and decide in "allowRequest"',
  )
}

function recoveryTtl(given: ServerOptions['connectionStateRecovery']): Partial<ServerOptions> | undefined {
  const ttlMs = typeof given === 'object' ? given.maxDisconnectionDuration : undefined
  return ttlMs === undefined ? undefined : { sessionTtlMs: ttlMs }
}

function resolveRates({ messages, events = {} }: NonNullable<ServerOptions['rates']> = {}): Rates | undefined {
  const byEvent = new Map(
    Object.entries(events).map(([name, rate]) => [name, resolveRate(rate, `rates.events["${name}"]`)]),
  )
  if (messages === undefined && byEvent.size === 0) return undefined
  return {
    messages: messages === undefined ? undefined : resolveRate(messages, 'rates.messages'),
    events: byEvent,
  }
}
