import { binaryFrame, textFrame } from '../../websocket/frame.ts'
import { type EnginePacket, PacketId, SEPARATOR_TEXT } from './packets.ts'

/** How packets look on one kind of lane. */
export interface Framing {
  readonly name: string
  /** A packet that is text, its id in front. */
  text(packet: string): Buffer
  /** A binary message. */
  binary(bytes: Buffer): Buffer
}

const base64 = (bytes: Buffer): string => `b${bytes.toString('base64')}`

/** A packet is a WebSocket message. */
export const webSocketFraming: Framing = {
  name: 'websocket',
  text: textFrame,
  binary: binaryFrame,
}

/** The same for clients that have asked for `b64`: they take no binary messages. */
export const webSocketTextFraming: Framing = {
  name: 'websocket base64',
  text: textFrame,
  binary: (bytes) => textFrame(base64(bytes)),
}

/** Part of a payload, with the separator behind it: parts lie in one answer as they are, shared by all who poll. */
export const pollingFraming: Framing = {
  name: 'polling',
  text: (packet) => Buffer.from(packet + SEPARATOR_TEXT),
  binary: (bytes) => Buffer.from(base64(bytes) + SEPARATOR_TEXT),
}

/** Any packet in a framing. */
export function framed(packet: EnginePacket, framing: Framing): Buffer {
  return typeof packet === 'string' ? framing.text(packet) : framing.binary(packet)
}

/** A message of text, as a packet. */
export const messagePacket = (text: string): string => PacketId.message + text
