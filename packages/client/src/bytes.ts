// Bytes among what is said and heard. Said are ArrayBuffers and every view of one, heard are always plain Uint8Arrays.

import { type ClientPacket, decodeServerMessage, encodeClientPacket, type ServerPacket } from '@partyline/protocol'

/** A message of the server's. A binary frame is the event `message` with its bytes. */
export function decodeMessage(data: unknown): ServerPacket {
  if (typeof data !== 'string') {
    const bytes = new Uint8Array(data as ArrayBuffer)
    return { kind: 'event', event: 'message', args: [bytes], id: undefined, seq: undefined }
  }
  const packet = decodeServerMessage(data)
  if (NodeBuffer !== undefined && 'args' in packet && data.includes('"$binary"')) packet.args = plain(packet.args)
  return packet
}

/** What is sent for a packet. Throws a `TypeError` for what cannot be said. */
export function encodeMessage(packet: ClientPacket): string | ArrayBuffer {
  if (packet.kind === 'event' && packet.event === 'message' && packet.args.length === 1 && packet.id === undefined) {
    const bytes = copyOf(packet.args[0])
    if (bytes !== undefined) return bytes
  }
  return encodeText(packet)
}

/** The same where it has to be text, because an answer is wanted. */
export function encodeText(packet: ClientPacket): string {
  const text = encodeClientPacket(packet)
  // To JSON a Blob is an empty object, which nobody means.
  if ('args' in packet && text.includes('{}') && holdsBlob(packet.args)) {
    throw new TypeError('A Blob cannot be sent: send its bytes, await blob.arrayBuffer()')
  }
  return text
}

/** Whether it is longer than so many bytes, in UTF-8. A unit is three bytes at most, so most texts need no counting. */
export function isLonger(message: string | ArrayBuffer, bytes: number): boolean {
  if (typeof message !== 'string') return message.byteLength > bytes
  return message.length * 3 > bytes && new TextEncoder().encode(message).length > bytes
}

/** A copy, because what waits to be sent shall not change; undefined where these are no bytes. */
function copyOf(value: unknown): ArrayBuffer | undefined {
  if (value instanceof ArrayBuffer) return value.slice(0)
  if (!ArrayBuffer.isView(value)) return undefined
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice().buffer as ArrayBuffer
}

function holdsBlob(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return false
  // What has a word of its own for JSON may hold anything behind it, itself too.
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function') return false
  return value instanceof Blob || Object.values(value).some(holdsBlob)
}

const NodeBuffer = (globalThis as { Buffer?: unknown }).Buffer as (new () => Uint8Array) | undefined

/** Node's Buffers, which the codec is quick with, as what they are everywhere else. */
function plain<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value
  if (NodeBuffer !== undefined && value instanceof NodeBuffer) return new Uint8Array(value) as Value
  for (const [key, item] of Object.entries(value)) {
    if (typeof item === 'object' && item !== null) (value as Record<string, unknown>)[key] = plain(item)
  }
  return value
}
