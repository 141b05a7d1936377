/** How messages are compressed (RFC 7692), where a client offers that. */
export interface PerMessageDeflateOptions {
  /** Shorter messages are sent as they are. Default 1,024. */
  readonly thresholdBytes?: number | undefined
  /** The name that `ws` and Socket.IO have for {@link thresholdBytes}. */
  readonly threshold?: number | undefined
  /** How much is spent on what we send, from 1 to 9, as zlib counts. Default 4: of 64 KB of JSON half the time of 6, for 5 % more bytes. */
  readonly level?: number | undefined
  /** We compress each message by itself. Default true: only then are a publication's compressed frames shared. */
  readonly serverNoContextTakeover?: boolean | undefined
  /** Clients compress each message by itself. Default true: else each costs us up to 32 KB while it is connected. */
  readonly clientNoContextTakeover?: boolean | undefined
  /** How far back we refer, as a power of two from 9 to 15. Default 15. */
  readonly serverMaxWindowBits?: number | undefined
  /** How far back clients may refer, from 8 to 15. Below 15, offers of clients that cannot be told so are declined. Default 15. */
  readonly clientMaxWindowBits?: number | undefined
}

export interface ResolvedDeflateOptions {
  readonly thresholdBytes: number
  readonly level: number
  readonly serverNoContextTakeover: boolean
  readonly clientNoContextTakeover: boolean
  readonly serverMaxWindowBits: number
  readonly clientMaxWindowBits: number
}

export const deflateDefaults: ResolvedDeflateOptions = {
  thresholdBytes: 1_024,
  level: 4,
  serverNoContextTakeover: true,
  clientNoContextTakeover: true,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 15,
}

/** Fills in the defaults; undefined where nothing is to be compressed. Throws a `RangeError` that names the option. */
export function resolveDeflateOptions(
  options: boolean | PerMessageDeflateOptions = false,
): ResolvedDeflateOptions | undefined {
  if (options === false) return undefined
  if (options === true) return deflateDefaults
  const { serverNoContextTakeover, clientNoContextTakeover } = deflateDefaults
  return {
    thresholdBytes: whole('thresholdBytes', options.thresholdBytes ?? options.threshold, 0, Number.MAX_SAFE_INTEGER),
    level: whole('level', options.level, 1, 9),
    serverNoContextTakeover: options.serverNoContextTakeover ?? serverNoContextTakeover,
    clientNoContextTakeover: options.clientNoContextTakeover ?? clientNoContextTakeover,
    serverMaxWindowBits: whole('serverMaxWindowBits', options.serverMaxWindowBits, 9, 15),
    clientMaxWindowBits: whole('clientMaxWindowBits', options.clientMaxWindowBits, 8, 15),
  }
}

type Numbers = 'thresholdBytes' | 'level' | 'serverMaxWindowBits' | 'clientMaxWindowBits'

function whole(name: Numbers, given: number | undefined, least: number, most: number): number {
  const value = given ?? deflateDefaults[name]
  if (Number.isInteger(value) && value >= least && value <= most) return value
  throw new RangeError(
    `perMessageDeflate.${name} must be a whole number from ${least} to ${most}, not ${String(value)}`,
  )
}
