import { bareTextOf, bytesOf, encodeEvent, encodeGap, encodePublication, stringOf } from '@partyline/protocol'
import { type Entry, nameOf, type Room } from '../../broker.ts'
import { framesOf, nextFormIndex, type WireForm } from '../../hub/wire-form.ts'
import { isSocketId } from '../../ids.ts'
import { binaryFrame, textFrame } from '../../websocket/frame.ts'

// The wire forms of the plain protocol in WebSocket frames. What is said in a socket's own room is an event to one client.

function form(
  name: string,
  takesVolatilePublications: boolean,
  encodeOwn: (entry: Entry) => Buffer,
  encode: WireForm['encode'],
): WireForm {
  return {
    index: nextFormIndex(),
    name: `plain/websocket ${name}`,
    takesVolatilePublications,
    encode: (entry, via) => (isSocketId(nameOf(via)) ? encodeOwn(entry) : encode(entry, via)),
    frame: (message) => framesOf(message, textFrame, binaryFrame),
    gap: (room, epoch, seq) => textFrame(encodeGap(nameOf(room), epoch, seq)),
  }
}

/** Strict clients. */
export const strictForm = form(
  'strict',
  true,
  (entry) => textFrame(encodeEvent(entry.event, entry.args, entry.arity, undefined, seqOf(entry))),
  (entry, via) => textFrame(publicationText(entry, via)),
)

/** Lenient clients that have sent a JSON `subscribe`. */
export const lenientForm = form(
  'lenient',
  true,
  lenientEventFrame,
  (entry, via) => bytesFrame(entry) ?? textFrame(publicationText(entry, via)),
)

/** Lenient clients that have not: `message` publications with text are bare. */
export const bareForm = form('bare', false, lenientEventFrame, (entry, via) => {
  const text = entry.event === 'message' ? bareTextOf(entry.args, entry.arity) : undefined
  return text === undefined ? lenientForm.encode(entry, via) : textFrame(text)
})

function publicationText(entry: Entry, via: Room): string {
  const { event, from, at, args, arity } = entry
  return encodePublication({ room: nameOf(via), seq: seqOf(entry), event, from, at, argsText: args, arity })
}

/** Volatile entries have no seq. */
const seqOf = ({ seq }: Entry): number | undefined => (seq === 0 ? undefined : seq)

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
