import { type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse, STATUS_CODES } from 'node:http'
import { errorCodes, type RequestError } from '@partyline/protocol'
import type { Clock } from '../../clock.ts'

/** Answers with JSON that is ready. */
export function answerJson(response: ServerResponse, status: number, text: string, headers: OutgoingHttpHeaders): void {
  const length = Buffer.byteLength(text)
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': length, ...headers }).end(text)
}

/** A refusal as problem details (RFC 9457), with the code that the same refusal has on every transport. */
export function problemOf({ code, message, retryAfterMs }: RequestError): {
  status: number
  text: string
  headers: OutgoingHttpHeaders
} {
  const status = errorCodes[code].httpStatus
  const title = STATUS_CODES[status] ?? ''
  const text = JSON.stringify({ type: 'about:blank', title, status, code, detail: message, retryAfterMs })
  const headers = {
    'Content-Type': 'application/problem+json',
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
    ...(retryAfterMs === undefined ? undefined : { 'Retry-After': Math.max(1, Math.ceil(retryAfterMs / 1_000)) }),
  }
  return { status, text, headers }
}

export function answerProblem(response: ServerResponse, error: RequestError): void {
  const { status, text, headers } = problemOf(error)
  response.writeHead(status, headers).end(text)
}

/** Connections that were told of their end: what is read from them after is no request (RFC 9112 section 9.6). */
const ending = new WeakSet<object>()

/** True where an earlier answer on its connection was the last one: then it is not to be done, nor answered. */
export function comesTooLate({ socket }: IncomingMessage): boolean {
  return ending.has(socket)
}

/**
 * Refuses a body that we do not want to read, and closes. What still comes is thrown away for a while first: closing
 * on unread bytes would reset the connection, and the peer might lose the answer (RFC 9112 section 9.6).
 */
export function answerAndClose(
  request: IncomingMessage,
  response: ServerResponse,
  error: RequestError,
  clock: Clock,
  patienceMs: number,
): void {
  const { status, text, headers } = problemOf(error)
  ending.add(request.socket)
  response.writeHead(status, { ...headers, Connection: 'close' }).write(text)
  const end = (): void => {
    clock.clearTimeout(timer)
    response.end()
  }
  const timer = clock.setTimeout(end, patienceMs)
  response.once('close', end)
  request.once('end', end).resume()
}
