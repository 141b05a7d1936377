import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { deflate, gzip } from 'node:zlib'
import type { Clock } from '../../clock.ts'

/** What all answers to GETs and POSTs of a server have in common. */
export interface PollingAnswers {
  /** Payloads of so many bytes are compressed for clients that take it; undefined: none. */
  readonly compressFromBytes: number | undefined
  /** Lets the application add headers. */
  onHeaders(headers: Record<string, string | readonly string[]>, request: IncomingMessage): void
}

const compressions = { gzip, deflate }

/** How long the rest of a body that is too large is thrown away, so that the peer sees the answer. */
const LINGER_MS = 5_000

/** A GET's answer: packets with a separator behind each, the last of which is left out. */
export function answerPayload(
  request: IncomingMessage,
  response: ServerResponse,
  packets: readonly Buffer[],
  answers: PollingAnswers,
): void {
  const together = packets.length === 1 ? (packets[0] as Buffer) : Buffer.concat(packets)
  const body = together.subarray(0, together.length - 1)
  const { compressFromBytes = Number.POSITIVE_INFINITY } = answers
  const encoding = body.length < compressFromBytes ? undefined : encodingFor(request.headers['accept-encoding'])
  if (encoding === undefined) {
    answer(request, response, body, 'text/plain; charset=UTF-8', answers)
    return
  }
  compressions[encoding](body, (error, compressed) => {
    const headers: Record<string, string> = error === null ? { 'Content-Encoding': encoding } : {}
    answer(request, response, error === null ? compressed : body, 'text/plain; charset=UTF-8', answers, headers)
  })
}

/** What the client likes best of what we can (RFC 9110 section 12.5.3); of what it likes alike the first in its list. */
export function encodingFor(accepted: string | undefined): 'gzip' | 'deflate' | undefined {
  const weights = new Map<string, number>()
  for (const each of accepted?.toLowerCase().split(',') ?? []) {
    const [name = '', ...parameters] = each.split(';').map((part) => part.trim())
    const weight = parameters.find((parameter) => parameter.startsWith('q='))
    weights.set(name, weight === undefined ? 1 : Number(weight.slice(2)) || 0)
  }
  const weightOf = (name: string): number => weights.get(name) ?? weights.get('*') ?? 0
  const names = [...weights.keys(), 'gzip', 'deflate'].filter((name) => name === 'gzip' || name === 'deflate')
  const best = names.sort((x, y) => weightOf(y) - weightOf(x))[0]
  return best !== undefined && weightOf(best) > 0 ? best : undefined
}

/** A POST's answer, when its packets have been taken. */
export function confirmPost(request: IncomingMessage, response: ServerResponse, answers: PollingAnswers): void {
  answer(request, response, OK, 'text/html', answers)
}

const OK = Buffer.from('ok')

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  body: Buffer,
  type: string,
  answers: PollingAnswers,
  more: Record<string, string> = {},
): void {
  if (response.headersSent || response.destroyed) return
  const headers: Record<string, string | readonly string[]> = {
    'Content-Type': type,
    'Content-Length': `${body.length}`,
    ...more,
  }
  // Internet Explorer takes data for scripts in a page of its own otherwise
  if (/;MSIE|Trident\//.test(request.headers['user-agent'] ?? '')) headers['X-XSS-Protection'] = '0'
  answers.onHeaders(headers, request)
  for (const [name, value] of Object.entries(headers)) {
    // a cookie of the application's stands beside the session's
    if (name.toLowerCase() === 'set-cookie') response.appendHeader(name, value)
    else response.setHeader(name, value)
  }
  response.setHeader('cache-control', 'no-store')
  response.writeHead(200).end(body)
}

/** An answer that says all by its status. */
export function answerEmpty(response: ServerResponse, status: number, headers: OutgoingHttpHeaders = {}): void {
  if (!response.headersSent) response.writeHead(status, { 'Content-Length': 0, ...headers }).end()
}

/**
 * Refuses a POST whose body we do not want, and its connection with it. What still comes of it is thrown away for a while:
 * closing on unread bytes would reset the connection, and the peer might lose the answer (RFC 9112 section 9.6).
 */
export function answerTooLarge(request: IncomingMessage, response: ServerResponse, clock: Clock): void {
  response.writeHead(413, { 'Content-Length': 0, Connection: 'close' }).flushHeaders()
  const end = (): void => {
    clock.clearTimeout(timer)
    response.end()
  }
  const timer = clock.setTimeout(end, LINGER_MS)
  response.once('close', end)
  request.once('end', end).resume()
}
