// As much of msgpack as Socket.IO's packets need: an Encoder and a Decoder in the shape of socket.io-msgpack-parser.
import { EventEmitter } from 'node:events'

function pack(value: unknown, out: Buffer[]): void {
  if (value === null || value === undefined) out.push(Buffer.of(0xc0))
  else if (typeof value === 'boolean') out.push(Buffer.of(value ? 0xc3 : 0xc2))
  else if (typeof value === 'number') packNumber(value, out)
  else if (typeof value === 'string') packBytes(0xdb, Buffer.from(value), out)
  else if (value instanceof Uint8Array) packBytes(0xc6, value, out)
  else if (Array.isArray(value)) {
    out.push(head(0xdd, value.length))
    for (const item of value) pack(item, out)
  } else {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined)
    out.push(head(0xdf, entries.length))
    for (const [name, item] of entries) {
      pack(name, out)
      pack(item, out)
    }
  }
}

function packNumber(value: number, out: Buffer[]): void {
  if (Number.isInteger(value) && value >= 0 && value < 128) out.push(Buffer.of(value))
  else {
    const bytes = Buffer.alloc(9, 0xcb)
    bytes.writeDoubleBE(value, 1)
    out.push(bytes)
  }
}

function packBytes(type: number, bytes: Uint8Array, out: Buffer[]): void {
  out.push(head(type, bytes.length), Buffer.from(bytes))
}

function head(type: number, length: number): Buffer {
  const bytes = Buffer.alloc(5, type)
  bytes.writeUInt32BE(length, 1)
  return bytes
}

/** Reads one value behind the other. */
class Unpacker {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  value(): unknown {
    const type = this.#bytes.readUInt8(this.#at++)
    if (type < 128) return type
    switch (type) {
      case 0xc0:
        return null
      case 0xc2:
        return false
      case 0xc3:
        return true
      case 0xcb:
        this.#at += 8
        return this.#bytes.readDoubleBE(this.#at - 8)
      case 0xdb:
        return this.#take().toString()
      case 0xc6:
        return this.#take()
      case 0xdd:
        return Array.from({ length: this.#length() }, () => this.value())
      case 0xdf:
        return Object.fromEntries(Array.from({ length: this.#length() }, () => [String(this.value()), this.value()]))
      default:
        throw new Error('invalid format')
    }
  }

  /** No more than there are bytes: each item has one at least. */
  #length(): number {
    const length = this.#bytes.readUInt32BE(this.#at)
    this.#at += 4
    if (length > this.#bytes.length - this.#at) throw new Error('invalid format')
    return length
  }

  #take(): Buffer {
    const length = this.#length()
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }
}

export class Encoder {
  encode(packet: object): Buffer[] {
    const out: Buffer[] = []
    pack(packet, out)
    return [Buffer.concat(out)]
  }
}

/** It does not look at what it has read: that is the server's affair. */
export class Decoder extends EventEmitter {
  isDestroyed = false

  add(message: unknown): void {
    if (!Buffer.isBuffer(message)) throw new Error('invalid format')
    const unpacker = new Unpacker(message)
    while (!unpacker.isAtEnd) this.emit('decoded', unpacker.value())
  }

  destroy(): void {
    this.isDestroyed = true
  }
}
