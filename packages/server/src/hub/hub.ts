import type { Draft, Entry, Log, Place, Published, Room } from '../broker.ts'
import type { Flush } from '../flush.ts'
import { type Maybe, whenReady } from '../maybe.ts'
import { Logs } from './logs.ts'
import { Members } from './members.ts'
import { type Audience, Membership, type Receiver } from './membership.ts'
import { Outbox, type OutboxContext } from './outbox.ts'
import { Publication, publicationOf } from './publication.ts'
import { Runs } from './runs.ts'
import type { Transport } from './transport.ts'
import type { WireForm } from './wire-form.ts'

export interface HubOptions {
  readonly logs: readonly Log[]
  /** The index of the log in which a room lives. */
  readonly logOf: (room: Room) => number
  /** Whether a room's log keeps what is published in it. */
  readonly keeps: (room: Room) => boolean
  readonly flush: Flush
  readonly maxBufferedBytes: number
  readonly hardMaxBufferedBytes: number
}

/** Is told of somebody who has come into a room, or is no longer in it. */
export type MembershipWatcher = (room: Room, outbox: Outbox, isIn: boolean) => void

/** Who is in which room, and how what the logs deliver reaches their outboxes. */
export class Hub {
  readonly logs: Logs
  readonly #rooms = new Map<Room, Membership | Members>()
  readonly #keeps: (room: Room) => boolean
  readonly #flush: Flush
  readonly #context: OutboxContext
  #mark = 0
  /** Who looks on: nobody, but for tools. */
  #watchers: readonly MembershipWatcher[] = []
  /** Entries handed to the hub, and how many outboxes took or skipped them. */
  readonly stats = { delivered: 0, deliveries: 0 }

  constructor(options: HubOptions) {
    this.#keeps = options.keeps
    this.#flush = options.flush
    this.logs = new Logs(options.logs, options.logOf)
    const { flush, maxBufferedBytes, hardMaxBufferedBytes } = options
    const runs = new Runs()
    flush.onDone = () => runs.clear()
    const placeText = (seqs: readonly number[]): string => this.logs.placeText(seqs)
    this.#context = { flush, runs, logs: this.logs, placeText, maxBufferedBytes, hardMaxBufferedBytes }
  }

  /** Starts the logs. Until then nobody may join or publish. */
  start(): Maybe<void> {
    return this.logs.all.reduce<Maybe<void>>((started, log, index) => {
      const head = log.start((entry) => this.#deliver(index, entry))
      const noted = whenReady(head, (position) => this.logs.started(index, position))
      return whenReady(started, () => noted)
    }, undefined)
  }

  /** The outbox of a new client. */
  outbox(transport: Transport, form: WireForm): Outbox {
    return new Outbox(this.#context, transport, form)
  }

  /** Asks a room's log to bring this node what is published there. To be awaited before {@link join}. */
  follow(room: Room): Maybe<void> {
    return this.#rooms.has(room) ? undefined : this.logs.of(room).follow(room, true)
  }

  /** Lets a client in. `joined` is the place of an earlier joining where it comes back. */
  join(outbox: Outbox, room: Room, joined: Place = this.logs.place()): Membership {
    const known = outbox.membershipIn(room)
    if (known !== undefined) return known
    outbox.closeTail()
    const members = this.#rooms.get(room)
    const membership = new Membership(room, outbox, joined, members?.kept ?? this.#keeps(room))
    if (members instanceof Members) members.add(membership)
    else this.#rooms.set(room, members === undefined ? membership : new Members(members, membership))
    outbox.memberships = outbox.memberships.concat(membership) // of exact size, as most clients join little
    for (const tell of this.#watchers) tell(room, outbox, true)
    return membership
  }

  /** Takes a client out of a room; false where it was not in it. */
  leave(outbox: Outbox, room: Room): boolean {
    const at = outbox.memberships.findIndex((membership) => membership.room === room)
    if (at < 0) return false
    outbox.closeTail()
    this.#remove(outbox.memberships[at] as Membership, outbox)
    outbox.memberships = outbox.memberships.filter((_, index) => index !== at)
    return true
  }

  /** Takes a client out of everything. */
  drop(outbox: Outbox): void {
    for (const membership of outbox.memberships) this.#remove(membership, outbox)
    outbox.memberships = []
    outbox.drop()
  }

  #remove(membership: Membership, outbox: Outbox): void {
    this.#take(membership)
    for (const tell of this.#watchers) tell(membership.room, outbox, false)
  }

  #take(membership: Membership): void {
    const members = this.#rooms.get(membership.room)
    if (members instanceof Members) {
      members.remove(membership)
      if (members.size > 0) return
    }
    this.#rooms.delete(membership.room)
    const done = this.logs.of(membership.room).follow(membership.room, false)
    if (done instanceof Promise) done.catch(() => {}) // a log that cannot unfollow brings too much, which is allowed
  }

  /** Tells of everybody who comes into a room or is no longer in it, until the answer is called. */
  watch(tell: MembershipWatcher): () => void {
    this.#watchers = [...this.#watchers, tell]
    return () => {
      this.#watchers = this.#watchers.filter((each) => each !== tell)
    }
  }

  /** The members of a room; empty where nobody is in it. */
  members(room: Room): readonly Membership[] {
    return this.#rooms.get(room)?.all ?? []
  }

  get roomCount(): number {
    return this.#rooms.size
  }

  /** The rooms that somebody on this node is in. */
  rooms(): IterableIterator<Room> {
    return this.#rooms.keys()
  }

  /** Publishes to rooms, all of one log: else there would be no order between them. */
  publish(draft: Draft): Maybe<Published> {
    const index = this.logs.indexOf(draft.rooms[0] as Room)
    if (draft.rooms.some((room) => this.logs.indexOf(room) !== index)) {
      throw new RangeError('the rooms of one publication must live in one log: publish to them one after the other')
    }
    return (this.logs.all[index] as Log).publish(draft)
  }

  /** Hands to members what no log orders and nobody keeps. */
  publishVolatile(draft: Draft): void {
    const entry: Entry = { ...draft, log: '', epoch: '', seq: 0, kind: 'publication', bytes: 0 }
    const mark = this.#markExcept(entry)
    for (const room of entry.rooms) {
      const publication = new Publication(entry, room)
      publication.heads = this.logs.heads.slice()
      for (const { outbox } of this.members(room)) {
        if (outbox.deliveryMark === mark) continue
        outbox.deliveryMark = mark
        outbox.takeVolatile(publication)
      }
    }
  }

  /**
   * A log hands over an entry. Appends it to outboxes and does nothing else: writes, closes and hooks wait for the
   * flush, so nobody's answer to this entry runs while others have not been handed it.
   */
  #deliver(index: number, entry: Entry): void {
    this.logs.delivered(index, entry)
    this.stats.delivered++
    this.#flush.hold()
    if (entry.rooms.length === 1 && entry.except.length === 0) this.#deliverToOne(index, entry)
    else this.#deliverToMany(index, entry)
    this.#flush.release()
  }

  #deliverToOne(index: number, entry: Entry): void {
    const audience: Audience | undefined = this.#rooms.get(entry.rooms[0] as Room)
    if (audience === undefined) return
    this.stats.deliveries += audience.size
    audience.deliver(this.#publication(entry, audience.room), index)
  }

  /** A reader gets it once, through the first of its rooms that it is in, and not at all from within an except room. */
  #deliverToMany(index: number, entry: Entry): void {
    const mark = this.#markExcept(entry)
    const kept = entry.rooms.some((room) => this.#rooms.get(room)?.kept)
    const mixed = kept && entry.rooms.some((room) => this.#rooms.get(room)?.kept === false)
    for (const room of entry.rooms) {
      const members = this.#rooms.get(room)
      if (members === undefined) continue
      const publication = this.#publication(entry, room)
      for (const { outbox } of members.all) {
        if (outbox.deliveryMark === mark) continue
        outbox.deliveryMark = mark
        this.stats.deliveries++
        outbox.take(publication, index, mixed ? keptFor(outbox, entry) : members.kept)
      }
    }
  }

  /** A mark that those in an except room bear already. */
  #markExcept(entry: Entry): number {
    const mark = ++this.#mark
    for (const room of entry.except) {
      for (const { outbox } of this.members(room)) outbox.deliveryMark = mark
    }
    return mark
  }

  #publication(entry: Entry, via: Room): Publication {
    const publication = publicationOf(entry, via)
    publication.heads = this.logs.heads.slice()
    return publication
  }
}

/** Whether a cursor of this reader brings it the entry, or a gap in every room through which it was to get it. */
function keptFor(outbox: Receiver, entry: Entry): boolean {
  return entry.rooms.every((room) => outbox.membershipIn(room)?.kept !== false)
}
