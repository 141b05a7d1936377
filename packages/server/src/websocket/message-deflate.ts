import { isUtf8 } from 'node:buffer'
import { utf8Text } from './buffer-text.ts'
import { CloseCode } from './close-code.ts'
import { ContextWindow } from './context-window.ts'
import { deflatedFrame } from './deflate.ts'
import type { DeflateAgreement } from './deflate-agreement.ts'
import type { ResolvedDeflateOptions } from './deflate-options.ts'
import { binaryFrame, Opcode, payloadStart, textFrame } from './frame.ts'
import { inflatable, inflate } from './inflate.ts'
import { ProtocolError } from './protocol-error.ts'
import { readTurns } from './read-turns.ts'

/**
 * The compressed messages of one connection, where its client and we agreed on them. The contexts that may be taken over
 * are kept as the bytes they consist of, not as zlib's streams: 32 KB each way in place of 40 and 260, and only from the
 * first compressed message on.
 */
export class MessageDeflate {
  readonly agreement: DeflateAgreement
  readonly options: ResolvedDeflateOptions
  /** What we sent compressed, and what came so; undefined where each message stands by itself. */
  readonly #sent: ContextWindow | undefined
  readonly #received: ContextWindow | undefined
  readonly #maxPayloadBytes: number
  #heldOpcode = 0
  #held: Buffer | undefined

  constructor(agreement: DeflateAgreement, options: ResolvedDeflateOptions, maxPayloadBytes: number) {
    this.agreement = agreement
    this.options = options
    this.#maxPayloadBytes = maxPayloadBytes
    if (!agreement.serverNoContextTakeover) this.#sent = new ContextWindow(agreement.serverMaxWindowBits)
    if (!agreement.clientNoContextTakeover) this.#received = new ContextWindow(agreement.clientMaxWindowBits)
  }

  /** Whether a frame that was compressed once may go to all clients with such an agreement. */
  get isShareable(): boolean {
    return this.#sent === undefined && this.agreement.serverMaxWindowBits === 15
  }

  /** The frame of a message, compressed where that is worth it. To be sent in the order in which they were made. */
  frame(data: string | Uint8Array, compress = true): Buffer {
    const plain = typeof data === 'string' ? textFrame(data) : binaryFrame(data)
    if (!compress) return plain
    const frame = deflatedFrame(plain, this.options, this.agreement.serverMaxWindowBits, this.#sent?.bytes)
    // Frames that went out as they are have left the client's context as it was (RFC 7692 section 7.2.3.2).
    if (frame !== plain) this.#sent?.push(plain.subarray(payloadStart(plain)))
    return frame
  }

  /** True while a message waits to be inflated. */
  get isHolding(): boolean {
    return this.#held !== undefined
  }

  /** Inflates a message, if this turn has time for it; undefined where it is held for a later one. */
  receive(opcode: number, bytes: Buffer, start: number, end: number): string | Buffer | undefined {
    this.#heldOpcode = opcode
    this.#held = inflatable(bytes, start, end)
    return readTurns.hasTime() ? this.inflateHeld() : undefined
  }

  /** Inflates it. Throws a {@link ProtocolError} where it is too big, broken, or not the text it says it is. */
  inflateHeld(): string | Buffer {
    const input = this.#held as Buffer
    this.#held = undefined
    const data = inflate(input, this.#maxPayloadBytes, this.#received?.bytes)
    this.#received?.push(data)
    if (this.#heldOpcode === Opcode.text) {
      if (!isUtf8(data)) throw new ProtocolError(CloseCode.invalidText, 'not UTF-8')
      return utf8Text(data, 0, data.length)
    }
    // A copy where it is a small part of the room it was inflated into.
    return 2 * data.length < data.buffer.byteLength ? Buffer.from(data) : data
  }

  /** Nobody is there any more to whom it could be delivered. */
  letGo(): void {
    this.#held = undefined
  }
}
