import type { AckPacket, ClientPacket } from '@partyline/protocol'
import { encodeMessage, encodeText, isLonger } from './bytes.ts'
import type { Clock } from './clock.ts'
import { errorFrom, PartylineError, unwatched } from './error.ts'

/** Where requests are sent. */
export interface RequestLine {
  /** How long this message may be there. */
  maxBytesOf(message: string | ArrayBuffer): number
  sendMessage(message: string | ArrayBuffer): void
}

/**
 * What a drop means for a request that was sent and not answered:
 * it is said again; only where the session is still the same; or it is let go (volatile).
 */
export type AfterDrop = 'repeat' | 'repeat_in_session' | 'let_go'

export interface RequestOptions {
  afterDrop: AfterDrop
  /** Counted from the call on, whatever the line does. */
  timeoutMs?: number | undefined
  /** For those whose answer comes behind a replay, which takes as long as it takes. */
  isPatient?: boolean
  /** It has a key, so that asking twice is harmless: where it is refused as `unavailable`, it is asked again while its time lasts. */
  isKeyed?: boolean
}

/** A request under way. */
export interface Call {
  /** The arguments of the answer. */
  readonly answer: Promise<unknown[]>
  /** Whether the server may have it. */
  readonly wasSent: boolean
  /** Not wanted any more: the answer never comes, and it is not said again. */
  cancel(): void
}

interface Request {
  /** Undefined for events without acknowledgement: they are done when they are sent. */
  readonly id: number | undefined
  readonly message: string | ArrayBuffer
  readonly options: RequestOptions
  resolve(args: unknown[]): void
  reject(error: PartylineError): void
  isSent: boolean
  wasSent: boolean
  /** When its time is over, by the clock of this client; what it fails with then, and how often it was put off. */
  timer: unknown
  endsAtMs: number
  refusal: PartylineError | undefined
  refusals: number
  /** Runs until it is asked again. */
  againTimer: unknown
}

/** What was asked and is not answered, and what could not be sent yet, in the order in which it was said. */
export class Requests {
  #clock: Clock
  #ackTimeoutMs: number
  #maxQueued: number
  #line: RequestLine | undefined
  #requests = new Map<number, Request>()
  #unsent = 0
  #lastId = 0
  #endedBy: PartylineError | undefined

  constructor(clock: Clock, ackTimeoutMs: number, maxQueued: number) {
    this.#clock = clock
    this.#ackTimeoutMs = ackTimeoutMs
    this.#maxQueued = maxQueued
  }

  /** Whether what is said now is sent now. */
  get isConnected(): boolean {
    return this.#line !== undefined
  }

  /** Asks. Refusals, those of this side included, come as the answer. Throws a `TypeError` for what cannot be said. */
  call(packet: (id: number) => ClientPacket, options: RequestOptions): Call {
    const id = ++this.#lastId
    const message = encodeText(packet(id))
    let request: Request | undefined
    const answer = new Promise<unknown[]>((resolve, reject) => {
      request = { id, message, options, resolve, reject, ...fresh }
      this.#add(id, request)
    })
    return {
      answer: unwatched(answer),
      get wasSent() {
        return request?.wasSent === true
      },
      cancel: () => this.#take(id),
    }
  }

  /** Says something that is not answered. Where it is refused on this side, `onRefused` hears of it. */
  say(packet: ClientPacket, onRefused: (error: PartylineError) => void): void {
    const options: RequestOptions = { afterDrop: 'let_go' }
    const message = encodeMessage(packet)
    this.#add(++this.#lastId, { id: undefined, message, options, resolve: () => {}, reject: onRefused, ...fresh })
  }

  /** A line is there: what is said from now on is sent at once. */
  connect(line: RequestLine): void {
    this.#line = line
  }

  /** Sends what waits, in order. In another session an event that was sent may have been handled already. */
  resume(isSameSession: boolean): void {
    for (const [key, request] of this.#requests) {
      if (request.isSent) continue
      if (request.wasSent && request.options.afterDrop === 'repeat_in_session' && !isSameSession) {
        this.#take(key)
        request.reject(new PartylineError('outcome_unknown', 'the connection was lost before the answer came'))
      } else {
        this.#send(key, request)
      }
    }
  }

  /** The line is gone, and another one will come. */
  pause(): void {
    this.#line = undefined
    for (const [key, request] of this.#requests) {
      if (!request.isSent) continue
      if (request.options.afterDrop === 'let_go') {
        this.#take(key)
        request.resolve([])
        continue
      }
      request.isSent = false
      this.#unsent++
      this.#stopAgain(request)
      if (request.options.timeoutMs === undefined) this.#stopTimer(request)
    }
  }

  /** No line will come: everything is refused, until `reopen`. */
  end(error: PartylineError): void {
    this.#line = undefined
    this.#endedBy = error
    for (const [key, request] of [...this.#requests]) {
      this.#take(key)
      request.reject(error)
    }
  }

  reopen(): void {
    this.#endedBy = undefined
  }

  settle(packet: AckPacket): void {
    if (typeof packet.id !== 'number') return
    if (packet.error === undefined) {
      this.#take(packet.id)?.resolve(packet.args)
      return
    }
    const error = errorFrom(packet.error)
    if (!this.#isPutOff(packet.id, error)) this.#take(packet.id)?.reject(error)
  }

  /** Whether it is asked again later. Where that would be too late the refusal is told at once. */
  #isPutOff(key: number, error: PartylineError): boolean {
    const request = this.#requests.get(key)
    if (error.code !== 'unavailable' || request?.options.isKeyed !== true || !request.isSent) return false
    const delayMs = error.retryAfterMs ?? Math.min(maxAgainMs, firstAgainMs * 2 ** request.refusals)
    if (this.#clock.now() + delayMs >= request.endsAtMs) return false
    request.refusal = error
    request.refusals++
    this.#stopAgain(request)
    request.againTimer = this.#clock.setTimeout(() => {
      request.againTimer = undefined
      this.#line?.sendMessage(request.message)
    }, delayMs)
    return true
  }

  #add(key: number, request: Request): void {
    const { timeoutMs } = request.options
    if (this.#endedBy !== undefined) {
      request.reject(this.#endedBy)
    } else if (this.#line === undefined && this.#unsent >= this.#maxQueued) {
      request.reject(new PartylineError('too_many', `${this.#maxQueued} requests wait for a connection already`))
    } else if (this.#requests.size >= maxUnanswered) {
      request.reject(new PartylineError('too_many', `${maxUnanswered} requests have no answer yet`))
    } else {
      this.#requests.set(key, request)
      this.#unsent++
      if (timeoutMs !== undefined) this.#startTimer(key, request, timeoutMs)
      if (this.#line !== undefined) this.#send(key, request)
    }
  }

  #send(key: number, request: Request): void {
    const line = this.#line
    if (line === undefined) return
    // A server closes on what is too large, and with a code that says not to come back: better not sent at all.
    const maxBytes = line.maxBytesOf(request.message)
    if (isLonger(request.message, maxBytes)) {
      this.#take(key)
      request.reject(new PartylineError('too_large', `larger than the ${maxBytes} bytes the server takes`))
      return
    }
    if (request.id === undefined) {
      this.#take(key)
    } else {
      request.isSent = true
      request.wasSent = true
      request.refusal = undefined
      this.#unsent--
      const { timeoutMs, isPatient } = request.options
      if (timeoutMs === undefined && !isPatient) this.#startTimer(key, request, this.#ackTimeoutMs)
    }
    line.sendMessage(request.message)
  }

  #take(key: number): Request | undefined {
    const request = this.#requests.get(key)
    if (request === undefined) return undefined
    this.#requests.delete(key)
    if (!request.isSent) this.#unsent--
    this.#stopTimer(request)
    this.#stopAgain(request)
    return request
  }

  #startTimer(key: number, request: Request, delayMs: number): void {
    this.#stopTimer(request)
    request.endsAtMs = this.#clock.now() + delayMs
    request.timer = this.#clock.setTimeout(() => {
      this.#take(key)
      request.reject(request.refusal ?? new PartylineError('timeout', `no answer within ${delayMs} ms`))
    }, delayMs)
  }

  #stopTimer(request: Request): void {
    if (request.timer === undefined) return
    this.#clock.clearTimeout(request.timer)
    request.timer = undefined
  }

  #stopAgain(request: Request): void {
    if (request.againTimer === undefined) return
    this.#clock.clearTimeout(request.againTimer)
    request.againTimer = undefined
  }
}

/** On a connection that lives, where nothing waits to be sent. */
const maxUnanswered = 10_000

/** The waits before something that was `unavailable` is asked again, where the server does not say; they double. */
const firstAgainMs = 250
const maxAgainMs = 5_000

const fresh = {
  isSent: false,
  wasSent: false,
  timer: undefined,
  endsAtMs: Number.POSITIVE_INFINITY,
  refusal: undefined,
  refusals: 0,
  againTimer: undefined,
}
