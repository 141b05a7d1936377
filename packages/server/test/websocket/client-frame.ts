/** How a frame of a client differs from a plain one. */
export interface ClientFrameOptions {
  readonly fin?: boolean
  /** The three reserved bits as a number: 4 is RSV1. */
  readonly rsv?: number
  /** Four bytes, or false for a frame without a mask. */
  readonly mask?: Uint8Array | false
  /** The form of the length: the shortest unless said otherwise. */
  readonly form?: 7 | 16 | 64
}

/** A frame as a client sends it, with all the mistakes a client can make. */
export function clientFrame(
  opcode: number,
  payload: string | Uint8Array = '',
  options: ClientFrameOptions = {},
): Buffer {
  const { fin = true, rsv = 0, mask = Buffer.from('37fa213d', 'hex') } = options
  const bytes = Buffer.from(payload as string)
  const form = options.form ?? (bytes.length < 126 ? 7 : bytes.length < 65_536 ? 16 : 64)
  const header = Buffer.alloc({ 7: 2, 16: 4, 64: 10 }[form])
  header[0] = (fin ? 0x80 : 0) | (rsv << 4) | opcode
  header[1] = (mask === false ? 0 : 0x80) | { 7: bytes.length, 16: 126, 64: 127 }[form]
  if (form === 16) header.writeUInt16BE(bytes.length, 2)
  if (form === 64) header.writeBigUInt64BE(BigInt(bytes.length), 2)
  if (mask === false) return Buffer.concat([header, bytes])
  return Buffer.concat([header, mask, bytes.map((byte, i) => byte ^ (mask[i % 4] as number))])
}

/** Bytes of a hex text; spaces are for the eye, and `<m>` is a mask of zeros, so that payloads stand as they are. */
export function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll('<m>', '00000000').replace(/\s/g, ''), 'hex')
}
