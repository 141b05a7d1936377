import type { Room } from '../broker.ts'
import type { Audience, Membership } from './membership.ts'
import type { Publication } from './publication.ts'

/** Many in a room, as a dense array: no look-up while fanning out, and leaving moves the last one into the hole. */
export class Members implements Audience {
  readonly room: Room
  readonly kept: boolean
  readonly all: Membership[]

  /** The one who was alone so far, and who comes. */
  constructor(first: Membership, second: Membership) {
    this.room = first.room
    this.kept = first.kept
    this.all = [first]
    this.add(second)
  }

  get size(): number {
    return this.all.length
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

  deliver(publication: Publication, log: number): void {
    const { all, kept } = this
    for (let i = 0; i < all.length; i++) (all[i] as Membership).outbox.take(publication, log, kept)
  }
}
