import { mayHoldBinary } from '@partyline/protocol'
import type { Entry } from '../../broker.ts'
import { nextFormIndex, type WireForm } from '../../hub/wire-form.ts'
import { type Framing, pollingFraming } from '../../transports/engine-io/framing.ts'
import { SEPARATOR_TEXT } from '../../transports/engine-io/packets.ts'
import { type EncodeEntry, formOf, framings, type SocketIoForms } from './forms.ts'

/** An epoch, a dot, a seq and what divides it from the next log's. */
const CHARS_PER_LOG = 21
/** Behind a place, so that all are of one length. */
const FILL = '~'

const none = Buffer.alloc(0)

/**
 * The offsets of Socket.IO's connection state recovery: a place, as the last argument of every event that can be
 * recovered. They are of one length, so that a frame is made once, for any place: its stamp is written behind it.
 */
export class Offsets {
  readonly #length: number

  constructor(logs: number) {
    this.#length = CHARS_PER_LOG * logs
  }

  textOf(place: string): string {
    return place.padEnd(this.#length, FILL)
  }

  placeOf(offset: string): string {
    return offset.replace(/~+$/, '')
  }
}

/** The forms for servers with connection state recovery: `encode` takes more arguments to be put behind the event's own. */
export function stampedForms(encode: EncodeEntry, offsets: Offsets, isJson: boolean): SocketIoForms {
  return new Map(framings.map((framing) => [framing, stampedForm(framing, encode, offsets, isJson)]))
}

function stampedForm(framing: Framing, encode: EncodeEntry, offsets: Offsets, isJson: boolean): WireForm {
  const plain = formOf(framing, encode)
  const end = `"]${framing === pollingFraming ? SEPARATOR_TEXT : ''}`
  const blank = offsets.textOf('')
  const isWritten = (entry: Entry): boolean => isJson && isStamped(entry) && !mayHoldBinary(entry.args)
  return {
    ...plain,
    index: nextFormIndex(),
    name: `${plain.name} with offsets`,
    encode(entry, via) {
      if (!isStamped(entry)) return plain.encode(entry, via)
      if (!isWritten(entry)) return plain.frame(encode(entry, via, [offsets.textOf(ownPlace(entry))]))
      const frame = plain.frame(encode(entry, via, [blank]))
      return frame.subarray(0, frame.length - blank.length - end.length)
    },
    stamp: (place, entry) => (isWritten(entry) ? Buffer.from(offsets.textOf(place) + end) : none),
  }
}

/**
 * What is not kept has no place; but where it ends with text, clients take that for an offset, so it gets the one that
 * holds anyway: all that is older stands before it.
 */
function isStamped({ seq, args, published }: Entry): boolean {
  return seq > 0 || (!published && args.endsWith('"]'))
}

/** Where attachments follow, no stamp can be written behind the frame: such an event knows its own log alone. */
const ownPlace = ({ epoch, seq }: Entry): string => `${epoch}.${seq.toString(36)}`
