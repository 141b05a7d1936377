import { constants, deflateRawSync } from 'node:zlib'
import type { ResolvedDeflateOptions } from './deflate-options.ts'
import { compressedFrame, payloadStart } from './frame.ts'

/** Larger messages go out as they are: compressing is done in one go, and this much takes half a millisecond. */
export const MAX_DEFLATED_BYTES = 65_536

/** What a flushed deflate stream ends with, and a compressed message does not (RFC 7692 section 7.2.1). */
const FLUSH_BYTES = 4

/** How a message is to be compressed. */
export type DeflateSettings = Pick<ResolvedDeflateOptions, 'thresholdBytes' | 'level'>

/**
 * A frame that holds a whole message, compressed; the frame itself where that is too short, too long, or would save
 * nothing. `context` is what earlier messages came to, where this one may refer back to them.
 */
export function deflatedFrame(plain: Buffer, settings: DeflateSettings, windowBits = 15, context?: Buffer): Buffer {
  const start = payloadStart(plain)
  const bytes = plain.length - start
  if (bytes < settings.thresholdBytes || bytes > MAX_DEFLATED_BYTES) return plain
  const deflated = deflate(plain.subarray(start), settings.level, windowBits, context)
  return deflated.length < bytes ? compressedFrame(plain[0] as number, deflated) : plain
}

function deflate(payload: Buffer, level: number, maxWindowBits: number, context: Buffer | undefined): Buffer {
  // Nothing lies further back than all there is. A small window saves zlib 200 KB, whose pages it would touch anew for
  // each message: that is most of the time of a short one.
  const bits = Math.ceil(Math.log2(payload.length + (context?.length ?? 0) + 1))
  const windowBits = Math.min(Math.max(bits, 9), maxWindowBits)
  const output = deflateRawSync(payload, {
    level,
    windowBits,
    memLevel: Math.min(windowBits - 6, 8),
    // What does not fit in there would save nothing.
    chunkSize: Math.max(payload.length, 64),
    finishFlush: constants.Z_SYNC_FLUSH,
    ...(context === undefined ? undefined : { dictionary: context }),
  })
  return output.subarray(0, output.length - FLUSH_BYTES)
}
