import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { Duplex } from 'node:stream'
import { type CarelessDeflate, CarelessFault, type DeflateNeglect, negotiate } from './careless-deflate.ts'
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

type Undone = Neglect | DeflateNeglect | 'nothing'

/** What it inflates messages to, where it compresses. */
export const carelessLimitBytes = 4_000_000

/** A simple echo server that does what the RFCs ask for but one thing: for seeing that the suite finds it. */
export function startCarelessEcho(neglect: Undone, compresses = false): Promise<EchoServer> {
  const server = createServer()
  server.on('upgrade', (request, stream, head) => {
    const accept = createHash('sha1').update(
      `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`,
    )
    stream.on('error', () => stream.destroy())
    const offered = compresses ? (request.headers['sec-websocket-extensions'] ?? '') : ''
    const agreement = negotiate(offered, neglect, carelessLimitBytes)
    if (agreement === undefined) {
      stream.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
      return
    }
    const { answer, deflate } = agreement
    const extension = answer === undefined ? '' : `Sec-WebSocket-Extensions: ${answer}\r\n`
    stream.write(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        `Sec-WebSocket-Accept: ${accept.digest('base64')}\r\n${extension}\r\n`,
    )
    const peer = new CarelessPeer(stream, neglect, deflate)
    stream.on('data', (chunk: Buffer) => peer.read(chunk))
    stream.on('end', () => stream.end())
    // from 26 on Node keeps a body from what is behind the head
    request.on('data', (chunk: Buffer) => peer.read(chunk))
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
  readonly #neglect: Undone
  readonly #deflate: CarelessDeflate | undefined
  #pending: Buffer = Buffer.alloc(0)
  #open: { opcode: number; isCompressed: boolean; parts: Buffer[] } | undefined
  #isOver = false

  constructor(stream: Duplex, neglect: Undone, deflate?: CarelessDeflate) {
    this.#stream = stream
    this.#neglect = neglect
    this.#deflate = deflate
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

  #minds(duty: Neglect | DeflateNeglect): boolean {
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
    if (frame.reserved !== 0 && !this.#mayCompress(frame) && this.#minds('reserved bits')) return 1002
    if ((opcode > 10 || (opcode > 2 && opcode < 8)) && this.#minds('reserved opcodes')) return 1002
    if (opcode <= 2) return this.#data(frame)
    if (!frame.final && this.#minds('order of fragments')) return 1002
    if (opcode === 9 && this.#minds('pongs')) this.#send(10, payload)
    return opcode === 8 ? this.#codeFor(payload) : undefined
  }

  /** RSV1 says so, on the first frame of a message (RFC 7692 §6). */
  #mayCompress({ reserved, opcode }: ReadFrame): boolean {
    if (this.#deflate === undefined || reserved !== 0x40) return false
    return opcode === 1 || opcode === 2 || !this.#minds('the bit of compressed messages')
  }

  #data(frame: ReadFrame): number | undefined {
    const { final, opcode, payload } = frame
    if ((opcode === 0) === (this.#open === undefined)) {
      if (this.#minds('order of fragments')) return 1002
      this.#open = undefined
    }
    this.#open ??= { opcode: opcode || 1, isCompressed: this.#mayCompress(frame), parts: [] }
    this.#open.parts.push(payload)
    if (!final) return undefined
    const { opcode: kind, isCompressed, parts } = this.#open
    this.#open = undefined
    let message: Buffer = Buffer.concat(parts)
    try {
      if (isCompressed) message = this.#deflate?.inflate(message) ?? message
    } catch (error) {
      if (error instanceof CarelessFault) return error.code
      throw error
    }
    if (kind === 1 && !isUtf8(message) && this.#minds('UTF-8')) return 1007
    if (this.#deflate) this.#send(kind, this.#deflate.compress(message), 0x40)
    else this.#send(kind, message)
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

  #send(opcode: number, payload: Buffer, reserved = 0): void {
    const { length } = payload
    const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10)
    head[0] = 0x80 | reserved | opcode
    head[1] = length < 126 ? length : length < 65_536 ? 126 : 127
    if (head.length === 4) head.writeUInt16BE(length, 2)
    if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2)
    if (this.#stream.writable) this.#stream.write(Buffer.concat([head, payload]))
  }
}
