import { constants, deflateRawSync } from 'node:zlib'

/** Raw zlib knows no window of 256 bytes; without one it needs no more than the byte before. */
const leastZlibBits = 9

/** Compresses our messages, in a window of so many bits; with context when told so. */
export class Deflater {
  readonly #windowBits: number
  readonly #keepsContext: boolean
  #history: Buffer = Buffer.alloc(0)

  constructor(windowBits: number, keepsContext: boolean) {
    this.#windowBits = windowBits
    this.#keepsContext = keepsContext
  }

  /** The message without the four bytes that belong to every end (RFC 7692 §7.2.1). */
  compress(payload: Uint8Array): Buffer {
    const isTiny = this.#windowBits < leastZlibBits
    const compressed = deflateRawSync(payload, {
      finishFlush: constants.Z_SYNC_FLUSH,
      level: constants.Z_BEST_SPEED,
      windowBits: this.#bitsFor(payload.length),
      ...(isTiny && { strategy: constants.Z_RLE }),
      ...(this.#history.length > 0 && !isTiny && { dictionary: this.#history }),
    })
    if (this.#keepsContext) {
      this.#history = Buffer.from(Buffer.concat([this.#history, payload]).subarray(-(1 << this.#windowBits)))
    }
    return compressed.subarray(0, -4)
  }

  /** No more than what fills it: a small window is made faster. */
  #bitsFor(payloadBytes: number): number {
    const useful = Math.ceil(Math.log2(payloadBytes + this.#history.length + 1))
    return Math.max(leastZlibBits, Math.min(this.#windowBits, useful))
  }
}

/** One message alone. */
export function compressed(payload: string | Uint8Array): Buffer {
  return new Deflater(15, false).compress(typeof payload === 'string' ? Buffer.from(payload) : payload)
}
