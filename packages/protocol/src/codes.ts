// The two tables of rule 7: a request is refused with a code of the first, a connection ends with a code of the second.

/** Why a request was refused; `httpStatus` is what the same refusal is over HTTP. `timeout` and `disconnected` are also what a client tells itself. */
export const errorCodes = {
  invalid: { httpStatus: 400, meaning: 'malformed, or a name that is reserved or not allowed' },
  unauthorized: { httpStatus: 401, meaning: 'not authenticated' },
  forbidden: { httpStatus: 403, meaning: 'a rule does not allow it' },
  not_found: { httpStatus: 404, meaning: 'nothing there' },
  unknown_event: { httpStatus: 404, meaning: 'nobody listens to this event' },
  unknown_room: { httpStatus: 404, meaning: 'no rule allows such a room' },
  method_not_allowed: { httpStatus: 405, meaning: 'the HTTP method does not fit the path' },
  timeout: { httpStatus: 408, meaning: 'it took too long' },
  key_reused: { httpStatus: 409, meaning: 'the same key with another event or other data' },
  too_large: { httpStatus: 413, meaning: 'larger than the limit' },
  unsupported_media_type: { httpStatus: 415, meaning: 'a content type that is not understood here' },
  upgrade_required: { httpStatus: 426, meaning: 'only a WebSocket makes sense here' },
  rate_limited: { httpStatus: 429, meaning: 'too often; retryAfterMs tells when to try again' },
  too_many: { httpStatus: 429, meaning: 'a limit on how many there may be at once' },
  internal: { httpStatus: 500, meaning: 'the server failed' },
  outcome_unknown: { httpStatus: 500, meaning: 'the server crashed before the answer: it may have been done, or not' },
  unavailable: { httpStatus: 503, meaning: 'not possible now, the outcome is unknown: retry with the same key' },
  disconnected: { httpStatus: 503, meaning: 'the connection ended before the answer' },
} as const satisfies Record<string, { httpStatus: number; meaning: string }>

export type ErrorCode = keyof typeof errorCodes

/** True for a code of the table, whatever a peer sent. */
export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(errorCodes, code)
}

/** Why a connection ended (RFC 6455 §7.4, and our own range 4000–4999). */
export const closeCodes = {
  normal: { code: 1000, meaning: 'done: a goodbye' },
  going_away: { code: 1001, meaning: 'the server stops, or the page is left' },
  protocol_error: { code: 1002, meaning: 'framing broken, or a message out of turn' },
  unsupported_data: { code: 1003, meaning: 'binary or text where the other is demanded' },
  no_status: { code: 1005, meaning: 'closed without a code; never sent' },
  abnormal: { code: 1006, meaning: 'the line broke; never sent' },
  invalid_payload: { code: 1007, meaning: 'not UTF-8, a broken deflate stream, or not JSON in strict mode' },
  policy: { code: 1008, meaning: 'flood, or no connect in time' },
  too_big: { code: 1009, meaning: 'a message larger than the limit' },
  internal: { code: 1011, meaning: 'the server failed' },
  restart: { code: 1012, meaning: 'the server restarts' },
  try_later: { code: 1013, meaning: 'the server is overloaded, or the reader too slow' },
  expired: { code: 4401, meaning: 'the token has expired: come back with a fresh one' },
  taken_over: { code: 4500, meaning: 'a later connection has the session' },
  revoked: { code: 4501, meaning: 'the right to be here was withdrawn' },
  forbidden: { code: 4503, meaning: 'not allowed here' },
} as const satisfies Record<string, { code: number; meaning: string }>

export type CloseName = keyof typeof closeCodes

/** What a client does about a closed connection: come back with back-off, or not until a person says so. */
export type CloseAction = 'return' | 'stay_away'

/**
 * The one table from close codes to what a client does. 4500 `taken_over` is obeyed only on the client's current
 * connection. Codes that nobody sends (1005, 1006, 1014, 1015) mean that the line broke, so they lead back.
 */
export function closeAction(code: number): CloseAction {
  if (code >= 4000) return code < 4500 ? 'return' : 'stay_away'
  if (code >= 3000) return 'stay_away'
  switch (code) {
    case 1000:
    case 1002:
    case 1003:
    case 1007:
    case 1008:
    case 1009:
    case 1010:
      return 'stay_away'
    default:
      return 'return'
  }
}

/** RFC 6455 §5.5: a control frame carries 125 bytes, two of which are the code. */
const maxReasonBytes = 123

/** The delay in ms that a close reason asks for (`retry=3000 restarting`), where it does. */
export function retryAfterFrom(reason: string): number | undefined {
  const match = /^retry=(\d{1,9})(?: |$)/.exec(reason)
  return match ? Number(match[1]) : undefined
}

/** A close reason of at most 123 bytes: the delay, where there is one, before the words. */
export function closeReason(words: string, retryAfterMs?: number): string {
  const whole =
    retryAfterMs === undefined
      ? words
      : `retry=${Math.max(0, Math.min(999_999_999, Math.round(retryAfterMs)))} ${words}`
  let bytes = 0
  let end = 0
  for (const character of whole) {
    const point = character.codePointAt(0) ?? 0
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4
    if (bytes > maxReasonBytes) break
    end += character.length
  }
  return whole.slice(0, end).trimEnd()
}
