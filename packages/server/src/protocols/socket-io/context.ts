import type { Clock } from '../../clock.ts'
import type { Authentication } from '../../guard/authentication.ts'
import type { Rates } from '../../guard/client-rates.ts'
import type { Maybe } from '../../maybe.ts'
import type { NamespacePort } from '../client.ts'
import type { ClientRoomsContext } from '../client-rooms.ts'
import type { Requests } from '../requests.ts'
import type { SocketIoForms } from './forms.ts'
import type { Parser } from './packet.ts'
import type { SocketIoConnection } from './socket-io-connection.ts'
import type { Offsets } from './stamped-forms.ts'

/** What all Socket.IO clients of a server share. */
export interface SocketIoContext extends ClientRoomsContext {
  readonly requests: Requests
  readonly authentication: Authentication
  /** Undefined where nothing is limited. */
  readonly rates: Rates | undefined
  readonly clock: Clock
  readonly parser: Parser
  readonly forms: SocketIoForms
  /** Socket.IO's connection state recovery; undefined where it is off. */
  readonly recovery: { readonly offsets: Offsets; readonly skipMiddlewares: boolean } | undefined
  /** Whether what is said to one client can be recovered: its own room is kept. */
  keepsOwnRooms(namespace: NamespacePort): boolean
  /** A connection that is in no namespace by then is closed. */
  readonly connectTimeoutMs: number
  /** Whether clients may ask for rooms: there are rooms whose rule lets them. */
  readonly answersRequests: boolean
  /** The namespace of that name, made where a dynamic one fits; undefined where there is none. */
  namespaceOf(name: string, auth: Readonly<Record<string, unknown>>): Maybe<NamespacePort | undefined>
  /** Our own fault: logs it, and answers the id of the log line. */
  report(error: unknown, where: string): string
  onGone(connection: SocketIoConnection): void
}
