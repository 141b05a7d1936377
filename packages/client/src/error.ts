import type { ErrorCode, WireError } from '@partyline/protocol'

/** Why something failed: one of the protocol's codes, or `timeout` or `disconnected`, which only a client can know. */
export class PartylineError extends Error {
  override readonly name = 'PartylineError'
  readonly code: ErrorCode
  /** When trying again makes sense, where the server said so. */
  declare readonly retryAfterMs?: number

  constructor(code: ErrorCode, message: string, retryAfterMs?: number, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    if (retryAfterMs !== undefined) this.retryAfterMs = retryAfterMs
  }
}

/** A refusal as the server has put it. */
export function errorFrom({ code, message, retryAfterMs }: WireError): PartylineError {
  return new PartylineError(code, message, retryAfterMs)
}

/** What kept an attempt from succeeding, in words. */
export function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}

/** What a close code says in the words of the other table; every other one is `disconnected`. */
const errorCodeOfClose: Record<number, ErrorCode> = {
  1009: 'too_large',
  1011: 'internal',
  1012: 'unavailable',
  1013: 'unavailable',
  4401: 'unauthorized',
  4501: 'forbidden',
  4503: 'forbidden',
}

/** Why a connection ended, where nothing but its close says so. */
export function errorOfClose(code: number, reason: string, retryAfterMs: number | undefined): PartylineError {
  const words = reason.replace(/^retry=\d+ ?/, '') || 'without words'
  const error = errorCodeOfClose[code] ?? 'disconnected'
  return new PartylineError(error, `the connection ended: ${words} (${code})`, retryAfterMs)
}

/** Nobody has to look at it: where it fails and nobody does, that is no unhandled rejection, which would end a Node process. */
export function unwatched<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(() => {})
  return promise
}

/** An error of the application's own, or a misuse: it surfaces as an uncaught one, as with the events of a page. */
export function rethrowLater(error: unknown): void {
  queueMicrotask(() => {
    throw error
  })
}
