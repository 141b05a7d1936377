import type { Room } from '../broker.ts'
import type { Membership } from './membership.ts'
import type { Publication } from './publication.ts'

/** Who is in a room, as a dense array: no look-up while fanning out, and leaving moves the last one into the hole. */
export class Members {
  readonly room: Room
  /** The index of the room's log. */
  readonly log: number
  readonly kept: boolean
  readonly all: Membership[] = []

  constructor(room: Room, log: number, kept: boolean) {
    this.room = room
    this.log = log
    this.kept = kept
  }

  add(membership: Membership): void {
    membership.index = this.all.length
    this.all.push(membership)
  }

  remove(membership: Membership): void {
    const last = this.all.pop() as Membership
    if (last === membership) return
    this.all[membership.index] = last
    last.index = membership.index
  }

  /** Hands an entry to everybody. */
  deliver(publication: Publication): void {
    const { all, log, kept } = this
    for (let i = 0; i < all.length; i++) (all[i] as Membership).outbox.take(publication, log, kept)
  }
}
