import { connectionDefaults } from '../../src/websocket/connection-options.ts'
import { FrameDecoder } from '../../src/websocket/frame-decoder.ts'
import { MessageAssembler, type MessageLimits, type MessageSink } from '../../src/websocket/message-assembler.ts'
import { ProtocolError } from '../../src/websocket/protocol-error.ts'

/** The two push machines without a connection, and what comes out of them, in words. */
export class Recorder implements MessageSink {
  readonly events: string[] = []
  readonly assembler: MessageAssembler
  readonly decoder: FrameDecoder
  /** What was delivered. */
  readonly messages: (string | Buffer)[] = []
  readonly deflate: object | undefined

  /** `deflate`: messages may be compressed. */
  constructor(limits: Partial<MessageLimits> = {}, deflate = false) {
    this.deflate = deflate ? {} : undefined
    this.assembler = new MessageAssembler(this, { ...connectionDefaults, ...limits })
    this.decoder = new FrameDecoder(this.assembler)
  }

  receiveMessage(data: string | Buffer): void {
    this.messages.push(data)
    this.events.push(typeof data === 'string' ? `text ${data}` : `binary ${data.toString('hex')}`)
  }

  receiveCompressed(opcode: number, bytes: Buffer, start: number, end: number): void {
    this.events.push(`compressed ${opcode} ${bytes.toString('hex', start, end)}`)
  }

  receivePing(bytes: Buffer, start: number, end: number): void {
    this.events.push(`ping ${bytes.toString('hex', start, end)}`)
  }

  receivePong(): void {
    this.events.push('pong')
  }

  receiveClose(code: number, reason: string): void {
    this.decoder.stopped = true
    this.events.push(`close ${code} ${reason}`)
  }

  /** Pushes copies of the chunks, until a rule is broken. Returns all events. */
  push(...chunks: Uint8Array[]): string[] {
    try {
      for (const chunk of chunks) this.decoder.push(Buffer.from(chunk))
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      this.events.push(`fail ${error.code}`)
      this.decoder.stopped = true
    }
    return this.events
  }
}

/** Bytes cut at these places. */
export function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const edges = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  return edges.slice(1).map((edge, i) => bytes.subarray(edges[i], edge))
}
