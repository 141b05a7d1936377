import type { Mode, RequestError } from '@partyline/protocol'
import type { Sender } from '../../broker.ts'
import type { Clock } from '../../clock.ts'
import type { Authentication } from '../../guard/authentication.ts'
import type { ClientRates, Rates } from '../../guard/client-rates.ts'
import type { Handshake } from '../../handshake.ts'
import type { Outbox } from '../../hub/outbox.ts'
import type { SessionHolder } from '../../sessions.ts'
import type { ClientPort, NamespacePort, SocketPort } from '../client.ts'
import type { ClientRooms, ClientRoomsContext } from '../client-rooms.ts'
import type { Requests } from '../requests.ts'

/** What all plain clients of a server share. */
export interface PlainContext extends ClientRoomsContext {
  readonly requests: Requests
  readonly authentication: Authentication
  /** Undefined where nothing is limited. */
  readonly rates: Rates | undefined
  readonly clock: Clock
  readonly heartbeatMs: number
  readonly maxPayloadBytes: number
  readonly connectTimeoutMs: number
  /** Whether what is said to one client can be recovered: its own room is kept. */
  keepsOwnRooms(namespace: NamespacePort): boolean
  /** Our own fault: logs it, and answers the id of the log line. */
  report(error: unknown, where: string): string
  onGone(client: ClientPort): void
}

/** A plain client, as those need it who do what it asks for. */
export interface PlainPeer extends ClientPort, SessionHolder {
  readonly context: PlainContext
  readonly namespace: NamespacePort
  readonly mode: Mode
  readonly handshake: Handshake
  readonly outbox: Outbox
  readonly rooms: ClientRooms
  readonly user: Sender
  /** Until when it is this user, in Unix ms. */
  readonly expiresAt: number | undefined
  /** Undefined until it is in. */
  socket: SocketPort | undefined
  /** What it has left of its rates. */
  readonly rates: ClientRates
  /** A guest wants to be called so. */
  setName(name: string | undefined): void
  /** A token has shown that it is this user, until it expires. */
  setUser(user: Sender, expiresAt: number | undefined): void
  /** Says what can be said, then closes. */
  close(code: number, reason: string): void
  /** What it is told of an error: a refusal as it is, our own fault by the id of its log line. */
  errorOf(error: unknown, where: string): RequestError
}
