import { encodeEventStreamData, encodeRecord, type OutgoingPublication, typeOfEvent } from '@partyline/protocol'
import { type Entry, nameOf, type Room } from '../../broker.ts'
import { framesOf, nextFormIndex, type WireForm } from '../../hub/wire-form.ts'

function publicationOf({ seq, event, from, at, args, arity }: Entry, via: Room): OutgoingPublication {
  return { room: nameOf(via), seq: seq === 0 ? undefined : seq, event, from, at, argsText: args, arity }
}

const gapText = (room: Room, epoch: string, seq: number): string => JSON.stringify({ room: nameOf(room), epoch, seq })

/** Server-sent events (HTML, section 9.2). JSON has no raw line end, so `data` is one line; the stamp ends the event. */
export const sseForm: WireForm = {
  index: nextFormIndex(),
  name: 'plain/sse',
  takesVolatilePublications: true,
  encode: (entry, via) =>
    Buffer.from(`${eventLine(entry.event)}data: ${encodeEventStreamData(publicationOf(entry, via))}\n`),
  frame: (said) => framesOf(said, Buffer.from, Buffer.from),
  gap: (room, epoch, seq) => Buffer.from(`event: gap\ndata: ${gapText(room, epoch, seq)}\n\n`),
  stamp: (place) => Buffer.from(`id: ${place}\n\n`),
}

const LINE_END = Buffer.from('\n')

/** None for `message`, so that `onmessage` works. What an application emits may be named as it likes, but not break the line. */
function eventLine(event: string): string {
  return event === 'message' ? '' : `event: ${typeOfEvent(event).replace(/[\r\n]+/g, ' ')}\n`
}

/**
 * What a parked poll gathers: lines, told apart by their first character, because small frames come copied together.
 * {@link LongPoll} makes one JSON answer of them and nothing else ever sees them.
 */
export const PollLine = { publication: 'p', gap: 'g', place: '@', caughtUp: '=' } as const

export const pollForm: WireForm = {
  index: nextFormIndex(),
  name: 'plain/poll',
  takesVolatilePublications: true,
  encode: (entry, via) => Buffer.from(`${PollLine.publication}${encodeRecord(publicationOf(entry, via))}\n`),
  frame: (said) => Buffer.concat([framesOf(said, Buffer.from, Buffer.from), LINE_END]),
  gap: (room, epoch, seq) => Buffer.from(`${PollLine.gap}${gapText(room, epoch, seq)}\n`),
  stamp: (place) => Buffer.from(`${PollLine.place}${place}\n`),
}
