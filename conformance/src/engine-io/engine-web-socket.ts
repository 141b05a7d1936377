import { binary, encodeFrame, text } from '../frame.ts'
import type { Subject } from '../subject.ts'
import { type Answer, headerValues, parseAnswer, randomKey, requestHead, upgradeLines } from '../upgrade.ts'
import { Wire } from '../wire.ts'
import { type Received, WireClient } from '../wire-client.ts'
import { Fault, same, tell } from './fault.ts'

/** How a WebSocket came to its end. No code where the close frame was empty or never came. */
export interface SocketEnd {
  readonly hasCloseFrame: boolean
  readonly code: number | undefined
  readonly reason: string
}

/** An upgrade that was not let in. */
export interface Refused {
  readonly status: number
  readonly headers: Answer['headers']
  readonly body: string
}

/** More of the request's head. */
export interface UpgradeAsk {
  readonly lines?: readonly string[]
  readonly protocols?: readonly string[]
  readonly extensions?: readonly string[]
  /** Packets in the same write as the head. */
  readonly behindHead?: readonly string[]
}

const PING = '2'

/** A raw WebSocket to an Engine.IO server: packets out, packets in, in order. */
export class EngineWebSocket {
  readonly client: WireClient
  readonly answer: Answer
  readonly #patienceMs: number
  #at = 0
  /** Pings that came among other messages. */
  #pings = 0

  private constructor(client: WireClient, answer: Answer, patienceMs: number) {
    this.client = client
    this.answer = answer
    this.#patienceMs = patienceMs
  }

  /** Asks for an upgrade. */
  static async ask(subject: Subject, ask: UpgradeAsk, patienceMs: number): Promise<EngineWebSocket | Refused> {
    const { lines = [], protocols = [], extensions = [], behindHead = [] } = ask
    const { host, port, path } = subject
    const wire = await Wire.connect(subject, patienceMs)
    let bytes: Buffer = Buffer.alloc(0)
    wire.listen((more) => {
      bytes = Buffer.concat([bytes, more])
    })
    const key = randomKey()
    const offered = protocols.length === 0 ? [] : [`Sec-WebSocket-Protocol: ${protocols.join(', ')}`]
    const head = [...upgradeLines(`${host}:${port}`, key, extensions), ...offered, ...lines]
    const frames = behindHead.map((packet) => encodeFrame(text(packet)))
    await wire.write([Buffer.from(requestHead(path, head), 'latin1'), ...frames])
    await wire.waitFor(() => wire.isOver || bytes.includes('\r\n\r\n'), patienceMs)
    const answer = parseAnswer(bytes)
    if (answer?.status === 101) {
      const client = WireClient.upgraded(wire, subject, answer, key, { protocols, extensions })
      return new EngineWebSocket(client, answer, patienceMs)
    }
    await wire.waitFor(() => wire.isOver, patienceMs)
    const isEnded = wire.isOver
    await wire.drop(0)
    if (answer === undefined) throw new Fault(`${isEnded ? 'TCP ends instead of an' : 'no'} answer to an upgrade`)
    if (!isEnded) throw new Fault(`TCP stays open behind ${answer.status}`)
    const { status, headers } = answer
    return { status, headers, body: (parseAnswer(bytes) as Answer).rest.toString() }
  }

  header(name: string): string[] {
    return headerValues(this.answer, name)
  }

  send(...packets: readonly (string | Buffer)[]): Promise<void> {
    return this.client.send(packets.map((packet) => (typeof packet === 'string' ? text(packet) : binary(packet))))
  }

  /** The next message that is no ping of Engine.IO's: text as a string, a binary one as its bytes. */
  async next(): Promise<string | Buffer> {
    const message = await this.nextOrEnd()
    if (message === undefined) throw new Fault('the WebSocket closed instead of a message')
    return message
  }

  /** The same, or undefined where the server closes instead. */
  async nextOrEnd(): Promise<string | Buffer | undefined> {
    for (;;) {
      const received = await this.#nextReceived()
      if (received === undefined) return undefined
      const { kind, payload } = received
      if (kind === 'binary') return payload
      if (kind !== 'text') continue
      if (payload.toString() !== PING) return payload.toString()
      this.#pings++
    }
  }

  /** Waits for Engine.IO's next ping, if none has come yet that nobody has asked for, and passes over what else comes. */
  async ping(): Promise<void> {
    if (this.#pings > 0) {
      this.#pings--
      return
    }
    for (;;) {
      const received = await this.#nextReceived()
      if (received === undefined) throw new Fault('the WebSocket closed instead of a ping')
      if (received.kind === 'text' && received.payload.toString() === PING) return
    }
  }

  async #nextReceived(): Promise<Received | undefined> {
    const { client } = this
    const hasMore = (): boolean => client.received.length > this.#at
    await client.waitFor(() => hasMore() || this.isEnded, this.#patienceMs)
    if (hasMore()) return client.received[this.#at++]
    if (this.isEnded) return undefined
    throw new Fault('no message on the WebSocket')
  }

  /** The server has said that it closes, or TCP is gone. */
  get isEnded(): boolean {
    return this.client.serverClose !== undefined || this.client.wire.isOver
  }

  /** Sends a message and sees it come back: the session is alive. */
  async roundTrip(word: string): Promise<void> {
    await this.send(`42["echo",${JSON.stringify(word)}]`)
    same(await this.next(), `42["echo",${JSON.stringify(word)}]`, 'the echo on the WebSocket')
  }

  /** Waits for the server to close it, and to end TCP when that is answered. What it says before is passed over. */
  async end(): Promise<SocketEnd> {
    const { client } = this
    await client.waitFor(() => this.isEnded, this.#patienceMs)
    const { serverClose } = client
    if (!this.isEnded) throw new Fault('the WebSocket stays open')
    await client.waitFor(() => client.wire.isOver, this.#patienceMs)
    if (!client.wire.isOver) throw new Fault('TCP stays open behind the close frame')
    return { hasCloseFrame: serverClose !== undefined, code: serverClose?.code, reason: serverClose?.reason ?? '' }
  }

  /** What came and nobody has asked for. */
  get rest(): string[] {
    return this.client.received
      .slice(this.#at)
      .map(({ kind, payload }) => (kind === 'text' ? payload.toString() : `${kind} ${tell(payload)}`))
      .filter((packet) => packet !== PING)
  }

  /** A close frame, and the server's. */
  async close(): Promise<void> {
    await this.client.finish(1000)
    const { serverClose, wire } = this.client
    same([serverClose?.code, wire.droppedBy], [1000, 'server'], 'the close frame in answer, and who ended TCP')
  }

  /** TCP ends without a word. */
  drop(): Promise<void> {
    return this.client.wire.drop(0)
  }
}
