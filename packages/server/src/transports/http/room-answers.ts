import { createHash } from 'node:crypto'
import { isGuest } from '../../guest.ts'
import { readBody } from '../body.ts'
import { answerJson } from './answer.ts'
import type { Exchange, HttpApiContext } from './context.ts'
import { bodyKindOf, decodeBody, withHeaderKey } from './publication-body.ts'
import { countOf, textOf } from './query.ts'

/** POST: publishes. */
export async function answerPublish(
  { core, options, publishRates }: HttpApiContext,
  exchange: Exchange,
  room: string,
): Promise<void> {
  const { request, response, namespace, user, address } = exchange
  const { headers } = request
  core.requests.ruleOf(namespace, room) // before the body is read: for a room that is not there none is needed
  const kind = bodyKindOf(headers['content-type'], headers['content-encoding'])
  const body = await readBody(request, options.maxPayloadBytes)
  const publication = withHeaderKey(decodeBody(body, kind), request.headersDistinct['idempotency-key'])
  const { position, known } = await core.requests.publish(namespace, user, { room, ...publication }, (rule) =>
    publishRates.publication(rule, isGuest(user) ? address : user.id),
  )
  const status = position === undefined ? 202 : known ? 200 : 201
  answerJson(response, status, JSON.stringify(position ?? {}), { 'Cache-Control': 'no-store' })
}

/** A page of history. Its tag is made of all that is in it, so that an edit makes another one. */
export async function answerHistory({ core }: HttpApiContext, exchange: Exchange, room: string): Promise<void> {
  const { request, response, namespace, user, query } = exchange
  const page = { room, before: countOf(query, 'before', 0), limit: countOf(query, 'limit', 1) }
  const text = await core.requests.history(namespace, user, page)
  const tag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 27)}"`
  const headers = { ETag: tag, 'Cache-Control': 'private, no-cache' }
  if (isKnown(request.headers['if-none-match'], tag)) response.writeHead(304, headers).end()
  else answerJson(response, 200, text, headers)
}

/** `If-None-Match` compares weakly (RFC 9110 section 13.1.2). */
function isKnown(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false
  return header.split(',').some((each) => each.trim() === '*' || each.trim().replace(/^W\//, '') === tag)
}

/** Who is here. */
export async function answerPresence({ core }: HttpApiContext, exchange: Exchange, room: string): Promise<void> {
  const { response, namespace, user, query } = exchange
  const page = await core.requests.users(namespace, user, room, countOf(query, 'limit', 1), textOf(query, 'after'))
  answerJson(response, 200, JSON.stringify(page), { 'Cache-Control': 'no-store' })
}
