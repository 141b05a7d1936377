import type { Agreement } from './deflate/agreement.ts'
import { Inflater } from './deflate/inflater.ts'
import { close, encodeFrame, type Frame, Opcode, pong } from './frame.ts'
import { Random } from './random.ts'
import { ServerTraffic, type TrafficListener } from './server-traffic.ts'
import type { Subject } from './subject.ts'
import {
  type Answer,
  agreementIn,
  faultOf,
  type Offered,
  parseAnswer,
  randomKey,
  requestHead,
  upgradeLines,
} from './upgrade.ts'
import { Wire, type Writes } from './wire.ts'

/** A message or a pong of the server, and the step of the script during which it came. */
export interface Received {
  readonly kind: 'text' | 'binary' | 'pong'
  readonly payload: Buffer
  readonly step: number
}

/** The server's close frame; no code when it was empty. */
export interface ServerClose {
  readonly code: number | undefined
  readonly reason: string
}

/** What is special about a handshake. */
export interface Opening {
  /** The values of `Sec-WebSocket-Extensions` lines. */
  readonly extensions?: readonly string[]
  /** Bytes in the same write, behind the head. */
  readonly behindHead?: Uint8Array
}

/** Section 0: the time for the close reply, and for the server to drop TCP after both close frames. */
const closingPatienceMs = 1000
const answerPatienceMs = 5000

/**
 * The client's end of a WebSocket, made to observe: it sends whatever a case describes, keeps what comes in order, answers pings
 * and the server's close frame, and never drops TCP before the server had its time.
 */
export class WireClient {
  readonly wire: Wire
  readonly received: Received[] = []
  readonly violations: string[] = []
  /** What was agreed about compression; nothing when it was not. */
  readonly agreement: Agreement | undefined
  /** The step of the script that is being done. */
  step = 0
  /** Set to let the server's close and pings go unanswered. */
  isMute = false
  isClientClosed = false
  serverClose: ServerClose | undefined
  firstClose: 'client' | 'server' | undefined
  /** The step in which the server sent its close frame, or dropped TCP without one. */
  endStep: number | undefined
  readonly traffic: ServerTraffic
  readonly #subject: Subject
  readonly #chops: Random | undefined

  constructor(wire: Wire, subject: Subject, agreement?: Agreement, rest: Buffer = Buffer.alloc(0)) {
    this.wire = wire
    this.#subject = subject
    this.agreement = agreement
    this.#chops = subject.chopSeed === undefined ? undefined : new Random(subject.chopSeed)
    const onMessage = (kind: Received['kind'], payload: Buffer) =>
      this.received.push({ kind, payload, step: this.step })
    const listener: TrafficListener = {
      onMessage,
      onPong: (payload) => onMessage('pong', payload),
      onPing: (payload) => {
        if (!this.isMute && !this.isClientClosed) void this.send([pong(payload)])
      },
      onClose: (code, reason) => this.#onClose(code, reason),
      onViolation: (fault) => this.violations.push(fault),
    }
    const inflater = agreement && new Inflater(agreement.serverWindowBits, !agreement.serverNoContextTakeover)
    this.traffic = new ServerTraffic(listener, inflater)
    if (rest.length > 0) this.traffic.push(rest)
    wire.listen(
      (bytes) => this.traffic.push(bytes),
      () => {
        this.endStep ??= this.step
        this.traffic.end()
      },
    )
  }

  /** Connects and upgrades as every case does; throws with the fault when the answer is not right. Bytes given go out with the head. */
  static async open(
    subject: Subject,
    { extensions = [], behindHead = Buffer.alloc(0) }: Opening = {},
  ): Promise<WireClient> {
    const { host, port, path, patienceFactor } = subject
    const patienceMs = answerPatienceMs * patienceFactor
    const wire = await Wire.connect(subject, patienceMs)
    try {
      const key = randomKey()
      let bytes: Buffer = Buffer.alloc(0)
      wire.listen((more) => {
        bytes = Buffer.concat([bytes, more])
      })
      const head = requestHead(path, upgradeLines(`${host}:${port}`, key, extensions))
      await wire.write([Buffer.from(head), behindHead])
      await wire.waitFor(() => wire.isOver || bytes.includes('\r\n\r\n'), patienceMs)
      const answer = parseAnswer(bytes)
      if (!answer) throw new Error(wire.isOver ? 'drops TCP instead of an answer' : 'does not answer the handshake')
      const fault = faultOf(answer, key, { extensions })
      if (fault) throw new Error(fault)
      return new WireClient(wire, subject, agreementIn(answer, { extensions }), answer.rest)
    } catch (error) {
      await wire.drop(0)
      throw error
    }
  }

  /** The client behind an answer that a case asked for itself; what is wrong with the answer is its first violation. */
  static upgraded(wire: Wire, subject: Subject, answer: Answer, key: string, offered: Offered): WireClient {
    const client = new WireClient(wire, subject, agreementIn(answer, offered), answer.rest)
    const fault = faultOf(answer, key, offered)
    if (fault) client.violations.push(fault)
    return client
  }

  /** Nothing that is sent can matter any more: the server closed on its own, or TCP is gone. */
  get isOver(): boolean {
    return this.wire.isOver || (this.serverClose !== undefined && this.firstClose === 'server')
  }

  async send(frames: readonly Frame[], writes: Writes = 'back-to-back'): Promise<void> {
    const used = this.#writes(writes)
    if (used === 'back-to-back' || (typeof used === 'object' && 'chops' in used)) {
      for (const frame of frames) this.#note(frame)
      return this.wire.write(frames.map(encodeFrame), used)
    }
    for (const frame of frames) {
      // Between frames only: half a frame would make nonsense of the close frame that follows.
      if (this.isOver) return
      this.#note(frame)
      await this.wire.write([encodeFrame(frame)], used)
    }
  }

  /** Sends bytes that are no frames, or not whole ones. Nobody takes them for our close frame. */
  async sendBytes(pieces: readonly Uint8Array[], writes: Writes = 'back-to-back'): Promise<void> {
    const used = this.#writes(writes)
    if (used === 'back-to-back' || (typeof used === 'object' && 'chops' in used)) return this.wire.write(pieces, used)
    for (const piece of pieces) {
      if (this.isOver) return
      await this.wire.write([piece], used)
    }
  }

  #writes(writes: Writes): Writes {
    if (typeof writes === 'object' && 'slowBytes' in writes) return writes
    if (this.#chops) return { chops: this.#chops }
    return this.#subject.isSingleBytes ? 'octet-wise' : writes
  }

  /** Waits until so many messages and pongs came; false when the connection was over, or patience was, before. */
  async waitForCount(count: number, patienceMs: number): Promise<boolean> {
    const isOver = () => this.isOver || this.serverClose !== undefined
    // What came and cannot be read will not come again.
    const came = () => this.received.length + this.traffic.lostMessages
    await this.waitFor(() => came() >= count || isOver(), patienceMs)
    return this.received.length >= count
  }

  waitFor(fact: () => boolean, patienceMs: number): Promise<boolean> {
    return this.wire.waitFor(fact, patienceMs * this.#subject.patienceFactor)
  }

  /** Answers the server's close frame, for a client that was mute until now. */
  async reply(code: number): Promise<void> {
    this.isMute = false
    await this.send([close(code)])
  }

  /** Sends a close frame if none was sent, gives the server its time to answer and to drop TCP, then is gone. */
  async finish(code = 1000): Promise<void> {
    if (!this.isClientClosed && !this.wire.isOver && !this.isMute) await this.send([close(code)])
    await this.waitFor(() => this.serverClose !== undefined || this.wire.isOver, closingPatienceMs)
    await this.wire.drop(closingPatienceMs * this.#subject.patienceFactor)
  }

  /** A close frame counts as ours from its first byte on. One with reserved bits is a bad frame, not a close. */
  #note(frame: Frame): void {
    if (frame.opcode !== Opcode.close || frame.reserved) return
    this.isClientClosed = true
    this.firstClose ??= 'client'
  }

  #onClose(code: number | undefined, reason: string): void {
    this.serverClose ??= { code, reason }
    this.endStep ??= this.step
    this.firstClose ??= 'server'
    if (!this.isClientClosed && !this.isMute) void this.send([close(code)])
  }
}
