// RFC 4648 §4, with padding. Node's Buffer does it where there is one; browsers of 2020 have only `atob`, which wants a
// string of bytes in between, so the loops are our own.

interface BufferLike {
  from(text: string, encoding: 'base64'): Uint8Array
  from(buffer: ArrayBufferLike, byteOffset: number, byteLength: number): { toString(encoding: 'base64'): string }
}

const NodeBuffer = (globalThis as { Buffer?: BufferLike }).Buffer

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const shape = /^[A-Za-z0-9+/]*={0,2}$/

/** Base64 of these bytes. */
export function encodeBase64(bytes: Uint8Array): string {
  if (NodeBuffer) return NodeBuffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
  return encodeBase64Portably(bytes)
}

/** The bytes of this text (in Node a Buffer), or undefined where it is not base64 with its padding. */
export function decodeBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0 || !shape.test(text)) return undefined
  return NodeBuffer ? NodeBuffer.from(text, 'base64') : decodeBase64Portably(text)
}

export function encodeBase64Portably(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const a = bytes[i] ?? 0
    const b = bytes[i + 1]
    const c = bytes[i + 2]
    text += alphabet.charAt(a >> 2) + alphabet.charAt(((a & 3) << 4) | ((b ?? 0) >> 4))
    text += b === undefined ? '=' : alphabet.charAt(((b & 15) << 2) | ((c ?? 0) >> 6))
    text += c === undefined ? '=' : alphabet.charAt(c & 63)
  }
  return text
}

/** The caller has checked the shape. */
export function decodeBase64Portably(text: string): Uint8Array {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  const bytes = new Uint8Array((text.length / 4) * 3 - padding)
  let at = 0
  for (let i = 0; i < text.length; i += 4) {
    let bits = 0
    for (let j = i; j < i + 4; j++) bits = (bits << 6) | sextet(text.charCodeAt(j))
    bytes[at++] = bits >> 16
    if (at < bytes.length) bytes[at++] = (bits >> 8) & 0xff
    if (at < bytes.length) bytes[at++] = bits & 0xff
  }
  return bytes
}

function sextet(unit: number): number {
  if (unit >= 0x61) return unit - 0x61 + 26
  if (unit >= 0x41) return unit - 0x41
  if (unit === 0x2b) return 62
  if (unit === 0x2f) return 63
  return unit === 0x3d ? 0 : unit - 0x30 + 52
}
