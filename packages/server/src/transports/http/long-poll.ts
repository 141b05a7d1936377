import type { ServerResponse } from 'node:http'
import { RequestError, retryAfterFrom } from '@partyline/protocol'
import type { Place, Position, Room } from '../../broker.ts'
import type { Ticket } from '../../guard/admission.ts'
import { pageLimit } from '../../hub/cursor.ts'
import type { Outbox } from '../../hub/outbox.ts'
import type { Transport } from '../../hub/transport.ts'
import { answerJson, answerProblem } from './answer.ts'
import type { HttpApiContext } from './context.ts'
import { PollLine, pollForm } from './forms.ts'
import type { OpenAnswer, OpenAnswers } from './open-answers.ts'
import { placeText } from './return.ts'

const NO_STORE = { 'Cache-Control': 'no-store' }

/** The answer to a poll that brings no place: the one to start from. */
export function answerPlace(response: ServerResponse, place: string): void {
  answerJson(response, 200, `{"publications":[],"place":${JSON.stringify(place)}}`, NO_STORE)
}

/**
 * A parked poll: a reader whose transport takes what was missed or, where there was nothing, what one turn brings, and
 * answers with it. Behind the cursor stands a mark: once it is written the poll has caught up, and the mark's place
 * is past every gap that was told.
 */
export class LongPoll implements Transport, OpenAnswer {
  readonly kind = 'longPoll'
  readonly ticket: Ticket
  readonly unsentBytes = 0
  readonly #context: HttpApiContext
  readonly #open: OpenAnswers
  readonly #response: ServerResponse
  readonly #outbox: Outbox
  readonly #publications: string[] = []
  readonly #gaps: string[] = []
  #place = ''
  #bytes = 0
  #caughtUp = false
  #done = false
  #waitMs = 0
  #timer: unknown

  constructor(context: HttpApiContext, open: OpenAnswers, response: ServerResponse, ticket: Ticket) {
    this.ticket = ticket
    this.#context = context
    this.#open = open
    this.#response = response
    this.#outbox = context.core.hub.outbox(this, pollForm)
  }

  /** Reads on from a place, all rooms in one turn. Nobody is present by polling. */
  start(rooms: readonly Room[], place: Place, from: Map<Room, Position>, waitMs: number): void {
    const { core, options } = this.#context
    const { hub } = core
    this.#open.add(this)
    this.#response.on('close', () => this.#leave())
    this.#place = placeText(hub.logs, place)
    this.#waitMs = waitMs
    for (const room of rooms) hub.join(this.#outbox, room, place)
    this.#outbox.read(from, place)
    this.#outbox.say(`${PollLine.caughtUp}${placeText(hub.logs, hub.logs.place())}`)
    if (waitMs > 0) this.#timer = options.clock.setTimeout(() => this.#answer(), waitMs)
  }

  /** Once it is full, the rest is for the next poll. */
  get writable(): boolean {
    return !this.#done && !this.#isFull
  }

  get #isFull(): boolean {
    return this.#publications.length >= pageLimit.entries || this.#bytes >= pageLimit.bytes
  }

  write(frames: readonly Buffer[]): void {
    for (const line of Buffer.concat(frames).toString().split('\n')) this.#take(line.charAt(0), line.slice(1))
    const something = this.#publications.length > 0 || this.#gaps.length > 0
    if (this.#isFull || (this.#caughtUp && (something || this.#waitMs === 0))) this.#answer()
  }

  #take(kind: string, text: string): void {
    if (kind === PollLine.publication) this.#publications.push(text)
    else if (kind === PollLine.gap) this.#gaps.push(text)
    else this.#takePlace(kind, text)
    this.#bytes += text.length
  }

  #takePlace(kind: string, text: string): void {
    if (kind === PollLine.caughtUp) this.#caughtUp = true
    if (kind === PollLine.caughtUp || kind === PollLine.place) this.#place = text
  }

  #answer(): void {
    if (!this.#leave()) return
    const [publications, gaps] = [this.#publications.join(','), this.#gaps.join(',')]
    const text = `{"publications":[${publications}],"place":${JSON.stringify(this.#place)},"recovered":${gaps === ''},"gaps":[${gaps}]}`
    answerJson(this.#response, 200, text, NO_STORE)
  }

  /** Lets go of everything, once; false where that has happened. */
  #leave(): boolean {
    if (this.#done) return false
    this.#done = true
    this.#context.options.clock.clearTimeout(this.#timer)
    this.#context.core.hub.drop(this.#outbox)
    this.#open.remove(this)
    return true
  }

  finish(): void {
    this.#response.setHeader('Connection', 'close')
    this.#answer()
  }

  pause(): void {}
  resume(): void {}

  /** The log could not be read, or too much came at once: the client has its place still. */
  close(_code: number, reason: string): void {
    if (!this.#leave()) return
    const retryAfterMs = retryAfterFrom(reason) ?? 1_000
    const words = 'this cannot be read now'
    answerProblem(this.#response, new RequestError('unavailable', words, undefined, undefined, retryAfterMs))
  }

  terminate(): void {
    this.#leave()
    this.#response.destroy()
  }
}
