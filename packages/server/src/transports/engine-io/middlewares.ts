import { type IncomingMessage, ServerResponse } from 'node:http'
import type { EngineMiddleware } from '../../engine-options.ts'
import { EngineError, type EngineRefusal } from './engine-errors.ts'

/** What Express middlewares did to a request before it was looked at. */
export interface Outcome {
  /** Why it goes no further; undefined where it does. */
  readonly refusal: EngineRefusal | undefined
  /** One of them has answered it already. */
  readonly isAnswered: boolean
}

/** Asks one after the other. */
export async function askEngineMiddlewares(
  middlewares: readonly EngineMiddleware[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Outcome> {
  for (const middleware of middlewares) {
    const error = await errorOf(middleware, request, response)
    if (error) {
      const refusal = { code: EngineError.badRequest, context: { name: 'MIDDLEWARE_FAILURE', error } }
      return { refusal, isAnswered: false }
    }
    if (response.writableEnded) return { refusal: undefined, isAnswered: true }
  }
  return { refusal: undefined, isAnswered: false }
}

/** What one of them passes on, throws or rejects with; undefined where the request may go on or is answered. */
function errorOf(middleware: EngineMiddleware, request: IncomingMessage, response: ServerResponse): Promise<unknown> {
  return new Promise((resolve) => {
    const next = (error?: unknown): void => {
      response.off('finish', next)
      resolve(error)
    }
    const fail = (thrown: unknown): void => next(thrown ?? new Error('a middleware has thrown'))
    response.once('finish', next)
    try {
      Promise.resolve(middleware(request, response, next) as unknown).catch(fail)
      if (response.writableEnded) next()
    } catch (thrown) {
      fail(thrown)
    }
  })
}

/** A response for middlewares of an upgrade: the headers that they set go into its answer. */
export function upgradeResponse(request: IncomingMessage): ServerResponse {
  return new ServerResponse(request)
}

/** The headers that were set on such a response. */
export function headersOf(response: ServerResponse): Record<string, string | readonly string[]> {
  if (!response.headersSent) response.writeHead(101) // `express-session` and its like set their cookie when the head is written
  const headers: Record<string, string | readonly string[]> = {}
  for (const [name, value] of Object.entries(response.getHeaders())) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value : `${value}`
  }
  return headers
}
