import type { ServerResponse } from 'node:http'

/** What a request may be refused for, by Engine.IO's numbers. */
export const EngineError = {
  unknownTransport: 0,
  unknownSid: 1,
  badHandshakeMethod: 2,
  badRequest: 3,
  forbidden: 4,
  unsupportedVersion: 5,
} as const

export const engineErrorMessages: Readonly<Record<number, string>> = {
  0: 'Transport unknown',
  1: 'Session ID unknown',
  2: 'Bad handshake method',
  3: 'Bad request',
  4: 'Forbidden',
  5: 'Unsupported protocol version',
}

/** A refusal: told to the client by code and message, to the application with its context too. */
export interface EngineRefusal {
  readonly code: number
  /** In place of the code's own message. */
  readonly message?: string
  readonly context: Readonly<Record<string, unknown>>
  /** Where the code's own status does not say it. */
  readonly status?: number
  readonly retryAfterMs?: number | undefined
}

export function refuse(code: number, context: Readonly<Record<string, unknown>> = {}): EngineRefusal {
  return { code, context }
}

export const messageOf = ({ code, message }: EngineRefusal): string => message ?? engineErrorMessages[code] ?? ''

/** Answers a request of polling with a refusal. */
export function answerRefusal(response: ServerResponse, refusal: EngineRefusal): void {
  if (response.headersSent || response.destroyed) return
  const { code, retryAfterMs } = refusal
  const body = JSON.stringify({ code, message: messageOf(refusal) })
  response
    .writeHead(refusal.status ?? (code === EngineError.forbidden ? 403 : 400), {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body),
      ...(retryAfterMs === undefined ? undefined : { 'Retry-After': Math.max(1, Math.ceil(retryAfterMs / 1_000)) }),
    })
    .end(body)
}
