import { isUtf8 } from 'node:buffer'
import type { Inflater } from './deflate/inflater.ts'
import { closeCodeOf, Opcode } from './frame.ts'

/** What reads the server's bytes tells what it found there. */
export interface TrafficListener {
  onMessage(kind: 'text' | 'binary', payload: Buffer): void
  onPing(payload: Buffer): void
  onPong(payload: Buffer): void
  onClose(code: number | undefined, reason: string): void
  /** The server broke a rule that holds for every frame it sends. */
  onViolation(fault: string): void
}

/** Codes that no close frame may carry (RFC 6455 §7.4.1), and what is outside of every range. */
const isForbiddenCode = (code: number) => code < 1000 || [1004, 1005, 1006, 1015].includes(code) || code > 4999

const isCompressedBit = 0x40
const otherReservedBits = 0x30

/** A message of which not all frames came. */
interface OpenMessage {
  readonly kind: 'text' | 'binary'
  readonly isCompressed: boolean
  readonly parts: Buffer[]
}

/**
 * Bytes of the server in, messages and control frames out. It checks all traffic (table row F13): never masked, RSV 0, lengths
 * in the shortest form, control frames of at most 125 bytes and never in fragments, nothing inside a fragmented message but
 * control frames, text that is UTF-8, and nothing behind a close frame. With an inflater, RSV1 on the first frame of a message
 * says that it is compressed (RFC 7692 §6).
 */
export class ServerTraffic {
  /** Messages that came compressed, and bytes of those. */
  compressedMessages = 0
  compressedBytes = 0
  /** Messages that could not be inflated. */
  lostMessages = 0
  readonly #listener: TrafficListener
  readonly #inflater: Inflater | undefined
  /** What came of a frame that is not complete; looked at again when so many bytes are there. */
  #pending: Buffer[] = []
  #pendingBytes = 0
  #neededBytes = 2
  #open: OpenMessage | undefined
  #isClosed = false

  constructor(listener: TrafficListener, inflater?: Inflater) {
    this.#listener = listener
    this.#inflater = inflater
  }

  push(bytes: Buffer): void {
    this.#pending.push(bytes)
    this.#pendingBytes += bytes.length
    if (this.#pendingBytes < this.#neededBytes) return
    let rest = this.#pending.length === 1 ? bytes : Buffer.concat(this.#pending)
    for (;;) {
      const size = frameSize(rest)
      this.#neededBytes = size.head + size.payload
      if (rest.length < this.#neededBytes) break
      this.#frame(rest.subarray(0, size.head), rest.subarray(size.head, this.#neededBytes))
      rest = rest.subarray(this.#neededBytes)
    }
    this.#pending = [rest]
    this.#pendingBytes = rest.length
  }

  /** The server ended its side: a frame must not be cut. */
  end(): void {
    if (this.#pendingBytes === 0) return
    this.#listener.onViolation(`ends inside a frame: ${Buffer.concat(this.#pending).toString('hex', 0, 32)}`)
  }

  #frame(head: Buffer, payload: Buffer): void {
    const first = head[0] as number
    const final = (first & 0x80) !== 0
    const opcode = first & 0x0f
    const violation = (fault: string) =>
      this.#listener.onViolation(`${fault} (its frame starts with ${head.toString('hex')})`)
    if (this.#isClosed) violation('sends a frame behind its close frame')
    if (((head[1] as number) & 0x80) !== 0) violation('masks a frame')
    if (payload.length < (head.length === 10 ? 65_536 : head.length === 4 ? 126 : 0))
      violation('sends a length too long in form')
    const isCompressed = (first & isCompressedBit) !== 0
    const mayCompress = this.#inflater !== undefined && (opcode === Opcode.text || opcode === Opcode.binary)
    if ((first & otherReservedBits) !== 0 || (isCompressed && !mayCompress)) violation('sets a reserved bit')
    if (opcode >= 8) {
      if (!final) violation('sends a control frame in fragments')
      if (payload.length > 125) violation(`sends a control frame with ${payload.length} bytes`)
      this.#control(opcode, payload, violation)
    } else this.#data(opcode, isCompressed && mayCompress, final, payload, violation)
  }

  #control(opcode: number, payload: Buffer, violation: (fault: string) => void): void {
    if (opcode === Opcode.ping) this.#listener.onPing(payload)
    else if (opcode === Opcode.pong) this.#listener.onPong(payload)
    else if (opcode === Opcode.close) {
      const code = closeCodeOf(payload)
      if (payload.length === 1) violation('sends a close frame with one byte')
      if (code !== undefined && isForbiddenCode(code)) violation(`sends the close code ${code}`)
      if (!isUtf8(payload.subarray(2))) violation('sends a close reason that is not UTF-8')
      this.#isClosed = true
      this.#listener.onClose(code, payload.toString('utf8', Math.min(2, payload.length)))
    } else violation('uses a reserved opcode')
  }

  #data(
    opcode: number,
    isCompressed: boolean,
    final: boolean,
    payload: Buffer,
    violation: (fault: string) => void,
  ): void {
    if (opcode > Opcode.binary) {
      violation('uses a reserved opcode')
      return
    }
    if ((opcode === Opcode.continuation) === (this.#open === undefined)) {
      violation(this.#open ? 'starts a message inside a message' : 'continues a message that was not started')
    }
    this.#open ??= { kind: opcode === Opcode.binary ? 'binary' : 'text', isCompressed, parts: [] }
    this.#open.parts.push(payload)
    if (!final) return
    const { parts, ...open } = this.#open
    this.#open = undefined
    const whole = parts.length === 1 ? payload : Buffer.concat(parts)
    const message = open.isCompressed ? this.#inflated(whole, violation) : whole
    if (message === undefined) return
    if (open.kind === 'text' && !isUtf8(message)) violation('sends a text that is not UTF-8')
    this.#listener.onMessage(open.kind, message)
  }

  #inflated(bytes: Buffer, violation: (fault: string) => void): Buffer | undefined {
    this.compressedMessages++
    this.compressedBytes += bytes.length
    try {
      return this.#inflater?.inflate(bytes)
    } catch (error) {
      this.lostMessages++
      violation(`sends compressed data that is wrong: ${(error as Error).message}`)
      return undefined
    }
  }
}

/** The parts of a frame; as much of it as can be known where it is not complete. */
function frameSize(bytes: Buffer): { head: number; payload: number } {
  if (bytes.length < 2) return { head: 2, payload: 0 }
  const short = (bytes[1] as number) & 0x7f
  const head = short === 126 ? 4 : short === 127 ? 10 : 2
  if (short < 126 || bytes.length < head) return { head, payload: short < 126 ? short : 0 }
  return { head, payload: short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2)) }
}
