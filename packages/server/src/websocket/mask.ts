/** From this length on, making a view of the chunk costs less than what going by words saves. */
const BYTES_FOR_WORDS = 128

/**
 * Masks and unmasks the payload of client frames (RFC 6455 section 5.3): one exclusive or, in place.
 *
 * The key is an integer whose lowest byte is the key's first. The result is the bitwise or of what was unmasked (of
 * all its bytes, whatever the order): below 0x80 when it is ASCII, so that nobody has to look again.
 */
export function unmask(chunk: Buffer, start: number, end: number, key: number): number {
  if (end - start >= BYTES_FOR_WORDS) return unmaskWords(chunk, start, end, key)
  const key0 = key & 0xff
  const key1 = (key >>> 8) & 0xff
  const key2 = (key >>> 16) & 0xff
  const key3 = key >>> 24
  let bits = 0
  let at = start
  for (const last = end - 3; at < last; at += 4) {
    bits |= chunk[at] = (chunk[at] as number) ^ key0
    bits |= chunk[at + 1] = (chunk[at + 1] as number) ^ key1
    bits |= chunk[at + 2] = (chunk[at + 2] as number) ^ key2
    bits |= chunk[at + 3] = (chunk[at + 3] as number) ^ key3
  }
  if (at < end) bits |= chunk[at] = (chunk[at] as number) ^ key0
  if (++at < end) bits |= chunk[at] = (chunk[at] as number) ^ key1
  if (++at < end) bits |= chunk[at] = (chunk[at] as number) ^ key2
  return bits
}

/** The key for the bytes that follow `bytes` bytes of the same payload. */
export function turnKey(key: number, bytes: number): number {
  const bits = (bytes & 3) * 8
  return bits === 0 ? key : (key >>> bits) | (key << (32 - bits))
}

function unmaskWords(chunk: Buffer, start: number, end: number, key: number): number {
  const view = new DataView(chunk.buffer, chunk.byteOffset + start, end - start)
  const words = (end - start) & ~3
  let bits = 0
  for (let at = 0; at < words; at += 4) {
    const word = view.getInt32(at, true) ^ key
    view.setInt32(at, word, true)
    bits |= word
  }
  bits |= (bits >>> 16) | (bits >>> 8) | (bits >>> 24)
  return (bits & 0xff) | unmask(chunk, start + words, end, key)
}
