import type { Place, Room } from '../broker.ts'
import type { Outbox } from './outbox.ts'

/** A client in a room. */
export interface Membership {
  readonly room: Room
  readonly outbox: Outbox
  /** The whole place at which it joined: an `except` room may live in another log. */
  joined: Place
  /** Whether the room's log keeps what is published in it. */
  readonly kept: boolean
  /** Where it stands among the room's members. */
  index: number
}
