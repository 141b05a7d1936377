import type { IncomingMessage } from 'node:http'
import type { Client, Subscription } from '@partyline/client'
import type { Server, Socket } from '@partyline/server'

/** What the pieces of programs in README and docs take for granted. */
export interface DocContext {
  readonly io: Server
  readonly socket: Socket
  readonly socketId: string
  readonly request: IncomingMessage
  /** What a browser may be told. */
  readonly bytes: Uint8Array
  readonly x: number
  readonly y: number
  readonly name: string
  readonly text: string
  readonly token: string
  /** Where an application keeps things, and who is in what team. */
  readonly store: { save(document: unknown): void }
  readonly teams: { has(userId: string, room: string): boolean }
  readonly sessions: {
    find(token: string): Promise<{ userId: string; userName: string; expiresAt: number } | undefined>
  }

  readonly client: Client
  readonly lobby: Subscription
  readonly position: { readonly epoch: string; readonly seq: number }
  readonly show: (text: string) => void
  readonly later: (ms: number | undefined) => Promise<void>
}

/** What they import without saying so: names by module. */
export const docImports: Readonly<Record<string, readonly string[]>> = {
  '@partyline/server': ['Server', 'BroadcastError', 'RequestError', 'escapeHtml'],
  '@partyline/client': ['connect', 'PartylineError'],
  'node:http': ['createServer'],
  express: ['default as express'],
  fastify: ['default as fastify'],
}
