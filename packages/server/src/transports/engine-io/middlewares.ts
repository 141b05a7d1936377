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
    const error = await new Promise<unknown>((resolve) => {
      response.once('finish', () => resolve(undefined))
      try {
        middleware(request, response, resolve)
        if (response.writableEnded) resolve(undefined)
      } catch (thrown) {
        resolve(thrown ?? new Error('a middleware has thrown'))
      }
    })
    if (error) {
      const refusal = { code: EngineError.badRequest, context: { name: 'MIDDLEWARE_FAILURE', error } }
      return { refusal, isAnswered: false }
    }
    if (response.writableEnded) return { refusal: undefined, isAnswered: true }
  }
  return { refusal: undefined, isAnswered: false }
}

/** A response for middlewares of an upgrade: the headers that they set go into its answer. */
export function upgradeResponse(request: IncomingMessage): ServerResponse {
  return new ServerResponse(request)
}

/** The headers that were set on a response. */
export function headersOf(response: ServerResponse): Record<string, string | readonly string[]> {
  const headers: Record<string, string | readonly string[]> = {}
  for (const [name, value] of Object.entries(response.getHeaders())) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value : `${value}`
  }
  return headers
}
