import type { ServerResponse } from 'node:http'
import { closeCodes } from '@partyline/protocol'
import type { Place, Position, Room, Sender } from '../../broker.ts'
import type { Ticket } from '../../guard/admission.ts'
import { Expiry } from '../../guard/expiry.ts'
import type { Beat, Pulse } from '../../heartbeat.ts'
import type { Outbox } from '../../hub/outbox.ts'
import { ClientRooms } from '../../protocols/client-rooms.ts'
import type { Exchange, HttpApiContext } from './context.ts'
import { sseForm } from './forms.ts'
import type { OpenAnswer, OpenAnswers } from './open-answers.ts'
import { overloadedText } from './overloaded.ts'
import { placeText } from './return.ts'
import { SseTransport } from './sse-transport.ts'

/** How soon an `EventSource` comes back when its stream ends. */
const RETRY_MS = 1_000

const HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-cache, no-transform',
  'X-Accel-Buffering': 'no',
}

/** The head of a stream, for whoever asks for nothing else. */
export function answerStreamHead(response: ServerResponse): void {
  response.writeHead(200, HEADERS).end()
}

/** A stream that cannot be opened now. */
export function answerOverloaded(response: ServerResponse, retryAfterMs: number | undefined): void {
  response.writeHead(200, { ...HEADERS, Connection: 'close' }).end(overloadedText(retryAfterMs))
}

/** A reader over server-sent events: in its rooms, present, and without a session. Its place is all it comes back with. */
export class SseStream implements Pulse, OpenAnswer {
  readonly kind = 'sse'
  readonly ticket: Ticket
  beat: Beat | undefined
  readonly user: Sender
  readonly paused = false
  /** It has no session that another connection could take over. */
  readonly opened = 0
  readonly #context: HttpApiContext
  readonly #open: OpenAnswers
  readonly #response: ServerResponse
  readonly #transport: SseTransport
  readonly #outbox: Outbox
  readonly #rooms: ClientRooms
  readonly #expiresAt: number | undefined
  #looks = 0
  #expiry: Expiry | undefined

  constructor(
    context: HttpApiContext,
    open: OpenAnswers,
    { request, response, namespace, user, expiresAt }: Exchange,
    ticket: Ticket,
  ) {
    this.ticket = ticket
    this.#expiresAt = expiresAt
    const { hub, sessions, presence } = context.core
    const { maxRoomsPerClient } = context.options
    this.user = user
    this.#context = context
    this.#open = open
    this.#response = response
    this.#transport = new SseTransport(response, request.socket)
    this.#outbox = hub.outbox(this.#transport, sseForm)
    this.#rooms = new ClientRooms({ hub, sessions, presence, maxRoomsPerClient }, this.#outbox, namespace.rules, this)
  }

  /**
   * Lets it in, all in one turn. `from` is there on a return: then its own place comes first, so that a line which is
   * cut before anything else has come leaves it where it was, and the place of now behind what it missed.
   */
  start(rooms: readonly Room[], place: Place | undefined, from: Map<Room, Position> | undefined): void {
    const { hub, heartbeat } = this.#context.core
    this.#response.writeHead(200, HEADERS)
    this.#response.on('drain', () => this.#outbox.onWritable()).on('close', () => this.#gone())
    this.#transport.onEnd = () => this.#rooms.drop()
    this.#open.add(this)
    heartbeat.add(this)
    const { clock } = this.#context.options
    if (this.#expiresAt !== undefined) this.#expiry = new Expiry(clock, this.#expiresAt, () => this.#expire())
    const joined = place ?? hub.logs.place()
    for (const room of rooms) this.#rooms.enter(room, joined, true)
    const known = from !== undefined && place === undefined ? '' : `id: ${placeText(hub.logs, joined)}\n`
    this.#outbox.say(`retry: ${RETRY_MS}\n${known}\n`)
    if (from === undefined) return
    this.#outbox.read(from, place)
    this.#outbox.say(this.#placeNow())
  }

  /** True of what stands in the outbox so far, so it must be said at once. */
  #placeNow(): string {
    return `id: ${placeText(this.#context.core.hub.logs, this.#context.core.hub.logs.place())}\n\n`
  }

  /** The user's token is over: the stream is, too. */
  #expire(): void {
    this.#outbox.say('event: expiring\ndata: {}\n\n')
    this.#outbox.flush()
    this.#transport.close(closeCodes.expired.code, 'the token has expired')
  }

  finish(): void {
    this.#outbox.flush()
    this.#transport.close(1001, 'the server stops')
  }

  onTakenOver(): void {}

  #gone(): void {
    this.#context.core.heartbeat.remove(this)
    this.#expiry?.cancel()
    this.#rooms.drop()
    this.#open.remove(this)
  }

  // --- what the heartbeat looks at

  /** Nothing ever comes in: the sign of life is that bytes leave, or that none are there to leave. */
  get chunksRead(): number {
    if (this.unsentBytes === 0) this.#looks++
    return this.#looks + this.outgoingMark
  }

  get outgoingMark(): number {
    return this.#transport.outgoingMark
  }

  get unsentBytes(): number {
    return this.#transport.unsentBytes
  }

  /** A comment, which shows a proxy that somebody is there, and the place: a quiet room's reader does not grow old. */
  ping(): void {
    this.#outbox.sayVolatile(`: \n${this.#placeNow()}`)
  }

  onSilent(): void {
    this.#transport.terminate()
  }

  onStuck(): void {
    this.#transport.terminate()
  }
}
