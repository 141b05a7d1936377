import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { Duplex } from 'node:stream'
import { type EchoServer, listenOnLoopback } from './echo-server.ts'

/** A duty of RFC 6455 that the server leaves undone. */
export type Neglect =
  | 'masks'
  | 'UTF-8'
  | 'reserved bits'
  | 'reserved opcodes'
  | 'close codes'
  | 'order of fragments'
  | 'pongs'
  | 'the close reply'
  | 'dropping TCP'

/** A simple echo server that does what the RFC asks for but one thing: for seeing that the suite finds it. */
export function startCarelessEcho(neglect: Neglect | 'nothing'): Promise<EchoServer> {
  const server = createServer()
  server.on('upgrade', (request, stream, head) => {
    const accept = createHash('sha1').update(
      `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`,
    )
    stream.on('error', () => stream.destroy())
    stream.write(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        `Sec-WebSocket-Accept: ${accept.digest('base64')}\r\n\r\n`,
    )
    const peer = new CarelessPeer(stream, neglect)
    stream.on('data', (chunk: Buffer) => peer.read(chunk))
    stream.on('end', () => stream.end())
    if (head.length > 0) peer.read(head)
  })
  return listenOnLoopback(server)
}

interface ReadFrame {
  readonly final: boolean
  readonly reserved: number
  readonly opcode: number
  readonly payload: Buffer
}

class CarelessPeer {
  readonly #stream: Duplex
  readonly #neglect: Neglect | 'nothing'
  #pending: Buffer = Buffer.alloc(0)
  #open: { opcode: number; parts: Buffer[] } | undefined
  #isOver = false

  constructor(stream: Duplex, neglect: Neglect | 'nothing') {
    this.#stream = stream
    this.#neglect = neglect
  }

  read(chunk: Buffer): void {
    this.#pending = Buffer.concat([this.#pending, chunk])
    while (!this.#isOver) {
      const fault = this.#faultOfHead()
      const frame = fault === undefined ? this.#next() : undefined
      const code = fault ?? (frame && this.#take(frame))
      if (code !== undefined) this.#leave(code)
      else if (frame === undefined) return
    }
  }

  #minds(duty: Neglect): boolean {
    return this.#neglect !== duty
  }

  /** What is wrong with a head is found before its payload is there. */
  #faultOfHead(): number | undefined {
    const [first, second] = this.#pending
    if (first === undefined || second === undefined) return undefined
    if ((second & 0x80) === 0 && this.#minds('masks')) return 1002
    return (first & 0x08) !== 0 && (second & 0x7f) > 125 ? 1002 : undefined
  }

  #next(): ReadFrame | undefined {
    const bytes = this.#pending
    const [first, second] = bytes
    if (first === undefined || second === undefined) return undefined
    const short = second & 0x7f
    const lengthEnd = short === 126 ? 4 : short === 127 ? 10 : 2
    if (bytes.length < lengthEnd) return undefined
    const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short
    const isMasked = (second & 0x80) !== 0
    const start = lengthEnd + (isMasked ? 4 : 0)
    if (bytes.length < start + length) return undefined
    const mask = isMasked ? bytes.subarray(lengthEnd, start) : Buffer.alloc(4)
    const payload = Buffer.from(bytes.subarray(start, start + length))
    for (let at = 0; at < length; at++) payload[at] = (payload[at] ?? 0) ^ (mask[at & 3] ?? 0)
    this.#pending = bytes.subarray(start + length)
    return { final: (first & 0x80) !== 0, reserved: first & 0x70, opcode: first & 0x0f, payload }
  }

  /** Acts on a frame, or answers the code to close with: the peer's, or that of a fault. */
  #take(frame: ReadFrame): number | undefined {
    const { opcode, payload } = frame
    if (frame.reserved !== 0 && this.#minds('reserved bits')) return 1002
    if ((opcode > 10 || (opcode > 2 && opcode < 8)) && this.#minds('reserved opcodes')) return 1002
    if (opcode <= 2) return this.#data(frame)
    if (!frame.final && this.#minds('order of fragments')) return 1002
    if (opcode === 9 && this.#minds('pongs')) this.#send(10, payload)
    return opcode === 8 ? this.#codeFor(payload) : undefined
  }

  #data({ final, opcode, payload }: ReadFrame): number | undefined {
    if ((opcode === 0) === (this.#open === undefined)) {
      if (this.#minds('order of fragments')) return 1002
      this.#open = undefined
    }
    this.#open ??= { opcode: opcode || 1, parts: [] }
    this.#open.parts.push(payload)
    if (!final) return undefined
    const message = Buffer.concat(this.#open.parts)
    const kind = this.#open.opcode
    this.#open = undefined
    if (kind === 1 && !isUtf8(message) && this.#minds('UTF-8')) return 1007
    this.#send(kind, message)
    return undefined
  }

  /** What a close frame is answered with. */
  #codeFor(payload: Buffer): number | undefined {
    if (!this.#minds('the close reply')) return undefined
    const code = payload.length >= 2 ? payload.readUInt16BE() : 1000
    const isGood = (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code < 5000)
    if (payload.length === 1 || (!isGood && this.#minds('close codes'))) return 1002
    if (!isUtf8(payload.subarray(2)) && this.#minds('UTF-8')) return 1007
    return isGood ? code : 1000
  }

  #leave(code: number): void {
    this.#isOver = true
    this.#send(8, Buffer.of(code >> 8, code & 0xff))
    if (this.#minds('dropping TCP')) this.#stream.end()
  }

  #send(opcode: number, payload: Buffer): void {
    const { length } = payload
    const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10)
    head[0] = 0x80 | opcode
    head[1] = length < 126 ? length : length < 65_536 ? 126 : 127
    if (head.length === 4) head.writeUInt16BE(length, 2)
    if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2)
    if (this.#stream.writable) this.#stream.write(Buffer.concat([head, payload]))
  }
}
