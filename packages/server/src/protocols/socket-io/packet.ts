/** The types of packets (Socket.IO protocol v5). */
export const PacketType = {
  connect: 0,
  disconnect: 1,
  event: 2,
  ack: 3,
  connectError: 4,
  binaryEvent: 5,
  binaryAck: 6,
} as const

/** One packet, in the shape that all of Socket.IO's parsers know. */
export interface Packet {
  readonly type: number
  readonly nsp: string
  readonly data?: unknown
  /** Of an event that wants an acknowledgement, and of its acknowledgement. Text where it is too large for a number. */
  readonly id?: number | string
}

/** What a packet is on its way through Engine.IO: its text, and its attachments behind it. */
export type Encoded = string | readonly (string | Buffer)[]

/** A peer has sent what is no packet: its connection is closed, reason `parse error` or `forced close`. */
export class InvalidPacket extends Error {
  override readonly name = 'InvalidPacket'
}

/** Who gets the packets of one connection. */
export interface PacketReceiver {
  onPacket(packet: Packet): void
  /** What came is no packet. */
  onInvalid(error: InvalidPacket): void
}

/** What is kept of a connection's messages for those that are still to come. */
export interface Unfinished {
  /** Nothing more will come. */
  drop(): void
}

/** Between packets and the messages of Engine.IO that carry them: {@link defaultParser}, or an application's own. */
export interface Parser {
  encode(packet: Packet): Encoded
  /**
   * Reads a message of a connection's, with what is kept of those before: tells the packets that it completes, or that it
   * is part of none. Answers what is to be kept now: nothing for most, as tens of thousands of connections are idle.
   */
  decode(message: string | Buffer, unfinished: Unfinished | undefined, receiver: PacketReceiver): Unfinished | undefined
}
