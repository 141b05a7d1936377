import { constants } from 'node:buffer'
import { MAX_TIMEOUT_MS, type MonotonicClock, systemClock } from '../clock.ts'
import { type PerMessageDeflateOptions, type ResolvedDeflateOptions, resolveDeflateOptions } from './deflate-options.ts'

/** The limits of one connection. Everything a peer can make us keep, count or wait for has one. */
export interface ConnectionOptions {
  /** Bytes of one message, over all its fragments. Beyond: 1009. */
  readonly maxPayloadBytes?: number | undefined
  /** Fragments of one message. Beyond: 1008. */
  readonly maxFragments?: number | undefined
  /** Empty fragments of one message, the last one not counted. Beyond: 1008. */
  readonly maxEmptyFragments?: number | undefined
  /** Pings and pongs in one second. Beyond: 1008. */
  readonly maxControlFramesPerSecond?: number | undefined
  /** How long no byte of an unfinished frame or message may come. Then: 1013. */
  readonly messageTimeoutMs?: number | undefined
  /** How long the peer has to answer our close, and then to let go of the stream. */
  readonly closeTimeoutMs?: number | undefined
  /** Whether messages may be compressed where the client offers it (RFC 7692), and how. Default: they may not. */
  readonly perMessageDeflate?: boolean | PerMessageDeflateOptions | undefined
  readonly clock?: MonotonicClock | undefined
}

/** How one message is sent. */
export interface SendOptions {
  /** False: not compressed, whatever was agreed on. */
  readonly compress?: boolean | undefined
}

export interface ResolvedConnectionOptions {
  readonly maxPayloadBytes: number
  readonly maxFragments: number
  readonly maxEmptyFragments: number
  readonly maxControlFramesPerSecond: number
  readonly messageTimeoutMs: number
  readonly closeTimeoutMs: number
  /** Undefined where nothing is compressed. */
  readonly perMessageDeflate: ResolvedDeflateOptions | undefined
  /** What the peer did wrong is said by the code alone, as Engine.IO's clients know it. */
  readonly isTerse?: boolean
  readonly clock: MonotonicClock
}

export const connectionDefaults: ResolvedConnectionOptions = {
  maxPayloadBytes: 1_000_000,
  // A message of 4 MB in fragments of 64 bytes is legal, with room to spare.
  maxFragments: 131_072,
  maxEmptyFragments: 1_024,
  maxControlFramesPerSecond: 100,
  messageTimeoutMs: 30_000,
  closeTimeoutMs: 5_000,
  perMessageDeflate: undefined,
  clock: systemClock,
}

/** Fills in the defaults. Done once, where connections are made; throws a `RangeError` that names the option. */
export function resolveConnectionOptions(options: ConnectionOptions = {}): ResolvedConnectionOptions {
  return {
    // A text must fit into a string.
    maxPayloadBytes: count('maxPayloadBytes', options, 0, constants.MAX_STRING_LENGTH),
    maxFragments: count('maxFragments', options, 1),
    maxEmptyFragments: count('maxEmptyFragments', options, 0),
    maxControlFramesPerSecond: count('maxControlFramesPerSecond', options, 1),
    messageTimeoutMs: count('messageTimeoutMs', options, 1, MAX_TIMEOUT_MS),
    closeTimeoutMs: count('closeTimeoutMs', options, 1, MAX_TIMEOUT_MS),
    perMessageDeflate: resolveDeflateOptions(options.perMessageDeflate),
    clock: options.clock ?? connectionDefaults.clock,
  }
}

function count(
  name: Exclude<keyof ConnectionOptions, 'clock' | 'perMessageDeflate'>,
  options: ConnectionOptions,
  least: number,
  most: number = Number.MAX_SAFE_INTEGER,
): number {
  const value = options[name] ?? connectionDefaults[name]
  if (Number.isInteger(value) && value >= least && value <= most) return value
  throw new RangeError(`${name} must be a whole number from ${least} to ${most}, not ${String(value)}`)
}
