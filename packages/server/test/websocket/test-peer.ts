import { Flush } from '../../src/flush.ts'
import { Connection } from '../../src/websocket/connection.ts'
import { type ConnectionOptions, resolveConnectionOptions } from '../../src/websocket/connection-options.ts'
import { agreeOnDeflate } from '../../src/websocket/deflate-agreement.ts'
import { parseExtensions } from '../../src/websocket/extension-offers.ts'
import { MessageDeflate } from '../../src/websocket/message-deflate.ts'
import { type DuplexEnd, duplexPair } from './duplex-pair.ts'
import { ManualClock } from './manual-clock.ts'

/** A connection, and what its peer and its owner see of it. */
export class TestPeer {
  readonly clock = new ManualClock()
  readonly connection: Connection
  /** The peer's end of the stream. */
  readonly far: DuplexEnd
  /** The connection's end. */
  readonly near: DuplexEnd
  readonly messages: (string | Buffer)[] = []
  readonly closes: [code: number, reason: string][] = []
  readonly errors: unknown[] = []
  /** What the owner saw, in order. */
  readonly events: string[] = []
  /** How often the connection wrote to its stream. */
  writes = 0
  /** The peer has seen our FIN. */
  ended = false
  #received: Buffer[] = []

  /** `offer`: what the peer has offered in `Sec-WebSocket-Extensions`. */
  constructor(options: ConnectionOptions & { echo?: boolean; reading?: boolean; offer?: string } = {}) {
    ;[this.far, this.near] = duplexPair()
    const write = this.near._write.bind(this.near)
    this.near._write = (chunk, encoding, callback) => {
      this.writes++
      write(chunk, encoding, callback)
    }
    const { echo = false, reading = true, offer = '', ...limits } = options
    const resolved = resolveConnectionOptions({ clock: this.clock, ...limits })
    const { perMessageDeflate, maxPayloadBytes } = resolved
    const agreement = perMessageDeflate && agreeOnDeflate(parseExtensions([offer]) ?? [], perMessageDeflate)
    const deflate = agreement && new MessageDeflate(agreement, perMessageDeflate, maxPayloadBytes)
    this.connection = new Connection(this.near, resolved, new Flush(), { deflate })
    this.connection.onMessage = (data) => {
      this.messages.push(data)
      this.events.push('message')
      if (echo) this.connection.send(data)
    }
    this.connection.onClose = (code, reason) => {
      this.closes.push([code, reason])
      this.events.push('close')
    }
    this.connection.onEnding = () => this.events.push('ending')
    this.connection.onError = (error) => this.errors.push(error)
    if (reading) this.read()
  }

  /** The peer begins to read. */
  read(): void {
    this.far.on('data', (chunk: Buffer) => this.#received.push(chunk))
    this.far.on('end', () => {
      this.ended = true
    })
  }

  /** What the peer has read so far, in hex. */
  get received(): string {
    return Buffer.concat(this.#received).toString('hex')
  }

  /** Each argument is one chunk. */
  async send(...chunks: Buffer[]): Promise<void> {
    for (const chunk of chunks) {
      this.far.write(chunk)
      await turn()
    }
    await settled()
  }
}

/** One turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Everything that follows without time and without another byte has happened: streams in memory need a few turns. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 5; i++) await turn()
}
