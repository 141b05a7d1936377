import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { gzip } from 'node:zlib'

/** What all answers to GETs and POSTs of a server have in common. */
export interface PollingAnswers {
  /** Payloads of so many bytes are compressed for clients that take it; undefined: none. */
  readonly compressFromBytes: number | undefined
  /** Lets the application add headers. */
  onHeaders(headers: Record<string, string | readonly string[]>, request: IncomingMessage): void
}

const TAKES_GZIP = /(?:^|,)\s*(?:gzip|\*)\s*(?:;\s*q=(?:0?\.\d*[1-9]\d*|1(?:\.0*)?))?\s*(?:,|$)/i

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
  if (body.length < compressFromBytes || !TAKES_GZIP.test(`${request.headers['accept-encoding'] ?? ''}`)) {
    answer(request, response, body, 'text/plain; charset=UTF-8', answers)
    return
  }
  gzip(body, (error, compressed) => {
    const headers: Record<string, string> = error === null ? { 'Content-Encoding': 'gzip' } : {}
    answer(request, response, error === null ? compressed : body, 'text/plain; charset=UTF-8', answers, headers)
  })
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
