import type { Identity, Position } from '@partyline/protocol'
import type { PartylineError } from './error.ts'
import type { Gap, Presence, PresenceChange, PublicationMeta } from './publication.ts'
import type { Call } from './requests.ts'
import type { RoomSubscription } from './subscription.ts'

/** A room that is wanted: its subscriptions, the request for it, and who was last seen in it. */
export class Room {
  readonly name: string
  readonly subscriptions = new Set<RoomSubscription>()
  /** The `since` of the request under way. */
  since: Position | undefined
  /** The request under way. */
  call: Call | undefined
  /** The wait before the next request, where the last one was put off. */
  retryTimer: unknown
  isJoined = false
  #users: Map<string, Identity> | undefined

  constructor(name: string, since: Position | undefined) {
    this.name = name
    this.since = since
  }

  /** Somebody asked who is here, so changes are told, after a return too. */
  get isWatched(): boolean {
    return this.#users !== undefined
  }

  joining(): void {
    this.isJoined = false
    for (const subscription of this.subscriptions) subscription.joining()
  }

  joined(): void {
    this.isJoined = true
    this.since = undefined
    this.call = undefined
    for (const subscription of this.subscriptions) subscription.joined()
  }

  interrupted(error: PartylineError): void {
    for (const subscription of this.subscriptions) subscription.interrupted(error)
  }

  failed(error: PartylineError, position: Position | undefined): void {
    for (const subscription of this.subscriptions) subscription.failed(error, position)
  }

  deliver(event: string, args: readonly unknown[], meta: PublicationMeta): void {
    for (const subscription of this.subscriptions) subscription.deliver(event, args, meta)
  }

  gap(gap: Gap): void {
    for (const subscription of this.subscriptions) subscription.gapListeners.tell(gap)
  }

  /** Joins and leaves, as the server tells them. */
  presenceChanged(change: PresenceChange): void {
    for (const { id } of change.left) this.#users?.delete(id)
    for (const user of change.joined) this.#users?.set(user.id, user)
    for (const subscription of this.subscriptions) subscription.presenceListeners.tell(change)
  }

  /** Somebody got a list of who is here. */
  presenceListed(presence: Presence): void {
    this.#users ??= new Map()
    for (const user of presence.users) this.#users.set(user.id, user)
  }

  /** The list after a return: what happened meanwhile is told as if it happened now. Where it is but a page, nothing can be said. */
  presenceRenewed({ users, count }: Presence): void {
    if (users.length < count) return
    const known = this.#users ?? new Map<string, Identity>()
    const present = new Set(users.map(({ id }) => id))
    const joined = users.filter(({ id }) => !known.has(id)).map(({ id, name }) => ({ id, name }))
    const left = [...known.values()].filter(({ id }) => !present.has(id))
    if (joined.length > 0 || left.length > 0) this.presenceChanged({ joined, left })
  }
}
