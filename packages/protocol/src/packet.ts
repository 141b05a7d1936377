// What the messages of the plain protocol are once they are understood. On the wire `type` tells them apart, here `kind`
// does, because an application's event may bear any name.

import type { WireError } from './errors.ts'
import type { Position } from './position.ts'
import type { RequestId } from './request-id.ts'

/** Offered by strict clients in `Sec-WebSocket-Protocol`, and echoed. */
export const subprotocol = 'partyline.v1'

/** lenient: any text is a message. strict: JSON only, `connect` first. */
export type Mode = 'lenient' | 'strict'

/** Who somebody is. A guest's id begins with `guest:`. */
export interface Identity {
  id: string
  name: string
}

/** An application's event, either way. `id` asks for an acknowledgement. */
export interface EventPacket {
  kind: 'event'
  event: string
  args: unknown[]
  id: RequestId | undefined
  /** Client to server, strict mode: the handler runs at most once per session and key. */
  key: string | undefined
}

/** The answer to an event or a request with an `id`. Where there is an error there are no arguments. */
export interface AckPacket {
  kind: 'ack'
  id: RequestId
  args: unknown[]
  error: WireError | undefined
}

export interface ConnectPacket {
  kind: 'connect'
  token: string | undefined
  name: string | undefined
  session: string | undefined
  /** Every room in which the client has a position; undefined where the message had no `rooms`. */
  rooms: ReadonlyMap<string, Position> | undefined
}

export interface AuthPacket {
  kind: 'auth'
  token: string | undefined
  name: string | undefined
  id: RequestId | undefined
}

export interface SubscribePacket {
  kind: 'subscribe'
  room: string
  since: Position | undefined
  id: RequestId | undefined
}

export interface UnsubscribePacket {
  kind: 'unsubscribe'
  room: string
  id: RequestId | undefined
}

export interface PublishPacket {
  kind: 'publish'
  room: string
  event: string
  args: unknown[]
  key: string | undefined
  volatile: boolean
  id: RequestId | undefined
}

export interface HistoryPacket {
  kind: 'history'
  room: string
  /** Exclusive; undefined means the newest. */
  before: number | undefined
  /** At least 1; the server caps it. */
  limit: number | undefined
  id: RequestId
}

export interface PresenceRequestPacket {
  kind: 'presence'
  room: string
  limit: number | undefined
  /** The id of the last user of the page before. */
  after: string | undefined
  id: RequestId | undefined
}

/** Bare `ping` (lenient), answered bare `pong`. */
export interface BarePingPacket {
  kind: 'bare-ping'
}

export interface PingPacket {
  kind: 'ping'
}

export interface PongPacket {
  kind: 'pong'
}

/** What a client may send. */
export type ClientPacket =
  | EventPacket
  | AckPacket
  | ConnectPacket
  | AuthPacket
  | SubscribePacket
  | UnsubscribePacket
  | PublishPacket
  | HistoryPacket
  | PresenceRequestPacket
  | BarePingPacket
  | PingPacket
  | PongPacket

/** An application's event to this client alone; with `seq` it stands in the room named by `welcome.id`. */
export interface ServerEventPacket {
  kind: 'event'
  event: string
  args: unknown[]
  id: RequestId | undefined
  seq: number | undefined
}

/** An event addressed to a room. Volatile ones have no `seq`. */
export interface PublicationPacket {
  kind: 'publication'
  room: string
  event: string
  seq: number | undefined
  /** Null for what the server itself says. */
  from: Identity | null
  /** Unix ms. */
  at: number
  args: unknown[]
}

export interface ErrorPacket {
  kind: 'error'
  error: WireError
  request: string | undefined
}

/** What was missed in this room does not come; its reader stands at `{epoch, seq}` now. */
export interface GapPacket {
  kind: 'gap'
  room: string
  epoch: string
  seq: number
}

export interface PresencePacket {
  kind: 'presence'
  room: string
  joined: Identity[]
  left: Identity[]
}

/** The answer to `connect`. */
export interface Welcome {
  id: string
  /** A secret: who has it can come back as this client. */
  session: string
  epoch: string
  rooms: string[]
  recovered: boolean
  user: Identity
  heartbeatMs: number
  maxPayloadBytes: number
  /** Unix ms: when the token ends that the user came with. Where it ends by itself. */
  expiresAt?: number
}

export interface WelcomePacket extends Welcome {
  kind: 'welcome'
}

/** What a strict client may receive. */
export type ServerPacket =
  | ServerEventPacket
  | PublicationPacket
  | AckPacket
  | ErrorPacket
  | GapPacket
  | PresencePacket
  | WelcomePacket
  | PingPacket
  | PongPacket
