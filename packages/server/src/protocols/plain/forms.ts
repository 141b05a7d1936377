import { bareTextOf, bytesOf, encodeEvent, encodeGap, encodePublication, stringOf } from '@partyline/protocol'
import { type Entry, nameOf, type Room } from '../../broker.ts'
import { nextFormIndex, type WireForm } from '../../hub/wire-form.ts'
import { binaryFrame, textFrame } from '../../websocket/frame.ts'

/** The wire forms of the plain protocol in WebSocket frames. */
export interface PlainForms {
  /** Strict clients. */
  readonly strict: WireForm
  /** Lenient clients that have sent a JSON `subscribe`. */
  readonly lenient: WireForm
  /** Lenient clients that have not: `message` publications with text are bare. */
  readonly bare: WireForm
}

/** `isOwnRoom` says whether a room is some socket's own: what is said there is an event to one client. */
export function plainForms(isOwnRoom: (room: Room) => boolean): PlainForms {
  const frame = (message: string | Buffer): Buffer =>
    typeof message === 'string' ? textFrame(message) : binaryFrame(message)
  const gap = (room: Room, epoch: string, seq: number): Buffer => textFrame(encodeGap(nameOf(room), epoch, seq))
  const form = (name: string, encode: WireForm['encode'], takesVolatilePublications: boolean): WireForm => ({
    index: nextFormIndex(),
    name,
    encode,
    frame,
    gap,
    takesVolatilePublications,
  })
  const json = (entry: Entry, via: Room): Buffer => textFrame(publicationText(entry, via))

  return {
    strict: form(
      'plain/websocket strict',
      (entry, via) => (isOwnRoom(via) ? textFrame(ownEventText(entry)) : json(entry, via)),
      true,
    ),
    lenient: form(
      'plain/websocket lenient',
      (entry, via) => (isOwnRoom(via) ? lenientEventFrame(entry) : (bytesFrame(entry) ?? json(entry, via))),
      true,
    ),
    bare: form(
      'plain/websocket bare',
      (entry, via) => {
        if (isOwnRoom(via)) return lenientEventFrame(entry)
        const text = entry.event === 'message' ? bareTextOf(entry.args, entry.arity) : undefined
        return text === undefined ? (bytesFrame(entry) ?? json(entry, via)) : textFrame(text)
      },
      false,
    ),
  }
}

function publicationText(entry: Entry, via: Room): string {
  const { event, from, at, args, arity } = entry
  return encodePublication({ room: nameOf(via), seq: seqOf(entry), event, from, at, argsText: args, arity })
}

/** Volatile entries have no seq. */
const seqOf = ({ seq }: Entry): number | undefined => (seq === 0 ? undefined : seq)

function ownEventText(entry: Entry): string {
  return encodeEvent(entry.event, entry.args, entry.arity, undefined, seqOf(entry))
}

/** What is said to one lenient client: text and bytes of a `message` as they are. */
function lenientEventFrame(entry: Entry): Buffer {
  const text = entry.event === 'message' ? stringOf(entry.args, entry.arity) : undefined
  if (text !== undefined) return textFrame(text)
  return bytesFrame(entry) ?? textFrame(encodeEvent(entry.event, entry.args, entry.arity))
}

function bytesFrame({ event, args, arity }: Entry): Buffer | undefined {
  const bytes = event === 'message' ? bytesOf(args, arity) : undefined
  return bytes && binaryFrame(bytes)
}
