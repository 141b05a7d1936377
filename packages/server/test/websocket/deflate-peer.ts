import { clientFrame } from './client-frame.ts'
import { deflated } from './deflate-bytes.ts'
import { TestPeer } from './test-peer.ts'

export const RSV1 = { rsv: 4 }
/** What browsers offer. */
export const offer = 'permessage-deflate; client_max_window_bits'

/** A connection whose peer and we agreed to compress. */
export function deflatePeer(options: ConstructorParameters<typeof TestPeer>[0] = {}): TestPeer {
  return new TestPeer({ perMessageDeflate: true, offer, ...options })
}

/** A message in one compressed frame. */
export const compressed = (text: string): Buffer => clientFrame(1, deflated(text), RSV1)

/** A compressed message in frames of so many bytes, the first of which alone says that it is compressed. */
export function inFragments(payload: Buffer, size: number): Buffer[] {
  const frames: Buffer[] = []
  for (let at = 0; at < payload.length; at += size) {
    const fin = at + size >= payload.length
    const piece = payload.subarray(at, at + size)
    frames.push(at === 0 ? clientFrame(1, piece, { fin, ...RSV1 }) : clientFrame(0, piece, { fin }))
  }
  return frames
}

/** Whole server frames: first byte and payload. */
export function framesOf(peer: TestPeer): [head: number, payload: Buffer][] {
  const bytes = Buffer.from(peer.received, 'hex')
  const frames: [number, Buffer][] = []
  for (let at = 0; at < bytes.length; ) {
    const short = bytes.readUInt8(at + 1)
    const start = at + (short < 126 ? 2 : short === 126 ? 4 : 10)
    const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : bytes.readUIntBE(at + 4, 6)
    frames.push([bytes.readUInt8(at), bytes.subarray(start, start + length)])
    at = start + length
  }
  return frames
}
