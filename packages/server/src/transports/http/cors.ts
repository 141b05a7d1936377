import type { ServerResponse } from 'node:http'

const METHODS = 'GET, HEAD, POST, OPTIONS'
const REQUEST_HEADERS = 'Content-Type, Authorization, Idempotency-Key, Last-Event-ID'
const ANSWER_HEADERS = 'ETag, Retry-After'
/** Two hours: more than that no browser remembers. */
const MAX_AGE_S = '7200'

/** Where every origin is allowed, this alone is between what a peer sent and our head. */
const ORIGIN = /^(?:null|[a-z][a-z0-9+.-]*:\/\/[\w.:[\]-]+)$/i

/** Lets the page of a request that was let in see the answer, whatever it will be. */
export function allowOrigin(response: ServerResponse, origin: string | undefined, credentials: boolean): void {
  // without an Origin too: a cache must not give that answer to a page of another origin
  response.setHeader('Vary', 'Origin')
  if (origin === undefined || !ORIGIN.test(origin)) return
  response.setHeader('Access-Control-Allow-Origin', origin)
  response.setHeader('Access-Control-Expose-Headers', ANSWER_HEADERS)
  if (credentials) response.setHeader('Access-Control-Allow-Credentials', 'true')
}

/** Answers OPTIONS, which is what a browser asks before it sends another site's request. */
export function answerOptions(response: ServerResponse): void {
  if (response.hasHeader('Access-Control-Allow-Origin')) {
    response.setHeader('Access-Control-Allow-Methods', METHODS)
    response.setHeader('Access-Control-Allow-Headers', REQUEST_HEADERS)
    response.setHeader('Access-Control-Max-Age', MAX_AGE_S)
  }
  response.writeHead(204, { Allow: METHODS }).end()
}
