import type { Place, Room } from '../broker.ts'
import type { Publication } from './publication.ts'

/** A client's outbox, as those need it who fan out. */
export interface Receiver {
  /** The last entry, by the hub's count, that it has had or must not have. */
  deliveryMark: number
  take(publication: Publication, log: number, kept: boolean): void
  takeVolatile(publication: Publication): void
  /** The client's membership in a room. */
  membershipIn(room: Room): Membership | undefined
}

/** A client in a room. */
export interface Membership {
  readonly room: Room
  readonly outbox: Receiver
  /** The whole place at which it joined: an `except` room may live in another log. */
  joined: Place
  /** Whether the room's log keeps what is published in it. */
  readonly kept: boolean
  /** Where it stands among the room's members. */
  index: number
}
