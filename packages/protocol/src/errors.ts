import type { ErrorCode } from './codes.ts'
import type { RequestId } from './request-id.ts'

/** An error as the wire shows it, in an `ack` or an `error`. */
export interface WireError {
  code: ErrorCode
  message: string
  /** With `rate_limited` and `unavailable`: when to try again. */
  retryAfterMs?: number
}

/** A refused request: the answer is an `ack` with this error where the request had an `id`, else an `error`. The connection lives. */
export class RequestError extends Error {
  readonly code: ErrorCode
  /** The `type` of the refused message; absent where the message could not be understood at all. */
  readonly request: string | undefined
  readonly id: RequestId | undefined
  readonly retryAfterMs: number | undefined

  constructor(code: ErrorCode, message: string, request?: string, id?: RequestId, retryAfterMs?: number) {
    super(message)
    this.name = 'RequestError'
    this.code = code
    this.request = request
    this.id = id
    this.retryAfterMs = retryAfterMs
  }

  /** What the wire shows of it. */
  toWire(): WireError {
    const error: WireError = { code: this.code, message: this.message }
    if (this.retryAfterMs !== undefined) error.retryAfterMs = this.retryAfterMs
    return error
  }
}

/** The peer broke the protocol: the connection is closed with this code. */
export class ProtocolViolation extends Error {
  readonly closeCode: number

  constructor(closeCode: number, message: string) {
    super(message)
    this.name = 'ProtocolViolation'
    this.closeCode = closeCode
  }
}
