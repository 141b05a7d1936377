import type { IncomingMessage, ServerResponse } from 'node:http'

/** How a client's packets may travel. */
export type EngineTransportName = 'polling' | 'websocket'

/** The cookie that a polling handshake sets, for proxies that send a client's requests to one node. */
export interface EngineCookie {
  /** Default `io`. */
  readonly name?: string
  /** Default `/`; `false`: none. */
  readonly path?: string | false
  /** Default true. */
  readonly httpOnly?: boolean
  /** Default `lax`. */
  readonly sameSite?: boolean | 'lax' | 'strict' | 'none'
  readonly domain?: string
  readonly secure?: boolean
  /** Seconds. */
  readonly maxAge?: number
}

/** Asked for every handshake: `decide(message, isAllowed)`. */
export type AllowRequest = (
  request: IncomingMessage,
  decide: (message: string | null | undefined, isAllowed: boolean) => void,
) => void

/** Asked for every request, as with Express. */
export type EngineMiddleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void

/** What Engine.IO may be told, by its own names. */
export interface EngineOptions {
  /** Default both. */
  readonly transports?: readonly EngineTransportName[]
  /** Whether polling clients may change to a WebSocket. Default true. */
  readonly allowUpgrades?: boolean
  /** How long such a change may take, in ms. Default 10,000. */
  readonly upgradeTimeout?: number
  /** Default none. */
  readonly cookie?: boolean | EngineCookie
  readonly allowRequest?: AllowRequest
  /** Payloads of polling are compressed from `threshold` bytes on. Default 1,024. */
  readonly httpCompression?: boolean | { readonly threshold?: number }
  /** Said behind the open packet, to each client. */
  readonly initialPacket?: string
  /** Whether the stock client for browsers is served under the path, from the application's `socket.io-client`. Default true. */
  readonly serveClient?: boolean
}

export interface ResolvedEngineOptions {
  /** As the package `cors` takes it; undefined: no headers, and no answers to preflights. */
  readonly cors: object | undefined
  readonly transports: ReadonlySet<string>
  readonly upgrades: readonly string[]
  readonly upgradeTimeoutMs: number
  readonly cookie: EngineCookie | undefined
  readonly allowRequest: AllowRequest | undefined
  readonly compressFromBytes: number | undefined
  readonly initialPacket: string | undefined
  readonly serveClient: boolean
}

export function resolveEngineOptions(options: EngineOptions & { readonly cors?: object }): ResolvedEngineOptions {
  const { transports = ['polling', 'websocket'], allowUpgrades = true, cookie, httpCompression = true } = options
  const threshold = typeof httpCompression === 'object' ? httpCompression.threshold : undefined
  return {
    cors: withPatterns(options.cors),
    transports: new Set<string>(transports),
    upgrades: allowUpgrades && transports.includes('websocket') ? ['websocket'] : [],
    upgradeTimeoutMs: options.upgradeTimeout ?? 10_000,
    cookie: cookie === true ? {} : cookie || undefined,
    allowRequest: options.allowRequest,
    compressFromBytes: httpCompression === false ? undefined : (threshold ?? 1_024),
    initialPacket: options.initialPacket,
    serveClient: options.serveClient !== false,
  }
}

/** Hosts that begin with a star as patterns: the package `cors` knows these alone. */
function withPatterns(cors: object | undefined): object | undefined {
  if (cors === undefined || !('origin' in cors)) return cors
  const { origin } = cors
  return { ...cors, origin: Array.isArray(origin) ? origin.map(patternOf) : patternOf(origin) }
}

function patternOf(origin: unknown): unknown {
  if (typeof origin !== 'string' || !origin.includes('://*.')) return origin
  const [scheme, host] = origin.split('://*.').map((part) => part.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&'))
  return new RegExp(`^${scheme}://[^/]+\\.${host}$`, 'i')
}
