import type { EventEmitter } from 'node:events'
import { InvalidPacket, type Packet, type PacketDecoder, type Parser } from './packet.ts'

/** A parser as Socket.IO's option `parser` takes one: `socket.io-msgpack-parser`, or an application's own. */
export interface ParserModule {
  readonly Encoder: new () => { encode(packet: object): (string | Buffer | Uint8Array)[] }
  readonly Decoder: new () => EventEmitter & { add(message: unknown): void; destroy?(): void }
}

/** Such a parser in our shape. */
export function customParser({ Encoder, Decoder }: ParserModule): Parser {
  const encoder = new Encoder()
  return {
    encode: (packet) => encoder.encode({ ...packet }).map(bytesOrText),
    decoder: () => new CustomDecoder(new Decoder()),
  }
}

function bytesOrText(part: string | Uint8Array): string | Buffer {
  if (typeof part === 'string' || Buffer.isBuffer(part)) return part
  return Buffer.from(part.buffer, part.byteOffset, part.byteLength)
}

/** Packets that this decoder tells as events, by whoever sent the last message of them. */
class CustomDecoder implements PacketDecoder {
  readonly #decoder: InstanceType<ParserModule['Decoder']>
  #packet: Packet | undefined

  constructor(decoder: InstanceType<ParserModule['Decoder']>) {
    this.#decoder = decoder
    decoder.on('decoded', (packet: Packet) => {
      this.#packet = packet
    })
  }

  add(message: string | Buffer): Packet | undefined {
    this.#packet = undefined
    try {
      this.#decoder.add(message)
    } catch (error) {
      throw new InvalidPacket(error instanceof Error ? error.message : 'invalid payload')
    }
    return this.#packet
  }

  destroy(): void {
    this.#decoder.destroy?.()
  }
}
