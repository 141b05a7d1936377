import type { IncomingMessage, ServerResponse } from 'node:http'
import { RequestError } from '@partyline/protocol'
import { ClientGone, readBody } from '../body.ts'

/** How the reading of a POST's body ended. */
export type BodyRead =
  | { readonly outcome: 'read'; readonly body: string }
  | { readonly outcome: 'too large' }
  | { readonly outcome: 'gone' }

/** A POST while its body is read, and until it is answered. */
export interface PollingBody {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly isRead: boolean
  /** Reads it, once. Never rejects for what the client does. */
  read(): Promise<BodyRead>
}

export function readPollingBody(request: IncomingMessage, response: ServerResponse, maxBytes: number): PollingBody {
  let isRead = false
  return {
    request,
    response,
    get isRead() {
      return isRead
    },
    async read() {
      try {
        const body = (await readBody(request, maxBytes)).toString()
        isRead = true
        return { outcome: 'read', body }
      } catch (error) {
        if (error instanceof RequestError) return { outcome: 'too large' }
        if (error instanceof ClientGone) return { outcome: 'gone' }
        throw error
      }
    },
  }
}
