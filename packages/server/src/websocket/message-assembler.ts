import { isUtf8 } from 'node:buffer'
import { asciiText, utf8Text } from './buffer-text.ts'
import { CloseCode, isCloseCode } from './close-code.ts'
import { FIN, Opcode, RESERVED, RSV1 } from './frame.ts'
import type { FrameSink } from './frame-decoder.ts'
import { ProtocolError } from './protocol-error.ts'
import { Utf8Validator } from './utf8-validator.ts'

/** What the assembler makes of frames. Bytes that are handed on as `start` to `end` of a Buffer are lent for the call. */
export interface MessageSink {
  receiveMessage(data: string | Buffer): void
  /** How messages are compressed; undefined where they may not be. */
  readonly deflate: object | undefined
  /** A message that is still compressed; `opcode` says what it is. */
  receiveCompressed(opcode: number, bytes: Buffer, start: number, end: number): void
  receivePing(bytes: Buffer, start: number, end: number): void
  receivePong(): void
  /** `code` is 1005 when the frame had none. */
  receiveClose(code: number, reason: string): void
}

/** The limits on one message; see `ConnectionOptions`. */
export interface MessageLimits {
  readonly maxPayloadBytes: number
  readonly maxFragments: number
  readonly maxEmptyFragments: number
}

/** The first room for a message whose length is not known yet. */
const FIRST_ROOM_BYTES = 256

const FINAL_TEXT = FIN | Opcode.text
const FINAL_BINARY = FIN | Opcode.binary
const FINAL_COMPRESSED = FIN | RSV1
const CLOSE = FIN | Opcode.close

/**
 * Makes messages of frames (RFC 6455 sections 5.4 to 5.6), and refuses what is out of order, too big, or not UTF-8.
 *
 * A message that lies whole in one chunk is made in one call. Others are gathered in one buffer that doubles as bytes
 * come: what a header announces costs nothing. A text is checked while it comes, inside frames too.
 */
export class MessageAssembler implements FrameSink {
  /** Set when a frame of a message begins or ends; cleared by whoever watches for peers that stall. */
  moved = false

  #sink: MessageSink
  #limits: MessageLimits
  /** First byte of the frame that was begun. */
  #head = 0

  /** Opcode of the message that is under way, with {@link RSV1} where it is compressed, or 0. */
  #opcode = 0
  #fragments = 0
  #emptyFragments = 0
  /** What was gathered of it. */
  #gathered: Buffer | undefined
  #size = 0
  /** What it will come to, known from its last frame's header on. */
  #expected = Number.POSITIVE_INFINITY
  /** Bitwise or of its bytes. */
  #bits = 0
  #validator: Utf8Validator | undefined

  /** Payload of a control frame that goes over chunks. */
  #control: Buffer | undefined
  #controlSize = 0

  constructor(sink: MessageSink, limits: MessageLimits) {
    this.#sink = sink
    this.#limits = limits
  }

  /** Between two messages it may go on for somebody else. */
  serve(sink: MessageSink, limits: MessageLimits): void {
    this.#sink = sink
    this.#limits = limits
    this.moved = false
  }

  /** True from the first frame of a message to its last byte. */
  get insideMessage(): boolean {
    return this.#opcode !== 0
  }

  /** Only the first frame of a message says that it is compressed (RFC 7692 section 6). */
  allows(head: number): boolean {
    const opcode = head & 0x0f
    const isFirst = opcode === Opcode.text || opcode === Opcode.binary
    return isFirst && (head & RESERVED) === RSV1 && this.#sink.deflate !== undefined
  }

  frame(head: number, chunk: Buffer, start: number, end: number, bits: number): void {
    if (this.#opcode === 0 && end - start <= this.#limits.maxPayloadBytes) {
      if (head === FINAL_TEXT) {
        this.#sink.receiveMessage(bits < 0x80 ? asciiText(chunk, start, end) : checkedText(chunk, start, end))
        return
      }
      if (head === FINAL_BINARY) {
        // A copy: a slice would keep the whole chunk alive.
        this.#sink.receiveMessage(Buffer.from(chunk.subarray(start, end)))
        return
      }
      if ((head & FINAL_COMPRESSED) === FINAL_COMPRESSED) {
        this.#sink.receiveCompressed(head & 0x0f, chunk, start, end)
        return
      }
    }
    if ((head & 0x08) !== 0) {
      this.#receiveControl(head, chunk, start, end)
      return
    }
    this.begin(head, end - start)
    if (end > start) this.piece(chunk, start, end, bits)
    this.end()
  }

  begin(head: number, payloadBytes: number): void {
    this.#head = head
    if ((head & 0x08) !== 0) {
      if (head === CLOSE && payloadBytes === 1) throw badClose()
      this.#control = Buffer.allocUnsafe(payloadBytes)
      this.#controlSize = 0
      return
    }
    this.moved = true
    this.#checkOrder(head & (RSV1 | 0x0f))
    if (this.#size + payloadBytes > this.#limits.maxPayloadBytes) {
      throw new ProtocolError(CloseCode.tooBig, 'message too big')
    }
    if (++this.#fragments > this.#limits.maxFragments) throw new ProtocolError(CloseCode.policy, 'too many fragments')
    if (head >= FIN) this.#expected = this.#size + payloadBytes
    else if (payloadBytes === 0 && ++this.#emptyFragments > this.#limits.maxEmptyFragments) {
      throw new ProtocolError(CloseCode.policy, 'too many empty fragments')
    }
  }

  piece(chunk: Buffer, start: number, end: number, bits: number): void {
    if ((this.#head & 0x08) !== 0) {
      this.#controlSize += chunk.copy(this.#control as Buffer, this.#controlSize, start, end)
      return
    }
    if (this.#opcode === Opcode.text) this.#checkText(chunk, start, end, bits)
    this.#gather(chunk, start, end)
  }

  end(): void {
    if ((this.#head & 0x08) !== 0) {
      const payload = this.#control as Buffer
      this.#control = undefined
      this.#receiveControl(this.#head, payload, 0, payload.length)
      return
    }
    this.moved = true
    if (this.#head >= FIN) this.#finish()
  }

  #checkOrder(opcode: number): void {
    if (opcode === Opcode.continuation) {
      if (this.#opcode === 0) throw new ProtocolError(CloseCode.protocolError, 'continuation of nothing')
    } else {
      if (this.#opcode !== 0) throw new ProtocolError(CloseCode.protocolError, 'new message inside a message')
      this.#opcode = opcode
    }
  }

  #checkText(chunk: Buffer, start: number, end: number, bits: number): void {
    this.#bits |= bits
    if (this.#bits < 0x80) return
    this.#validator ??= new Utf8Validator()
    if (bits < 0x80 && this.#validator.complete) return
    if (!this.#validator.push(chunk, start, end)) throw notUtf8()
  }

  /** Bytes of a message are kept in one buffer, not in a list of views: a fragment costs what it holds. */
  #gather(chunk: Buffer, start: number, end: number): void {
    const size = this.#size + end - start
    if (this.#gathered === undefined || size > this.#gathered.length) {
      const room = Math.min(
        Math.max(2 * size, FIRST_ROOM_BYTES),
        Math.max(size, this.#limits.maxPayloadBytes),
        this.#expected,
      )
      const roomier = Buffer.allocUnsafeSlow(room)
      this.#gathered?.copy(roomier, 0, 0, this.#size)
      this.#gathered = roomier
    }
    chunk.copy(this.#gathered, this.#size, start, end)
    this.#size = size
  }

  #finish(): void {
    if ((this.#opcode & RSV1) !== 0) {
      this.#finishCompressed()
      return
    }
    const data = this.#opcode === Opcode.text ? this.#text() : this.#binary()
    this.#forget()
    this.#sink.receiveMessage(data)
  }

  #finishCompressed(): void {
    const opcode = this.#opcode & 0x0f
    const bytes = this.#binary()
    this.#forget()
    this.#sink.receiveCompressed(opcode, bytes, 0, bytes.length)
  }

  #forget(): void {
    // Before it is handed on: whoever gets it may do anything.
    this.#opcode = 0
    this.#fragments = 0
    this.#emptyFragments = 0
    this.#gathered = undefined
    this.#size = 0
    this.#expected = Number.POSITIVE_INFINITY
    this.#bits = 0
  }

  #text(): string {
    if (this.#gathered === undefined) return ''
    if (this.#bits < 0x80) return asciiText(this.#gathered, 0, this.#size)
    if (!this.#validator?.complete) throw notUtf8()
    return utf8Text(this.#gathered, 0, this.#size)
  }

  #binary(): Buffer {
    if (this.#gathered === undefined) return Buffer.alloc(0)
    return this.#gathered.length === this.#size ? this.#gathered : this.#gathered.subarray(0, this.#size)
  }

  #receiveControl(head: number, bytes: Buffer, start: number, end: number): void {
    switch (head & 0x0f) {
      case Opcode.ping:
        this.#sink.receivePing(bytes, start, end)
        return
      case Opcode.pong:
        this.#sink.receivePong()
        return
      default:
        this.#receiveClose(bytes, start, end)
    }
  }

  /** A close frame is empty, or a code and then a reason in UTF-8 (RFC 6455 section 5.5.1). */
  #receiveClose(bytes: Buffer, start: number, end: number): void {
    if (start === end) {
      this.#sink.receiveClose(CloseCode.none, '')
      return
    }
    const code = end - start === 1 ? 0 : bytes.readUInt16BE(start)
    if (!isCloseCode(code)) throw badClose()
    this.#sink.receiveClose(code, checkedText(bytes, start + 2, end))
  }
}

function checkedText(bytes: Buffer, start: number, end: number): string {
  if (!isUtf8(bytes.subarray(start, end))) throw notUtf8()
  return utf8Text(bytes, start, end)
}

function badClose(): ProtocolError {
  return new ProtocolError(CloseCode.protocolError, 'close frame without a valid code')
}

function notUtf8(): ProtocolError {
  return new ProtocolError(CloseCode.invalidText, 'not UTF-8')
}
