import { RequestError } from '@partyline/protocol'
import { type Place, roomOf } from '../../broker.ts'
import { ClientGone } from '../body.ts'
import type { Exchange, HttpApiContext } from './context.ts'
import { answerPlace, LongPoll } from './long-poll.ts'
import type { OpenAnswers } from './open-answers.ts'
import { roomsOf, textOf, waitMsOf } from './query.ts'
import { placeOf, placeText, positionsFrom, type ReadRoom } from './return.ts'
import { answerOverloaded, answerStreamHead, SseStream } from './sse-stream.ts'

/** GET: what happens in rooms, as a stream of events or as the answer to a poll. */
export async function answerEvents(context: HttpApiContext, open: OpenAnswers, exchange: Exchange): Promise<void> {
  const { request, response } = exchange
  response.setHeader('Vary', 'Accept, Origin')
  if (!wantsStream(request.headers.accept)) return poll(context, open, exchange)
  try {
    await stream(context, open, exchange)
  } catch (error) {
    const passes = error instanceof RequestError && error.retryAfterMs !== undefined
    if (!passes || response.headersSent) throw error
    answerOverloaded(response, error.retryAfterMs)
  }
}

function wantsStream(accept = ''): boolean {
  return accept.split(',').some((range) => range.split(';', 1)[0]?.trim().toLowerCase() === 'text/event-stream')
}

async function stream(context: HttpApiContext, open: OpenAnswers, exchange: Exchange): Promise<void> {
  const { request, response, query } = exchange
  const { logs } = context.core.hub
  const rooms = await readableRooms(context, exchange)
  if (request.method === 'HEAD') return answerStreamHead(response)
  refusePipelined(exchange)
  const text = (request.headers['last-event-id'] as string | undefined) || textOf(query, 'since')
  const place = text === undefined ? undefined : placeOf(logs, text)
  const from = text === undefined ? undefined : await positionsFrom(logs, rooms, place)
  await follow(context, open, exchange, rooms)
  const names = rooms.map(({ room }) => room)
  const ticket = context.admission.stream(exchange.address)
  new SseStream(context, open, exchange, ticket).start(names, place, from)
}

async function poll(context: HttpApiContext, open: OpenAnswers, exchange: Exchange): Promise<void> {
  const { request, response, query } = exchange
  const { logs } = context.core.hub
  const since = textOf(query, 'since')
  const waitMs = waitMsOf(query)
  let place: Place | undefined
  if (since !== undefined) {
    place = placeOf(logs, since)
    if (place === undefined) throw new RequestError('invalid', '"since" must be a place that an answer gave')
  }
  const rooms = await readableRooms(context, exchange)
  if (place === undefined || request.method === 'HEAD') return answerPlace(response, placeText(logs, logs.place()))
  refusePipelined(exchange)
  const from = await positionsFrom(logs, rooms, place)
  await follow(context, open, exchange, rooms)
  const names = rooms.map(({ room }) => room)
  const ticket = context.admission.stream(exchange.address)
  new LongPoll(context, open, response, ticket).start(names, place, from, waitMs)
}

/** The rooms that are asked for, all of which the user may read: who may not read one is refused as a whole. */
async function readableRooms({ core, options }: HttpApiContext, exchange: Exchange): Promise<ReadRoom[]> {
  const { query, namespace, user } = exchange
  const rooms: ReadRoom[] = []
  for (const name of roomsOf(query, options.maxRoomsPerClient)) {
    const rule = await core.requests.allow(namespace, name, 'subscribe', user)
    rooms.push({ room: roomOf(namespace.name, name), rule })
  }
  return rooms
}

/** The logs bring what these rooms publish. When that is done the client must still be there: from then on one turn follows. */
async function follow(
  { core }: HttpApiContext,
  open: OpenAnswers,
  { response }: Exchange,
  rooms: readonly ReadRoom[],
): Promise<void> {
  for (const { room } of rooms) await core.hub.follow(room)
  if (response.destroyed) throw new ClientGone()
  if (open.closing) throw new RequestError('unavailable', 'the server stops', undefined, undefined, 1_000)
}

/**
 * What goes on for a while must be the one answer of its connection: behind an answer that is not through it would
 * take up room without being able to write.
 */
function refusePipelined({ response }: Exchange): void {
  if (response.socket === null && !response.destroyed) {
    throw new RequestError('invalid', 'the request before this one on the same connection is not answered yet')
  }
}
