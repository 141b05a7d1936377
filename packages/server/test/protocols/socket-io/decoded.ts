import type {
  InvalidPacket,
  Packet,
  PacketReceiver,
  Parser,
  Unfinished,
} from '../../../src/protocols/socket-io/packet.ts'

/** Someone who reads the messages of one connection, and keeps what they come to. */
export class Reader implements PacketReceiver {
  readonly packets: Packet[] = []
  readonly errors: string[] = []
  unfinished: Unfinished | undefined
  readonly #parser: Parser

  constructor(parser: Parser) {
    this.#parser = parser
  }

  read(...messages: readonly (string | Buffer)[]): this {
    for (const message of messages) this.unfinished = this.#parser.decode(message, this.unfinished, this)
    return this
  }

  onPacket(packet: Packet): void {
    this.packets.push(packet)
  }

  onInvalid(error: InvalidPacket): void {
    this.errors.push(error.message)
  }
}
