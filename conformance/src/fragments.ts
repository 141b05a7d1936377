import { binary, continuation, type Frame, text } from './frame.ts'

/**
 * A message in frames of this many bytes. Where these come out even, the last one is empty; what fits into one is one. Reserved bits
 * are those of the first.
 */
export function fragmented(kind: 'text' | 'binary', payload: Uint8Array, fragmentBytes: number, reserved = 0): Frame[] {
  const first = kind === 'text' ? text : binary
  if (payload.length <= fragmentBytes) return [first(payload, { reserved })]
  const frames: Frame[] = []
  for (let at = 0; at <= payload.length; at += fragmentBytes) {
    const piece = payload.subarray(at, at + fragmentBytes)
    const final = at + fragmentBytes > payload.length
    frames.push(at === 0 ? first(piece, { final, reserved }) : continuation(piece, { final }))
  }
  return frames
}
