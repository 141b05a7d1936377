// From what a client says to the text on the wire.

import { stringifyArgs, stringifyValue } from './binary.ts'
import { typeOfEvent } from './name.ts'
import type { ClientPacket, ConnectPacket, PublishPacket } from './packet.ts'

/** The text that says this, in strict form (which a lenient server reads as well). */
export function encodeClientPacket(packet: ClientPacket): string {
  switch (packet.kind) {
    case 'event':
      return `{"type":${JSON.stringify(typeOfEvent(packet.event))}${field('id', packet.id)}${field('key', packet.key)}${eventPayload(packet.args)}}`
    case 'ack':
      if (packet.error !== undefined) return `{"type":"ack"${field('id', packet.id)}${field('error', packet.error)}}`
      return `{"type":"ack"${field('id', packet.id)}${payload(packet.args)}}`
    case 'connect':
      return encodeConnect(packet)
    case 'publish':
      return encodePublish(packet)
    case 'bare-ping':
      return 'ping'
    default:
      return encodePlain(packet)
  }
}

/** `,"name":value`, or nothing for undefined. */
function field(name: string, value: unknown): string {
  return value === undefined ? '' : `,"${name}":${JSON.stringify(value)}`
}

/** `data` for one argument, `args` for several, nothing for none: publications and answers. */
function payload(args: readonly unknown[]): string {
  if (args.length === 1) return `,"data":${stringifyValue(args[0])}`
  return args.length === 0 ? '' : `,"args":${stringifyArgs(args)}`
}

/** An event without arguments says so: without `args` and `data` the rest of the object would be the argument. */
function eventPayload(args: readonly unknown[]): string {
  return args.length === 0 ? ',"args":[]' : payload(args)
}

function encodeConnect(packet: ConnectPacket): string {
  // Object.fromEntries defines: a room called `__proto__` is an own key.
  const rooms = packet.rooms === undefined ? undefined : Object.fromEntries(packet.rooms)
  return `{"type":"connect"${field('token', packet.token)}${field('name', packet.name)}${field('session', packet.session)}${field('rooms', rooms)}}`
}

function encodePublish(packet: PublishPacket): string {
  const event = packet.event === 'message' ? undefined : packet.event
  const volatile = packet.volatile ? true : undefined
  return `{"type":"publish"${field('room', packet.room)}${field('event', event)}${field('id', packet.id)}${field('key', packet.key)}${field('volatile', volatile)}${payload(packet.args)}}`
}

/** The rest: their fields are plain JSON, and undefined ones disappear. */
function encodePlain(
  packet: Exclude<ClientPacket, { kind: 'event' | 'ack' | 'connect' | 'publish' | 'bare-ping' }>,
): string {
  const { kind, ...fields } = packet
  return JSON.stringify({ type: kind, ...fields })
}
