import { mayHoldBinary, reviveBinary } from '@partyline/protocol'
import { type Entry, nameOf, namespaceOf, type Room } from '../../broker.ts'
import { framesOf, nextFormIndex, type Said, type WireForm } from '../../hub/wire-form.ts'
import { isSocketId } from '../../ids.ts'
import {
  type Framing,
  messagePacket,
  pollingFraming,
  webSocketFraming,
  webSocketTextFraming,
} from '../../transports/engine-io/framing.ts'
import { defaultParser, packetText } from './default-parser.ts'
import { type Encoded, PacketType, type Parser } from './packet.ts'

/** Socket.IO's wire forms by what their clients' lanes carry. */
export type SocketIoForms = ReadonlyMap<Framing, WireForm>

/** An entry as a packet for those who get it through this room, with more arguments behind its own. */
export type EncodeEntry = (entry: Entry, via: Room, more?: readonly string[]) => Encoded

export const framings: readonly Framing[] = [webSocketFraming, webSocketTextFraming, pollingFraming]

/** The forms of one parser: one for each framing. */
export function formsOf(parser: Parser): SocketIoForms {
  const encode = encoderOf(parser)
  return new Map(framings.map((framing) => [framing, formOf(framing, encode)]))
}

export function encoderOf(parser: Parser): EncodeEntry {
  return parser === defaultParser ? entryPacket : (entry, via, more) => parsedPacket(parser, entry, via, more)
}

export function formOf(framing: Framing, encode: EncodeEntry): WireForm {
  // all frames of a packet in one buffer: nothing comes between them
  const frame = (said: Said): Buffer =>
    framesOf(
      said,
      (text) => framing.text(messagePacket(text)),
      (bytes) => framing.binary(bytes),
    )
  return {
    index: nextFormIndex(),
    name: `socket.io/${framing.name}`,
    takesVolatilePublications: true,
    encode: (entry, via) => frame(encode(entry, via)),
    frame,
    gap: (room, epoch, seq) => frame(gapPacket(room, epoch, seq)),
  }
}

/** What was published has its circumstances behind its arguments; what was emitted is as the application said it. */
function metaOf({ published, seq, from, at }: Entry, via: Room): object | undefined {
  if (!published || isSocketId(nameOf(via))) return undefined
  return { room: nameOf(via), ...(seq === 0 ? undefined : { seq }), from, at }
}

function entryPacket(entry: Entry, via: Room, more: readonly string[] = []): Encoded {
  const { event, args } = entry
  if (mayHoldBinary(args)) return parsedPacket(defaultParser, entry, via, more)
  const meta = metaOf(entry, via)
  const rest = args === '[]' ? '' : `,${args.slice(1, -1)}`
  let last = meta === undefined ? '' : `,${JSON.stringify(meta)}`
  for (const each of more) last += `,${JSON.stringify(each)}`
  return packetText(PacketType.event, namespaceOf(via), undefined, `[${JSON.stringify(event)}${rest}${last}]`)
}

function parsedPacket(parser: Parser, entry: Entry, via: Room, more: readonly string[] = []): Encoded {
  const meta = metaOf(entry, via)
  const args = reviveBinary(JSON.parse(entry.args)) as unknown[]
  const data = [entry.event, ...args, ...(meta === undefined ? [] : [meta]), ...more]
  return parser.encode({ type: PacketType.event, nsp: namespaceOf(via), data })
}

/** An event of ours: the application's names for it are its own affair. */
function gapPacket(room: Room, epoch: string, seq: number): string {
  const json = JSON.stringify(['gap', { room: nameOf(room), epoch, seq }])
  return packetText(PacketType.event, namespaceOf(room), undefined, json)
}
