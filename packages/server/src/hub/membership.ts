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

/** Who is in a room: one, or many. */
export interface Audience {
  readonly room: Room
  /** Whether the room's log keeps what is published in it. */
  readonly kept: boolean
  readonly size: number
  readonly all: readonly Membership[]
  /** Hands an entry of the log with this index to everybody. */
  deliver(publication: Publication, log: number): void
}

/** A client in a room. Most rooms are a client's own: where it is alone, its membership is all there is of the room. */
export class Membership implements Audience {
  readonly room: Room
  readonly outbox: Receiver
  /** The whole place at which it joined: an `except` room may live in another log. */
  joined: Place
  readonly kept: boolean
  /** Where it stands among the room's members. */
  index = 0

  constructor(room: Room, outbox: Receiver, joined: Place, kept: boolean) {
    this.room = room
    this.outbox = outbox
    this.joined = joined
    this.kept = kept
  }

  get size(): number {
    return 1
  }

  get all(): readonly Membership[] {
    return [this]
  }

  deliver(publication: Publication, log: number): void {
    this.outbox.take(publication, log, this.kept)
  }
}
