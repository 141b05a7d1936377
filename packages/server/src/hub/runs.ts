import type { Item } from './item.ts'
import type { WireForm } from './wire-form.ts'

/** Frames up to this size are copied together; larger ones are written as they are. */
const SMALL_BYTES = 16 * 1024

/** The run that was last made in a form. */
interface Run {
  form: WireForm
  items: readonly Item[]
  buffers: readonly Buffer[]
}

/**
 * Turns what waits in an outbox into buffers for one write. In a broadcast many clients have the same items waiting:
 * the run that was made for the first of a form is written to all.
 */
export class Runs {
  /** By the form's index. */
  readonly #last: (Run | undefined)[] = []

  /** The bytes of all these items. The caller gives the array away. */
  of(items: readonly Item[], form: WireForm, placeText: (seqs: readonly number[]) => string): readonly Buffer[] {
    const last = this.#last[form.index]
    if (last === undefined) {
      const buffers = coalesced(framesOf(items, form, placeText))
      this.#last[form.index] = { form, items, buffers }
      return buffers
    }
    if (form === last.form && sameItems(items, last.items)) return last.buffers
    last.buffers = coalesced(framesOf(items, form, placeText))
    last.items = items
    last.form = form
    return last.buffers
  }

  /** Lets go of the last runs, when the turn's writing is over. */
  clear(): void {
    for (const last of this.#last) {
      if (last === undefined) continue
      last.items = []
      last.buffers = []
    }
  }
}

function sameItems(a: readonly Item[], b: readonly Item[]): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

function framesOf(items: readonly Item[], form: WireForm, placeText: (seqs: readonly number[]) => string): Buffer[] {
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
  return frames
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
