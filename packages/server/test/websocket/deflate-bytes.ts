import { constants, deflateRawSync, type ZlibOptions } from 'node:zlib'

/** The payload of a compressed message, as a client makes it (RFC 7692 section 7.2.1). */
export function deflated(data: string | Uint8Array, options: ZlibOptions = {}): Buffer {
  return deflateRawSync(data, { finishFlush: constants.Z_SYNC_FLUSH, ...options }).subarray(0, -4)
}

/** Text that compresses as text does, and is the same each time. */
export function prose(length: number): string {
  const words = ['time', 'line', 'room', 'a', 'of', 'the', 'connection', 'said', 'nothing', 'every', 'who', 'waits']
  let text = ''
  for (let i = 1; text.length < length; i = (i * 48_271) % 2_147_483_647)
    text += `${words[i % words.length]} ${i % 97} `
  return text.slice(0, length)
}

/** Bytes that cannot be compressed. */
export function noise(length: number): Buffer {
  const bytes = Buffer.alloc(length)
  for (let at = 0, i = 7; at < length; at++) {
    i = (i * 48_271) % 2_147_483_647
    bytes[at] = i >>> 11
  }
  return bytes
}
