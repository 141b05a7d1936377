import { FrameDecoder } from './frame-decoder.ts'
import { MessageAssembler, type MessageLimits, type MessageSink } from './message-assembler.ts'

/** From bytes to messages: the two machines that a connection needs while it reads. */
export class Parser {
  readonly assembler: MessageAssembler
  readonly decoder: FrameDecoder

  constructor(sink: MessageSink, limits: MessageLimits) {
    this.assembler = new MessageAssembler(sink, limits)
    this.decoder = new FrameDecoder(this.assembler)
  }

  /** True between two messages, when nothing of the next one has come. */
  get isIdle(): boolean {
    return !this.decoder.insideFrame && !this.assembler.insideMessage
  }
}

/** As many as are in use at once when connections read within each other's handlers, and some. */
const MAX_IDLE = 16

/** Parsers that nobody needs now: a connection has one only from the first byte of a message to its last. */
const idle: Parser[] = []

export function takeParser(sink: MessageSink, limits: MessageLimits): Parser {
  const parser = idle.pop()
  if (parser === undefined) return new Parser(sink, limits)
  parser.assembler.serve(sink, limits)
  return parser
}

/** Gives back a parser that is idle. */
export function giveBackParser(parser: Parser): void {
  if (idle.length >= MAX_IDLE) return
  parser.assembler.serve(nobody, noLimits)
  idle.push(parser)
}

const noLimits: MessageLimits = { maxPayloadBytes: 0, maxFragments: 0, maxEmptyFragments: 0 }

/** So that a parser that waits keeps no connection alive. */
const nobody: MessageSink = {
  deflate: undefined,
  receiveMessage() {},
  receiveCompressed() {},
  receivePing() {},
  receivePong() {},
  receiveClose() {},
}
