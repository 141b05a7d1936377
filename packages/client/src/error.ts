import type { ErrorCode } from '@partyline/protocol'

/** Why something failed: one of the protocol's codes, or `timeout` or `disconnected`, which only a client can know. */
export class PartylineError extends Error {
  override readonly name = 'PartylineError'
  readonly code: ErrorCode
  /** When trying again makes sense, where the server said so. */
  readonly retryAfterMs?: number

  constructor(code: ErrorCode, message: string, retryAfterMs?: number) {
    super(message)
    this.code = code
    if (retryAfterMs !== undefined) this.retryAfterMs = retryAfterMs
  }
}

/** What kept an attempt from succeeding, in words. */
export function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
