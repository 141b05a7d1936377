import { randomFillSync } from 'node:crypto'

/** The opcodes of RFC 6455 §5.2. The others are reserved, and sent on purpose by the cases of group 4. */
export const Opcode = { continuation: 0x0, text: 0x1, binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa } as const

/** One frame as a client sends it. Nothing stops a case from describing a frame that the RFC forbids. */
export interface Frame {
  readonly opcode: number
  readonly payload: Uint8Array
  /** FIN, set when absent. */
  readonly final?: boolean
  /** RSV1 to RSV3 as a number: 4, 2 and 1. */
  readonly reserved?: number
  /** Four bytes, or none for an unmasked frame; random when absent. */
  readonly mask?: Uint8Array | 'none'
  /** The width of the length field in bits; the shortest that fits when absent (§5.2). */
  readonly lengthBits?: 7 | 16 | 64
}

type Details = Omit<Frame, 'opcode' | 'payload'>

export function text(payload: string | Uint8Array, details: Details = {}): Frame {
  return { opcode: Opcode.text, payload: bytesOf(payload), ...details }
}

export function binary(payload: string | Uint8Array, details: Details = {}): Frame {
  return { opcode: Opcode.binary, payload: bytesOf(payload), ...details }
}

export function continuation(payload: string | Uint8Array, details: Details = {}): Frame {
  return { opcode: Opcode.continuation, payload: bytesOf(payload), ...details }
}

export function ping(payload: string | Uint8Array = '', details: Details = {}): Frame {
  return { opcode: Opcode.ping, payload: bytesOf(payload), ...details }
}

export function pong(payload: string | Uint8Array = '', details: Details = {}): Frame {
  return { opcode: Opcode.pong, payload: bytesOf(payload), ...details }
}

/** A close frame with a code and a reason, or an empty one (§5.5.1). */
export function close(code?: number, reason: string | Uint8Array = ''): Frame {
  if (code === undefined) return { opcode: Opcode.close, payload: Buffer.alloc(0) }
  const head = Buffer.alloc(2)
  head.writeUInt16BE(code)
  return { opcode: Opcode.close, payload: Buffer.concat([head, bytesOf(reason)]) }
}

/** A text message in frames of these payloads: T- C- … C+. */
export function fragmentedText(payloads: readonly (string | Uint8Array)[]): Frame[] {
  return payloads.map((payload, index) => {
    const final = index === payloads.length - 1
    return index === 0 ? text(payload, { final }) : continuation(payload, { final })
  })
}

/** The code in the payload of a close frame, if there is one. */
export function closeCodeOf(payload: Uint8Array): number | undefined {
  return payload.length < 2 ? undefined : Buffer.from(payload.buffer, payload.byteOffset, 2).readUInt16BE()
}

/** The bytes of a frame on the wire, head and masked payload. */
export function encodeFrame(frame: Frame): Buffer {
  const head = encodeHead(frame)
  if (frame.mask === 'none') return Buffer.concat([head, frame.payload])
  const mask = frame.mask ?? randomMask()
  const masked = Buffer.from(frame.payload)
  for (let at = 0; at < masked.length; at++) masked[at] = (masked[at] as number) ^ (mask[at & 3] as number)
  return Buffer.concat([head, mask, masked])
}

const masks = Buffer.alloc(4096)
let masksUsed = masks.length

/** Drawn in stock: a message may have 65,537 frames. */
function randomMask(): Uint8Array {
  if (masksUsed === masks.length) {
    randomFillSync(masks)
    masksUsed = 0
  }
  masksUsed += 4
  return Buffer.from(masks.subarray(masksUsed - 4, masksUsed))
}

function encodeHead({ opcode, payload, final = true, reserved = 0, mask, lengthBits }: Frame): Buffer {
  const { length } = payload
  const bits = lengthBits ?? (length < 126 ? 7 : length < 65_536 ? 16 : 64)
  const head = Buffer.alloc(2 + (bits === 7 ? 0 : bits / 8))
  head[0] = (final ? 0x80 : 0) | (reserved << 4) | opcode
  head[1] = (mask === 'none' ? 0 : 0x80) | (bits === 7 ? length : bits === 16 ? 126 : 127)
  if (bits === 16) head.writeUInt16BE(length, 2)
  if (bits === 64) head.writeBigUInt64BE(BigInt(length), 2)
  return head
}

function bytesOf(payload: string | Uint8Array): Uint8Array {
  return typeof payload === 'string' ? Buffer.from(payload) : payload
}
