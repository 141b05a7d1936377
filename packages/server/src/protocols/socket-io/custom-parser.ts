import type { EventEmitter } from 'node:events'
import { isValid } from './default-parser.ts'
import { InvalidPacket, type Packet, type PacketReceiver, PacketType, type Parser, type Unfinished } from './packet.ts'

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
    decode: (message, unfinished, receiver) => {
      const decoder = (unfinished as CustomDecoder | undefined) ?? new CustomDecoder(new Decoder(), receiver)
      decoder.add(message)
      return decoder
    },
  }
}

function bytesOrText(part: string | Uint8Array): string | Buffer {
  if (typeof part === 'string' || Buffer.isBuffer(part)) return part
  return Buffer.from(part.buffer, part.byteOffset, part.byteLength)
}

/** A decoder of the application's, which tells packets as events: it is kept as long as the connection, as its state is its own. */
class CustomDecoder implements Unfinished {
  readonly #decoder: InstanceType<ParserModule['Decoder']>
  readonly #receiver: PacketReceiver
  /** What it tells while it reads a message: what follows from that is not to be thrown into it. */
  #told: unknown[] | undefined

  constructor(decoder: InstanceType<ParserModule['Decoder']>, receiver: PacketReceiver) {
    this.#decoder = decoder
    this.#receiver = receiver
    decoder.on('decoded', (packet: unknown) => {
      if (this.#told === undefined) this.#tell(packet)
      else this.#told.push(packet)
    })
  }

  add(message: string | Buffer): void {
    const told: unknown[] = []
    this.#told = told
    let failure: InvalidPacket | undefined
    try {
      this.#decoder.add(message)
    } catch (error) {
      failure = new InvalidPacket(error instanceof Error ? error.message : 'invalid payload')
    }
    this.#told = undefined
    for (const packet of told) this.#tell(packet)
    if (failure !== undefined) this.#receiver.onInvalid(failure)
  }

  #tell(packet: unknown): void {
    if (isPacket(packet)) this.#receiver.onPacket(packet)
    else this.#receiver.onInvalid(new InvalidPacket('invalid payload'))
  }

  drop(): void {
    this.#decoder.destroy?.()
  }
}

/** What comes out of it may be whatever a client has put in. */
function isPacket(value: unknown): value is Packet {
  if (typeof value !== 'object' || value === null) return false
  const { type, nsp, id, data } = value as Packet
  const isId = id === undefined ? type !== PacketType.ack : Number.isInteger(id)
  return typeof type === 'number' && typeof nsp === 'string' && isId && isValid(type, data)
}
