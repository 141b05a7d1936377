import type { Entry, Room } from '../broker.ts'
import type { WireForm } from './wire-form.ts'

/** The frame's head, room, sender and time: what a publication costs on the wire beside its arguments. */
const OVERHEAD_BYTES = 160

/** An entry as those get it who are reached through one of its rooms, with its frames. */
export class Publication {
  readonly kind = 'publication'
  readonly entry: Entry
  readonly via: Room
  /** What it counts in an outbox, about its bytes on the wire. */
  readonly size: number
  /** The heads of all logs when it was delivered: its stamp as a live publication. */
  heads: readonly number[] = []
  readonly #frames: (Buffer | undefined)[] = []
  readonly #stamps: (Buffer | undefined)[] = []

  constructor(entry: Entry, via: Room) {
    this.entry = entry
    this.via = via
    this.size = entry.args.length + OVERHEAD_BYTES
  }

  /** Its bytes in this form, encoded by whoever asks first. */
  frame(form: WireForm): Buffer {
    let frame = this.#frames[form.index]
    if (frame === undefined) {
      frame = this.#compressed(form) ?? form.encode(this.entry, this.via)
      this.#frames[form.index] = frame
    }
    return frame
  }

  /** Made of the plain form's frame, so that an entry is encoded once for both. */
  #compressed(form: WireForm): Buffer | undefined {
    if (form.plain === undefined || form.compress === undefined) return undefined
    const frame = this.frame(form.plain)
    return this.entry.compress === false ? frame : form.compress(frame)
  }

  /** What is written behind its frame in this form, as long as it is live: made by whoever asks first, undefined where there is none. */
  stamp(form: WireForm, placeText: (seqs: readonly number[]) => string): Buffer | undefined {
    if (form.stamp === undefined) return undefined
    let stamp = this.#stamps[form.index]
    if (stamp === undefined) {
      stamp = form.stamp(placeText(this.heads), this.entry)
      this.#stamps[form.index] = stamp
    }
    return stamp
  }
}

/** The publications of an entry, as long as somebody keeps the entry: a replay finds its frames again. */
const publications = new WeakMap<Entry, Publication[]>()

/** The one publication of an entry through a room. */
export function publicationOf(entry: Entry, via: Room): Publication {
  const known = publications.get(entry)
  if (known === undefined) {
    const made = new Publication(entry, via)
    publications.set(entry, [made])
    return made
  }
  for (const publication of known) if (publication.via === via) return publication
  const made = new Publication(entry, via)
  known.push(made)
  return made
}
