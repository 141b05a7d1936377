import { constants, type InflateRaw, inflateRawSync, type ZlibOptions } from 'node:zlib'
import { CloseCode } from './close-code.ts'
import { ProtocolError } from './protocol-error.ts'

/** What must come out last. */
const SEAL = Buffer.from('a95c1e83d2700f6b', 'hex')

/**
 * What stands behind a message's bytes when they are inflated. They end with the header of a stored block, whose length of
 * 0 the sender has cut off (RFC 7692 section 7.2.2): we make it the seal's, and let a final block follow. Data that ends
 * elsewhere does not bring out the seal: with the 0 it often passes for whole.
 */
const TAIL = Buffer.concat([Buffer.from('0800f7ff', 'hex'), SEAL, Buffer.from('0300', 'hex')])

/** Nothing refers back further. */
const MAX_WINDOW_BYTES = 32_768

/** A message may be made of blocks that say they are the last (RFC 7692 section 7.2.3.4); each costs a new start. */
const MAX_FINAL_BLOCKS = 32

/** Room for what comes out is asked for in pieces: a small message needs one, and no more than one is too much. */
const LEAST_ROOM_BYTES = 1_024
const MOST_ROOM_BYTES = 65_536

/** The compressed bytes of a message as {@link inflate} wants them: a copy. */
export function inflatable(bytes: Buffer, start: number, end: number): Buffer {
  const input = Buffer.allocUnsafe(end - start + TAIL.length)
  bytes.copy(input, 0, start, end)
  TAIL.copy(input, end - start)
  return input
}

/**
 * Inflates a message. `context` is what earlier messages came to, where this one may refer back to them. Throws a
 * {@link ProtocolError} as soon as more than `maxBytes` have come out, or where the bytes cannot be inflated.
 *
 * All at once and synchronously: for a message of 1 KB that is 15 µs, where the way over Node's thread pool costs 98;
 * 1 MB of text takes 1 to 2 ms. Messages so keep their order by themselves, nothing lives between them but the context,
 * and how long one turn of the loop inflates is bounded by `ReadTurns`.
 */
export function inflate(input: Buffer, maxBytes: number, context: Buffer | undefined): Buffer {
  const maxSealedBytes = maxBytes + SEAL.length
  const parts: Buffer[] = []
  let size = 0
  let at = 0
  let known = context
  while (at < input.length) {
    if (parts.length > MAX_FINAL_BLOCKS) throw new ProtocolError(CloseCode.policy, 'too many final blocks')
    const { buffer, engine } = inflateBlocks(input.subarray(at), maxSealedBytes - size, known)
    at += engine.bytesWritten
    size += buffer.length
    parts.push(buffer)
    // What follows a final block may refer back to what stands before it.
    if (at < input.length) known = lastBytes(known, buffer)
  }
  const sealed = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts, size)
  const end = size - SEAL.length
  if (end < 0 || SEAL.compare(sealed, end) !== 0) throw broken()
  return sealed.subarray(0, end)
}

function lastBytes(before: Buffer | undefined, bytes: Buffer): Buffer | undefined {
  if (bytes.length === 0) return before
  return before === undefined ? bytes : Buffer.concat([before, bytes]).subarray(-MAX_WINDOW_BYTES)
}

interface Inflated {
  readonly buffer: Buffer
  readonly engine: InflateRaw
}

/** Inflates up to the end of a final block. */
function inflateBlocks(input: Buffer, maxBytes: number, context: Buffer | undefined): Inflated {
  const options: ZlibOptions = {
    chunkSize: Math.min(Math.max(8 * input.length, LEAST_ROOM_BYTES), MOST_ROOM_BYTES),
    finishFlush: constants.Z_FINISH,
    info: true,
    // Node knows no limit of 0.
    maxOutputLength: Math.max(maxBytes, 1),
    ...(context === undefined ? undefined : { dictionary: context }),
  }
  try {
    const inflated = inflateRawSync(input, options) as unknown as Inflated
    if (inflated.buffer.length <= maxBytes) return inflated
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'Z_DATA_ERROR' || code === 'Z_BUF_ERROR') {
      throw broken()
    }
    if (code !== 'ERR_BUFFER_TOO_LARGE') throw error
  }
  throw new ProtocolError(CloseCode.tooBig, 'message too big')
}

function broken(): ProtocolError {
  return new ProtocolError(CloseCode.invalidText, 'broken deflate stream')
}
