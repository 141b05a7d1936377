/** Chosen by whoever asks, echoed as it is. */
export type RequestId = string | number

const maxIdBytes = 256

/** True for a string of at most 256 bytes, and for a number that comes back as it was: none beyond 2^53 - 1. */
export function isRequestId(value: unknown): value is RequestId {
  if (typeof value === 'number') return Math.abs(value) <= Number.MAX_SAFE_INTEGER
  return typeof value === 'string' && value.length <= maxIdBytes && fits(value)
}

function fits(id: string): boolean {
  if (id.length * 3 <= maxIdBytes) return true
  let bytes = 0
  for (let i = 0; i < id.length; i++) {
    const unit = id.charCodeAt(i)
    // Half of a pair is 2 of its 4 bytes; a lone half (3 as U+FFFD) is let off one.
    bytes += unit < 0x80 ? 1 : unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 2 : 3
  }
  return bytes <= maxIdBytes
}
