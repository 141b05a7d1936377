import type { Item } from './item.ts'
import type { WireForm } from './wire-form.ts'

/** Frames up to this size are copied together; larger ones are written as they are. */
const SMALL_BYTES = 16 * 1024

/** The bytes of these items in a form, for one write. Cursors have none: what they read comes page by page. */
export function buffersOf(
  items: readonly Item[],
  form: WireForm,
  placeText: (seqs: readonly number[]) => string,
): readonly Buffer[] {
  const frames: Buffer[] = []
  for (const item of items) {
    if (item.kind === 'message') frames.push(form.frame(item.data))
    else if (item.kind === 'later') frames.push(form.frame(item.make()))
    else if (item.kind === 'publication') {
      frames.push(item.frame(form))
      const stamp = item.stamp(form, placeText)
      if (stamp !== undefined) frames.push(stamp)
    } else if (item.kind === 'uncompressed') frames.push((form.plain ?? form).frame(item.data))
  }
  return coalesced(frames)
}

/** Puts neighbouring small frames together: without copying where they lie behind one another in the same block. */
export function coalesced(frames: readonly Buffer[]): readonly Buffer[] {
  if (frames.length < 2) return frames
  const buffers: Buffer[] = []
  for (let i = 0; i < frames.length; ) {
    let end = i
    let bytes = 0
    while (end < frames.length && (frames[end] as Buffer).length <= SMALL_BYTES) {
      bytes += (frames[end++] as Buffer).length
    }
    if (end - i < 2) buffers.push(frames[i++] as Buffer)
    else {
      buffers.push(adjacent(frames, i, end, bytes) ?? copied(frames, i, end, bytes))
      i = end
    }
  }
  return buffers
}

/** Frames that were encoded one after the other lie so in their block: then one view shows them all. */
function adjacent(frames: readonly Buffer[], start: number, end: number, bytes: number): Buffer | undefined {
  const first = frames[start] as Buffer
  let at = first.byteOffset
  for (let i = start; i < end; i++) {
    const frame = frames[i] as Buffer
    if (frame.buffer !== first.buffer || frame.byteOffset !== at) return undefined
    at += frame.length
  }
  return Buffer.from(first.buffer, first.byteOffset, bytes)
}

function copied(frames: readonly Buffer[], start: number, end: number, bytes: number): Buffer {
  const together = Buffer.allocUnsafe(bytes)
  let at = 0
  for (let i = start; i < end; i++) {
    together.set(frames[i] as Buffer, at)
    at += (frames[i] as Buffer).length
  }
  return together
}
