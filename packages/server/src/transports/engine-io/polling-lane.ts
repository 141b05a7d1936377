import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../../clock.ts'
import { pollingFraming } from './framing.ts'
import type { EngineCloseReason, Lane, LaneListener } from './lane.ts'
import { InvalidEnginePacket, PacketId, readPacket, readPayload, SEPARATOR_TEXT, takePackets } from './packets.ts'
import { answerEmpty, answerPayload, answerTooLarge, confirmPost, type PollingAnswers } from './polling-answers.ts'
import { type PollingBody, readPollingBody } from './polling-body.ts'

/** Python's clients take no more in one payload. */
const MAX_PACKETS = 16
/** A session that was closed while no GET was there tells the next one so, for so long. */
const CLOSE_TIMEOUT_MS = 30_000
/** While the client changes to a WebSocket a GET is let go after a moment: it waits for that. */
const RELEASE_MS = 5

const CLOSE = Buffer.from(PacketId.close + SEPARATOR_TEXT)
const NOOP = Buffer.from(PacketId.noop + SEPARATOR_TEXT)

/** What all polling lanes of a server share. */
export interface PollingContext {
  readonly clock: Clock
  readonly maxPayloadBytes: number
  readonly answers: PollingAnswers
}

/** A session's lane of GETs, each parked until there is something to say, and POSTs. At most one of each at a time. */
export class PollingLane implements Lane {
  readonly name = 'polling'
  readonly framing = pollingFraming
  listener: LaneListener | undefined
  chunksRead = 0
  outgoingMark = 0
  readonly #context: PollingContext
  /** The GET that waits for something to say. */
  #parked: { request: IncomingMessage; response: ServerResponse } | undefined
  #post: PollingBody | undefined
  /** Packets that wait for a GET, with a separator behind each. */
  #waiting: Buffer[] = []
  #unsentBytes = 0
  #paused = false
  /** The session has been closed, and no GET was there to be told. */
  #ending: EngineCloseReason | undefined
  /** GETs are let go of: the client is changing to a WebSocket. */
  #releasing = false
  #gone = false
  #releaseTimer: unknown
  #endTimer: unknown

  constructor(context: PollingContext) {
    this.#context = context
  }

  /** True while a GET is parked: what is written goes out at once. */
  get writable(): boolean {
    return this.#parked !== undefined && this.#waiting.length === 0 && this.#ending === undefined
  }

  get unsentBytes(): number {
    return this.#unsentBytes
  }

  write(frames: readonly Buffer[]): void {
    if (this.#gone || this.#ending !== undefined) return
    for (const frame of frames) {
      this.#waiting.push(frame)
      this.#unsentBytes += frame.length
    }
    this.#answer()
  }

  /** A GET has come: it is answered when there is something to say. */
  poll(request: IncomingMessage, response: ServerResponse): void {
    if (this.#gone) {
      answerEmpty(response, 400)
      return
    }
    if (this.#parked !== undefined || response.destroyed) {
      answerEmpty(response, 400)
      this.terminate('transport error')
      return
    }
    this.chunksRead++
    const parked = { request, response }
    this.#parked = parked
    response.once('close', () => {
      if (this.#parked === parked) this.#lost()
    })
    if (this.#waiting.length > 0) this.#answer()
    else if (this.#ending !== undefined) this.#tellEnd(Buffer.concat([NOOP, CLOSE]), this.#ending)
    else {
      this.listener?.onWritable()
      if (this.#releasing && this.#parked === parked) this.#releaseSoon()
    }
  }

  /** The client went away in the middle of a request. */
  #lost(): void {
    this.#parked = undefined
    this.terminate('transport error')
  }

  /** A POST has come: its packets are told in order, then it is answered with `ok`. */
  async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.#gone) {
      answerEmpty(response, 400)
      return
    }
    // a request that broke off while middlewares were asked would never end
    const isBroken = request.destroyed || request.headers['content-type'] === 'application/octet-stream'
    if (this.#post !== undefined || isBroken) {
      answerEmpty(response, 400)
      this.terminate('transport error')
      return
    }
    this.chunksRead++
    const post = readPollingBody(request, response, this.#context.maxPayloadBytes)
    this.#post = post
    const read = await post.read()
    if (this.#post !== post) return // the session has ended meanwhile
    if (read.outcome === 'gone') {
      this.#post = undefined
      this.terminate('transport error')
    } else if (read.outcome === 'too large') {
      this.#post = undefined
      answerTooLarge(request, response, this.#context.clock)
    } else this.#take(read.body, post)
  }

  #take(body: string, post: PollingBody): void {
    if (this.#gone) {
      // the client has changed to a WebSocket in the middle of it: what would have its place in the order now?
      this.#post = undefined
      answerEmpty(post.response, 400)
      return
    }
    try {
      readPayload(body, (packet) => {
        if (!this.#gone) this.listener?.onPacket(packet)
      })
    } catch (error) {
      if (!(error instanceof InvalidEnginePacket)) throw error
      this.#post = undefined
      answerEmpty(post.response, 400)
      this.terminate('parse error')
      return
    }
    if (this.#paused) return // it is answered when we read on
    this.#confirm()
  }

  #confirm(): void {
    const post = this.#post
    if (post?.isRead !== true) return
    this.#post = undefined
    confirmPost(post.request, post.response, this.#context.answers)
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    this.#confirm()
  }

  #answer(): void {
    const parked = this.#parked
    if (parked === undefined || this.#waiting.length === 0) return
    this.#parked = undefined
    this.#context.clock.clearTimeout(this.#releaseTimer)
    const { taken, left } = takePackets(this.#waiting, MAX_PACKETS)
    this.#waiting = left
    const unsentBytes = left.reduce((bytes, { length }) => bytes + length, 0)
    this.outgoingMark += this.#unsentBytes - unsentBytes
    this.#unsentBytes = unsentBytes
    answerPayload(parked.request, parked.response, taken, this.#context.answers)
  }

  /** Lets go of GETs until the lane is detached: a client that changes to a WebSocket waits for that. */
  release(on: boolean): void {
    this.#releasing = on
    if (on) this.#answerWith(NOOP)
  }

  #releaseSoon(): void {
    this.#releaseTimer = this.#context.clock.setTimeout(() => this.#answerWith(NOOP), RELEASE_MS)
  }

  #answerWith(frame: Buffer): void {
    const parked = this.#parked
    if (parked === undefined) return
    this.#parked = undefined
    this.#context.clock.clearTimeout(this.#releaseTimer)
    answerPayload(parked.request, parked.response, [frame], this.#context.answers)
  }

  /** The session goes on over a WebSocket: answers what was not said yet. */
  detach(): (string | Buffer)[] {
    const packets: (string | Buffer)[] = []
    const text = Buffer.concat(this.#waiting).toString()
    for (const packet of text.split(SEPARATOR_TEXT)) if (packet !== '') packets.push(readPacket(packet))
    this.listener = undefined
    this.#answerWith(NOOP)
    this.#confirm()
    this.#finish()
    return packets
  }

  /** The client has said goodbye by a packet of its own. */
  leave(): void {
    this.#answerWith(NOOP)
    this.#end('transport close')
  }

  close(reason: EngineCloseReason): void {
    if (this.#gone || this.#ending !== undefined) return
    this.listener?.onEnding()
    if (this.#parked !== undefined && this.#waiting.length === 0) {
      this.#tellEnd(CLOSE, reason)
      return
    }
    this.#ending = reason
    this.#endTimer = this.#context.clock.setTimeout(() => this.#end(reason), CLOSE_TIMEOUT_MS)
  }

  #tellEnd(frame: Buffer, reason: EngineCloseReason): void {
    this.#answerWith(frame)
    this.#end(reason)
  }

  terminate(reason: EngineCloseReason): void {
    this.#answerWith(CLOSE)
    this.#end(reason)
  }

  #end(reason: EngineCloseReason): void {
    if (this.#gone) return
    const { listener } = this
    this.#finish()
    // what is still being read of a POST is nobody's; what has been read was taken
    if (this.#post?.isRead === false) this.#post.request.destroy()
    this.#confirm()
    this.#post = undefined
    listener?.onGone(reason)
  }

  #finish(): void {
    this.#gone = true
    this.#waiting = []
    this.#unsentBytes = 0
    this.#context.clock.clearTimeout(this.#releaseTimer)
    this.#context.clock.clearTimeout(this.#endTimer)
  }
}
