import { CloseCode } from './close-code.ts'
import { FIN, MAX_CONTROL_BYTES } from './frame.ts'
import { turnKey, unmask } from './mask.ts'
import { ProtocolError } from './protocol-error.ts'

/**
 * What the decoder says of the frames it finds. Payload is unmasked, and `bits` is the bitwise or of it.
 * Each method MAY throw: nothing behind that frame is looked at then.
 */
export interface FrameSink {
  /** Whether a frame may begin with this byte, whose reserved bits or opcode RFC 6455 leaves to extensions. */
  allows(head: number): boolean
  /** A frame that lies whole in the chunk. */
  frame(head: number, chunk: Buffer, start: number, end: number, bits: number): void
  /** The header of a frame that goes on in later chunks, as soon as the payload's length is known. */
  begin(head: number, payloadBytes: number): void
  /** The next bytes of the frame that was begun: never none. */
  piece(chunk: Buffer, start: number, end: number, bits: number): void
  /** The frame that was begun is complete. */
  end(): void
}

/** What the next byte is. */
const Expect = { head: 0, length: 1, longLength: 2, key: 3, payload: 4 } as const

/**
 * Finds the frames in what a client sends (RFC 6455 section 5.2), and refuses what no client may send: reserved bits
 * and opcodes that no extension has a use for, missing masks, lengths that are not minimal, control frames that are long or fragmented.
 *
 * It works on the chunk it is given, and unmasks in place. Between chunks it keeps a few integers and no bytes.
 */
export class FrameDecoder {
  /** Set by whoever wants no more frames now: `push` returns behind the present one. */
  stopped = false

  readonly #sink: FrameSink
  #expect: number = Expect.head
  #head = 0
  #length = 0
  /** What a longer form of the length is for: below it the shorter one had to be taken. */
  #least = 0
  #key = 0
  /** Bytes left of the long length, of the key, or of the payload: whichever is expected. */
  #left = 0
  /** The sink has heard of the present frame. */
  #begun = false

  constructor(sink: FrameSink) {
    this.#sink = sink
  }

  /** True when the last chunk ended inside a frame. */
  get insideFrame(): boolean {
    return this.#expect !== Expect.head
  }

  /** True when that frame is part of a message. */
  get insideDataFrame(): boolean {
    return this.#expect !== Expect.head && (this.#head & 0x08) === 0
  }

  /** Works on a chunk, and says how many bytes of it are done: all, unless it was stopped. Throws {@link ProtocolError}. */
  push(chunk: Buffer): number {
    const size = chunk.length
    let at = 0
    while (at < size && !this.stopped) {
      // Most frames are short and lie whole in the chunk.
      if (this.#expect === Expect.head && size - at >= 6) {
        const head = chunk[at] as number
        const length = (chunk[at + 1] as number) - 0x80
        const end = at + 6 + length
        if (length >= 0 && length < 126 && end <= size && isHead(head)) {
          const key =
            (chunk[at + 2] as number) |
            ((chunk[at + 3] as number) << 8) |
            ((chunk[at + 4] as number) << 16) |
            ((chunk[at + 5] as number) << 24)
          this.#sink.frame(head, chunk, at + 6, end, unmask(chunk, at + 6, end, key))
          at = end
          continue
        }
      }
      at = this.#step(chunk, at)
    }
    return at
  }

  /** Goes on by one part of the present frame. */
  #step(chunk: Buffer, at: number): number {
    switch (this.#expect) {
      case Expect.head:
        return this.#takeHead(chunk, at)
      case Expect.length:
        return this.#takeLength(chunk, at)
      case Expect.longLength:
        return this.#takeLongLength(chunk, at)
      case Expect.key:
        return this.#takeKey(chunk, at)
      default:
        return this.#takePayload(chunk, at)
    }
  }

  #takeHead(chunk: Buffer, at: number): number {
    const head = chunk[at] as number
    if (!isHead(head) && !this.#sink.allows(head))
      throw new ProtocolError(CloseCode.protocolError, complaintAbout(head))
    this.#head = head
    this.#begun = false
    this.#expect = Expect.length
    return at + 1
  }

  #takeLength(chunk: Buffer, at: number): number {
    const byte = chunk[at] as number
    if (byte < 0x80) throw new ProtocolError(CloseCode.protocolError, 'frame without a mask')
    const length = byte & 0x7f
    if (length > MAX_CONTROL_BYTES && (this.#head & 0x08) !== 0) {
      throw new ProtocolError(CloseCode.protocolError, 'control frame too long')
    }
    if (length <= MAX_CONTROL_BYTES) {
      this.#length = length
      this.#knowLength(chunk, at + 1)
    } else {
      this.#length = 0
      this.#left = length === 126 ? 2 : 8
      this.#least = length === 126 ? 126 : 65_536
      this.#expect = Expect.longLength
    }
    return at + 1
  }

  #takeLongLength(chunk: Buffer, at: number): number {
    const byte = chunk[at] as number
    // The first of eight bytes: its top bit must be clear.
    if (this.#left === 8 && byte > 0x7f) throw new ProtocolError(CloseCode.protocolError, 'frame length out of range')
    this.#length = this.#length * 256 + byte
    this.#left--
    if (this.#left > 0) return at + 1
    if (this.#length < this.#least) throw new ProtocolError(CloseCode.protocolError, 'frame length not minimal')
    this.#knowLength(chunk, at + 1)
    return at + 1
  }

  /** `at` is where the key begins. */
  #knowLength(chunk: Buffer, at: number): void {
    this.#expect = Expect.key
    this.#left = 4
    this.#key = 0
    if (chunk.length - at < 4 + this.#length) this.#begin()
  }

  #begin(): void {
    this.#begun = true
    this.#sink.begin(this.#head, this.#length)
  }

  #takeKey(chunk: Buffer, at: number): number {
    const shift = (4 - this.#left) * 8
    this.#key |= (chunk[at] as number) << shift
    this.#left--
    if (this.#left === 0) {
      this.#expect = Expect.payload
      this.#left = this.#length
      // A frame without payload ends with its header, and no further byte need come.
      if (this.#length === 0) this.#takePayload(chunk, at + 1)
    }
    return at + 1
  }

  #takePayload(chunk: Buffer, at: number): number {
    const end = Math.min(chunk.length, at + this.#left)
    const bits = unmask(chunk, at, end, this.#key)
    if (!this.#begun) {
      this.#expect = Expect.head
      this.#sink.frame(this.#head, chunk, at, end, bits)
      return end
    }
    this.#left -= end - at
    this.#key = turnKey(this.#key, end - at)
    if (end > at) this.#sink.piece(chunk, at, end, bits)
    if (this.#left === 0) {
      this.#expect = Expect.head
      this.#sink.end()
    }
    return end
  }
}

/** By first byte: 1 where a frame may begin with it. No reserved bit, a known opcode, and no fragment of a control frame. */
const heads = new Uint8Array(256)
for (const head of [0x00, 0x01, 0x02, 0x80, 0x81, 0x82, 0x88, 0x89, 0x8a]) heads[head] = 1

function isHead(head: number): boolean {
  return heads[head] === 1
}

function complaintAbout(head: number): string {
  if ((head & 0x70) !== 0) return 'reserved bit set'
  if ((head & FIN) === 0 && (head & 0x0f) >= 0x08) return 'fragmented control frame'
  return 'unknown opcode'
}
