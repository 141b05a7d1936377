import { isUtf8 } from 'node:buffer'

/** From this length on, a call to Node's own check costs less than walking. */
const BYTES_FOR_NATIVE = 64

/**
 * Checks UTF-8 that comes in pieces, and fails at the first byte that cannot be (RFC 3629, RFC 6455 section 8.1):
 * no overlong forms, no surrogates, nothing above U+10FFFF. Three small integers are all its state.
 */
export class Utf8Validator {
  /** Bytes the character that was begun still needs. */
  #needed = 0
  /** What its next byte may be: narrower than 80 to bf only behind e0, ed, f0 and f4. */
  #lowest = 0x80
  #highest = 0xbf

  /** True where a text may end. */
  get complete(): boolean {
    return this.#needed === 0
  }

  /** Takes the next piece; false when it holds a byte that cannot be, and then nothing more may be asked. */
  push(bytes: Buffer, start: number, end: number): boolean {
    let at = start
    while (this.#needed > 0 && at < end) if (!this.#next(bytes[at++] as number)) return false
    if (end - at >= BYTES_FOR_NATIVE) {
      const cut = startOfUnfinished(bytes, end)
      if (!isUtf8(bytes.subarray(at, cut))) return false
      at = cut
    }
    while (at < end) if (!this.#next(bytes[at++] as number)) return false
    return true
  }

  #next(byte: number): boolean {
    if (this.#needed > 0) {
      if (byte < this.#lowest || byte > this.#highest) return false
      this.#lowest = 0x80
      this.#highest = 0xbf
      this.#needed--
      return true
    }
    if (byte < 0x80) return true
    this.#needed = bytesAfter(byte)
    if (byte === 0xe0) this.#lowest = 0xa0
    else if (byte === 0xed) this.#highest = 0x9f
    else if (byte === 0xf0) this.#lowest = 0x90
    else if (byte === 0xf4) this.#highest = 0x8f
    return this.#needed > 0
  }
}

/** How many bytes follow this first byte of a character; 0 for ASCII and for what begins none. */
function bytesAfter(first: number): number {
  if (first < 0xc2) return 0
  if (first < 0xe0) return 1
  if (first < 0xf0) return 2
  return first < 0xf5 ? 3 : 0
}

/** Where the character that these bytes end inside of begins, or `end`. The caller has more than three bytes. */
function startOfUnfinished(bytes: Buffer, end: number): number {
  for (let back = 1; back <= 3; back++) {
    const byte = bytes[end - back] as number
    if (byte >= 0xc0) return bytesAfter(byte) >= back ? end - back : end
    if (byte < 0x80) return end
  }
  return end
}
