// The vectors are data for any implementation in any language. In them bytes are `{"$hex":"00ff"}`, what is undefined is
// absent, and the rooms of `connect` are an object.

import { readFileSync } from 'node:fs'
import {
  bareTextOf,
  bytesOf,
  type ClientPacket,
  encodeAckArgs,
  encodeAckError,
  encodeError,
  encodeEvent,
  encodeGap,
  encodePresence,
  encodePublication,
  encodeWelcome,
  type Position,
  pingText,
  pongText,
  type ServerPacket,
  stringifyArgs,
  stringOf,
} from '../src/index.ts'

export function readVectors<Vector extends { name: string }>(file: string): Vector[] {
  return JSON.parse(readFileSync(new URL(`../vectors/${file}`, import.meta.url), 'utf8')) as Vector[]
}

/** A packet (or any value) in the vectors' notation. */
export function toNotation(value: unknown): unknown {
  if (value instanceof Uint8Array) return { $hex: Buffer.from(value).toString('hex') }
  if (value instanceof Map) return toNotation(Object.fromEntries(value))
  if (Array.isArray(value)) return value.map(toNotation)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  return Object.fromEntries(entries.map(([key, item]) => [key, toNotation(item)]))
}

/** The value that the vectors' notation means. */
export function fromNotation(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromNotation)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  const [first] = entries
  if (entries.length === 1 && first?.[0] === '$hex') return new Uint8Array(Buffer.from(String(first[1]), 'hex'))
  return Object.fromEntries(entries.map(([key, item]) => [key, fromNotation(item)]))
}

export function clientPacketFrom(notation: unknown): ClientPacket {
  const packet = fromNotation(notation) as ClientPacket
  if (packet.kind !== 'connect' || packet.rooms === undefined) return packet
  return { ...packet, rooms: new Map(Object.entries(packet.rooms as unknown as Record<string, Position>)) }
}

export function serverPacketFrom(notation: unknown): ServerPacket {
  return fromNotation(notation) as ServerPacket
}

/** What the server writes for this packet to a strict client. */
export function encodeServerPacket(packet: ServerPacket): string {
  switch (packet.kind) {
    case 'event':
      return encodeEvent(packet.event, stringifyArgs(packet.args), packet.args.length, packet.id, packet.seq)
    case 'publication':
      return encodePublication({ ...packet, argsText: stringifyArgs(packet.args), arity: packet.args.length })
    case 'ack':
      return packet.error === undefined
        ? encodeAckArgs(packet.id, packet.args)
        : encodeAckError(packet.id, packet.error)
    case 'error':
      return encodeError(packet.error, packet.request)
    case 'gap':
      return encodeGap(packet.room, packet.epoch, packet.seq)
    case 'presence':
      return encodePresence(packet.room, packet.joined, packet.left)
    case 'welcome':
      return encodeWelcome(packet)
    case 'ping':
      return pingText
    case 'pong':
      return pongText
  }
}

/** What the server writes for it to a lenient client that has not subscribed in JSON: text, or a binary frame. */
export function encodeForLenient(packet: ServerPacket): string | Uint8Array {
  if ((packet.kind === 'event' || packet.kind === 'publication') && packet.event === 'message') {
    const argsText = stringifyArgs(packet.args)
    const direct = packet.kind === 'event'
    const bare = direct ? stringOf(argsText, packet.args.length) : bareTextOf(argsText, packet.args.length)
    const wantsAnswer = direct && packet.id !== undefined
    const short = wantsAnswer ? undefined : (bare ?? bytesOf(argsText, packet.args.length))
    if (short !== undefined) return short
  }
  return encodeServerPacket(packet)
}
