import { writeUtf8 } from './buffer-text.ts'

/** What a frame is (RFC 6455 section 5.2). Those from 8 on are control frames. */
export const Opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

/** The bit of a frame's first byte that says: the last one of its message. */
export const FIN = 0x80

/** The bit of a message's first frame that says: compressed (RFC 7692 section 6). */
export const RSV1 = 0x40

/** Those that only an extension may set. */
export const RESERVED = 0x70

/** A control frame carries no more (RFC 6455 section 5.5). */
export const MAX_CONTROL_BYTES = 125

/** A close frame's reason: what is left behind its code. */
export const MAX_REASON_BYTES = MAX_CONTROL_BYTES - 2

/** Frames of short texts are written one behind the other into blocks of this size: no length has to be known before. */
const BLOCK_BYTES = 16_384
const MAX_TEXT_IN_BLOCK = 1_024

let block = Buffer.allocUnsafeSlow(BLOCK_BYTES)
let blockUsed = 0

/** A whole server frame with this text, header and payload in one Buffer. */
export function textFrame(text: string): Buffer {
  const length = text.length
  if (length > MAX_TEXT_IN_BLOCK) return longTextFrame(text)
  // Three bytes are the most that one UTF-16 unit can become.
  if (BLOCK_BYTES - blockUsed < 4 + 3 * length) {
    block = Buffer.allocUnsafeSlow(BLOCK_BYTES)
    blockUsed = 0
  }
  const start = blockUsed
  const headerBytes = length < 126 ? 2 : 4
  let bytes = writeUtf8(block, text, start + headerBytes)
  if (headerBytes === 2 && bytes > 125) {
    // Not ASCII, and longer than its header has room for: two bytes further.
    bytes = writeUtf8(block, text, start + 4)
  }
  const end = writeHeader(block, start, FIN | Opcode.text, bytes) + bytes
  blockUsed = end
  return block.subarray(start, end)
}

function longTextFrame(text: string): Buffer {
  const bytes = Buffer.byteLength(text)
  const headerBytes = headerBytesFor(bytes)
  const frame = Buffer.allocUnsafe(headerBytes + bytes)
  writeHeader(frame, 0, FIN | Opcode.text, bytes)
  writeUtf8(frame, text, headerBytes)
  return frame
}

/** A whole server frame with a copy of these bytes. */
export function binaryFrame(payload: Uint8Array): Buffer {
  return frameOf(Opcode.binary, payload, 0, payload.length)
}

/** A frame in which a message's payload stands compressed; `head` is the first byte of the one in which it does not. */
export function compressedFrame(head: number, deflated: Uint8Array): Buffer {
  return frameOf(RSV1 | head, deflated, 0, deflated.length)
}

/** Where the payload of a server's frame begins. */
export function payloadStart(frame: Uint8Array): number {
  const length = frame[1] as number
  if (length < 126) return 2
  return length === 126 ? 4 : 10
}

/** The heartbeat's frame: empty, and one for everybody. */
export const pingFrame: Buffer = frameOf(Opcode.ping, new Uint8Array(0), 0, 0)

/** The answer to a ping: the same bytes. */
export function pongFrame(payload: Uint8Array, start = 0, end: number = payload.length): Buffer {
  return frameOf(Opcode.pong, payload, start, end)
}

/** A close frame; without a code it is empty. What is too long of the reason is cut off on a character. */
export function closeFrame(code?: number, reason = ''): Buffer {
  if (code === undefined) return frameOf(Opcode.close, new Uint8Array(0), 0, 0)
  const payload = Buffer.allocUnsafe(MAX_CONTROL_BYTES)
  payload.writeUInt16BE(code, 0)
  // Node writes whole characters only.
  return frameOf(Opcode.close, payload, 0, 2 + writeUtf8(payload, reason, 2))
}

function frameOf(opcode: number, payload: Uint8Array, start: number, end: number): Buffer {
  const bytes = end - start
  const frame = Buffer.allocUnsafe(headerBytesFor(bytes) + bytes)
  const at = writeHeader(frame, 0, FIN | opcode, bytes)
  frame.set(start === 0 && end === payload.length ? payload : payload.subarray(start, end), at)
  return frame
}

function headerBytesFor(payloadBytes: number): number {
  if (payloadBytes < 126) return 2
  return payloadBytes < 65_536 ? 4 : 10
}

/** Writes the shortest header for this length, unmasked as a server's is, and says where the payload begins. */
function writeHeader(frame: Buffer, start: number, head: number, payloadBytes: number): number {
  frame[start] = head
  if (payloadBytes < 126) {
    frame[start + 1] = payloadBytes
    return start + 2
  }
  if (payloadBytes < 65_536) {
    frame[start + 1] = 126
    frame[start + 2] = payloadBytes >>> 8
    frame[start + 3] = payloadBytes & 0xff
    return start + 4
  }
  frame[start + 1] = 127
  frame.writeUInt32BE(Math.floor(payloadBytes / 2 ** 32), start + 2)
  frame.writeUInt32BE(payloadBytes % 2 ** 32, start + 6)
  return start + 10
}
