import type { Duplex } from 'node:stream'

/** Up to this size copying a frame costs less than giving it to the kernel by itself. */
const SMALL_FRAME_BYTES = 4_096

/** Small frames are concatenated up to this size. */
const MAX_RUN_BYTES = 65_536

/** Writes frames in one write: one as it is, small ones concatenated, large ones gathered by the kernel. False asks to wait for the drain. */
export function writeFrames(stream: Duplex, frames: readonly Buffer[]): boolean {
  if (frames.length === 1) return stream.write(frames[0])
  let bytes = 0
  let largest = 0
  for (let i = 0; i < frames.length; i++) {
    const length = (frames[i] as Buffer).length
    bytes += length
    if (length > largest) largest = length
  }
  if (largest <= SMALL_FRAME_BYTES && bytes <= MAX_RUN_BYTES)
    return stream.write(concat(frames, 0, frames.length, bytes))
  return writeGathered(stream, frames)
}

function writeGathered(stream: Duplex, frames: readonly Buffer[]): boolean {
  let ready = true
  stream.cork()
  let first = 0
  while (first < frames.length) {
    let end = first
    let bytes = 0
    while (end < frames.length) {
      const length = (frames[end] as Buffer).length
      if (length > SMALL_FRAME_BYTES || bytes + length > MAX_RUN_BYTES) break
      bytes += length
      end++
    }
    if (end - first > 1) {
      ready = stream.write(concat(frames, first, end, bytes))
      first = end
    } else {
      ready = stream.write(frames[first])
      first++
    }
  }
  stream.uncork()
  return ready
}

function concat(frames: readonly Buffer[], first: number, end: number, bytes: number): Buffer {
  const run = Buffer.allocUnsafe(bytes)
  let at = 0
  for (let i = first; i < end; i++) {
    const frame = frames[i] as Buffer
    run.set(frame, at)
    at += frame.length
  }
  return run
}
