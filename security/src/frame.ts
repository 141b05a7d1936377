/** The opcodes of RFC 6455 section 5.2; those between and behind them are reserved. */
export const Opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

/** How a frame differs from what the RFC asks of a client. Nothing here stops anybody. */
export interface FrameDetails {
  /** FIN; default set. */
  readonly final?: boolean
  /** RSV1 to RSV3 as 4, 2 and 1. */
  readonly reserved?: number
  /** Four bytes; `none` leaves the frame unmasked. */
  readonly mask?: readonly number[] | 'none'
  /** The width of the length field in bits; default the shortest that fits. */
  readonly lengthBits?: 7 | 16 | 64
  /** What the length field says, where that is not what follows. */
  readonly claims?: bigint
}

const DEFAULT_MASK = [0x37, 0xfa, 0x21, 0x3d]

/** The bytes of one frame of a client's. */
export function frame(opcode: number, payload: string | Uint8Array = '', details: FrameDetails = {}): Buffer {
  const body = Buffer.from(payload as Uint8Array)
  const { final = true, reserved = 0, mask = DEFAULT_MASK, claims = BigInt(body.length) } = details
  const bits = details.lengthBits ?? (claims < 126n ? 7 : claims < 65_536n ? 16 : 64)
  const head = Buffer.alloc(2 + (bits === 7 ? 0 : bits / 8))
  head[0] = (final ? 0x80 : 0) | (reserved << 4) | opcode
  head[1] = (mask === 'none' ? 0 : 0x80) | (bits === 7 ? Number(claims) : bits === 16 ? 126 : 127)
  if (bits === 16) head.writeUInt16BE(Number(claims), 2)
  if (bits === 64) head.writeBigUInt64BE(claims, 2)
  if (mask === 'none') return Buffer.concat([head, body])
  for (let i = 0; i < body.length; i++) body[i] = (body[i] as number) ^ (mask[i & 3] as number)
  return Buffer.concat([head, Buffer.from(mask), body])
}

export const text = (payload: string | Uint8Array, details?: FrameDetails): Buffer =>
  frame(Opcode.text, payload, details)

export const json = (message: unknown): Buffer => text(JSON.stringify(message))

export const ping = (payload: string | Uint8Array = '', details?: FrameDetails): Buffer =>
  frame(Opcode.ping, payload, details)

/** A close frame with a code, and a reason that may be any bytes. */
export function close(code: number, reason: string | Uint8Array = ''): Buffer {
  const head = Buffer.alloc(2)
  head.writeUInt16BE(code)
  return frame(Opcode.close, Buffer.concat([head, Buffer.from(reason as Uint8Array)]))
}

/** A frame of a server's, as it came. */
export interface ServerFrame {
  readonly opcode: number
  readonly payload: Buffer
}

/** Takes the whole frames off the front of what a server has sent: never masked, never in fragments. */
export function takeFrames(bytes: Buffer): { frames: ServerFrame[]; rest: Buffer } {
  const frames: ServerFrame[] = []
  let at = 0
  while (bytes.length - at >= 2) {
    const short = (bytes[at + 1] as number) & 0x7f
    const start = at + (short === 126 ? 4 : short === 127 ? 10 : 2)
    if (bytes.length < start) break
    const length = short === 126 ? bytes.readUInt16BE(at + 2) : short === 127 ? bytes.readUIntBE(at + 4, 6) : short
    if (bytes.length < start + length) break
    frames.push({ opcode: (bytes[at] as number) & 0x0f, payload: bytes.subarray(start, start + length) })
    at = start + length
  }
  return { frames, rest: bytes.subarray(at) }
}
