import type { Entry, Room } from '../broker.ts'

/** A message to one client: text, bytes, or several of both that nothing may come between. */
export type Said = string | Buffer | readonly (string | Buffer)[]

/** The frames of a message, behind one another. */
export function framesOf(said: Said, text: (text: string) => Buffer, binary: (bytes: Buffer) => Buffer): Buffer {
  if (typeof said === 'string') return text(said)
  if (Buffer.isBuffer(said)) return binary(said)
  return Buffer.concat(said.map((part) => (typeof part === 'string' ? text(part) : binary(part))))
}

/**
 * How a protocol's messages look in a transport's framing (`plain/websocket`, `plain/sse`, …). An entry is encoded at
 * most once per wire form and room, and the same bytes are written to every reader of that form.
 */
export interface WireForm {
  /** From {@link nextFormIndex}; where a publication keeps this form's frame. */
  readonly index: number
  readonly name: string
  /** The frame of an entry for those who get it through this room. Where the form has stamps, without the stamp. */
  encode(entry: Entry, via: Room): Buffer
  /** The frame of a message that was said to one client. */
  frame(message: Said): Buffer
  /** The frame that tells a reader what it will not get. `epoch` is the one that clients see. */
  gap(room: Room, epoch: string, seq: number): Buffer
  /** True where readers know no word for a gap: they are closed instead, and come anew. */
  readonly endsAtGap?: boolean
  /** False where readers take no volatile publications of other clients: they have asked for nothing yet. */
  readonly takesVolatilePublications: boolean
  /** Only where what this form writes may be compressed: the form that does not compress. */
  readonly plain?: WireForm
  /** Only where compressed frames are shared by all clients of the form: makes such a one of the {@link plain} form's. */
  compress?(frame: Buffer): Buffer
  /** Only where clients carry a place: what is written behind an entry's frame, as the reader stands there. */
  stamp?(place: string, entry: Entry): Buffer
}

let forms = 0

/** An index for a new wire form: small and dense, because publications keep their frames in an array. */
export const nextFormIndex = (): number => forms++
