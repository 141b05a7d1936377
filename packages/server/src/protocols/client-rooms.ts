import { RequestError } from '@partyline/protocol'
import { nameOf, type Place, type Room, type Sender } from '../broker.ts'
import { isGuest } from '../guest.ts'
import type { Hub } from '../hub/hub.ts'
import type { Outbox } from '../hub/outbox.ts'
import { type Maybe, whenReady } from '../maybe.ts'
import type { Presence, PresenceListener } from '../presence.ts'
import type { Rules } from '../rules.ts'
import type { Session, SessionHolder, Sessions } from '../sessions.ts'

/** What the rooms of all clients share. */
export interface ClientRoomsContext {
  readonly hub: Hub
  readonly sessions: Sessions
  readonly presence: Presence
  readonly maxRoomsPerClient: number
}

/** Its own and its namespace's, in which every client is: the limit is for the others. */
export const ownRooms = 2

/** The rooms of one client: in the hub, in its session, and before others. */
export class ClientRooms {
  readonly #context: ClientRoomsContext
  readonly #outbox: Outbox
  readonly #rules: Rules
  readonly #holder: SessionHolder & { readonly user: Sender }
  #watched: Map<Room, PresenceListener> | undefined
  /** `ended`: nobody will come back. `gone`: the line has dropped. */
  #stage: 'coming' | 'in' | 'gone' | 'ended' = 'coming'
  /** Rooms that a middleware has let it into before it was in at all. */
  #early: Set<Room> | undefined
  #underWay: Map<Room, Promise<void>> | undefined
  /** Where it can come back. */
  session: Session | undefined

  constructor(
    context: ClientRoomsContext,
    outbox: Outbox,
    rules: Rules,
    holder: SessionHolder & { readonly user: Sender },
  ) {
    this.#context = context
    this.#outbox = outbox
    this.#rules = rules
    this.#holder = holder
  }

  /** The rooms into which middlewares have let it so far. */
  get early(): readonly Room[] {
    return [...(this.#early ?? [])]
  }

  /** From now on joins are done at once. Answers the rooms into which middlewares have let it. */
  open(): readonly Room[] {
    const { early } = this
    this.#early = undefined
    this.#stage = 'in'
    return early
  }

  /**
   * Lets the client in, and does `then` in the same turn, so that no publication comes between joining and its
   * acknowledgement. The session is written first: what is acknowledged survives. `asked`: by the client itself.
   */
  join(room: Room, asked: boolean, then?: () => void): Maybe<void> {
    if (this.#stage === 'coming') {
      this.#early ??= new Set()
      this.#early.add(room)
      return
    }
    if (this.#underWay === undefined) return this.#track(room, this.#join(room, asked, then))
    return this.#inTurn(room, () => this.#join(room, asked, then))
  }

  /** What is done to one room is done one after the other: a leave that is being written does not undo the join behind it. */
  #inTurn(room: Room, work: () => Maybe<void>): Maybe<void> {
    const before = this.#underWay?.get(room)
    return this.#track(room, before === undefined ? work() : before.then(work, work))
  }

  /** What takes its time is under way until it is done. */
  #track(room: Room, done: Maybe<void>): Maybe<void> {
    if (!(done instanceof Promise)) return
    this.#underWay ??= new Map()
    this.#underWay.set(room, done)
    const forget = (): void => {
      if (this.#underWay?.get(room) === done) this.#underWay.delete(room)
    }
    done.then(forget, forget)
    return done
  }

  #join(room: Room, asked: boolean, then: (() => void) | undefined): Maybe<void> {
    const { hub, maxRoomsPerClient } = this.#context
    if (!this.#outbox.alive) return // its session may be somebody else's by now
    if (this.#outbox.membershipIn(room) !== undefined) return then?.()
    if (this.#outbox.memberships.length - ownRooms >= maxRoomsPerClient) {
      throw new RequestError('too_many', `a client may be in ${maxRoomsPerClient} rooms`)
    }
    const followed = hub.follow(room)
    if (followed instanceof Promise) return followed.then(() => this.#joinFollowed(room, asked, then))
    return this.#joinFollowed(room, asked, then)
  }

  #joinFollowed(room: Room, asked: boolean, then: (() => void) | undefined): Maybe<void> {
    const written = this.#write(room, asked)
    if (written instanceof Promise) return written.then(() => this.#joinWritten(room, asked, then))
    return this.#joinWritten(room, asked, then)
  }

  #joinWritten(room: Room, asked: boolean, then: (() => void) | undefined): void {
    if (!this.#outbox.alive) {
      this.#abandon(room)
      return
    }
    this.enter(room, this.#context.hub.logs.place(), asked)
    then?.()
  }

  /** Lets the client in with the place at which it joined first; whoever comes back has written its session already. */
  enter(room: Room, joined: Place, asked: boolean): void {
    const { hub, presence } = this.#context
    hub.join(this.#outbox, room, joined)
    this.session?.rooms.set(room, { joined, asked })
    if (this.#hasPresence(room)) presence.join(room, this.#holder.user)
  }

  #hasPresence(room: Room): boolean {
    return this.#rules.hasPresence && this.#rules.of(nameOf(room)).presence !== false
  }

  #write(room: Room, asked: boolean): Maybe<void> {
    if (this.session === undefined) return
    this.session.rooms.set(room, { joined: this.#context.hub.logs.place(), asked })
    return this.#save()
  }

  #save(): Maybe<void> {
    const { sessions } = this.#context
    return this.session && sessions.holds(this.session, this.#holder) ? sessions.save(this.session) : undefined
  }

  /** The client went before it was told that it is in: then it is not. */
  #abandon(room: Room): void {
    if (this.session === undefined || this.session.opened !== this.#holder.opened) return // another's by now
    this.session.rooms.delete(room)
  }

  /** Takes the client out, the session first. */
  leave(room: Room): Maybe<void> {
    this.#early?.delete(room)
    return this.#inTurn(room, () => this.#leave(room))
  }

  #leave(room: Room): Maybe<void> {
    if (this.session?.rooms.delete(room)) return whenReady(this.#save(), () => this.#exit(room))
    this.#exit(room)
  }

  #exit(room: Room): void {
    if (this.#context.hub.leave(this.#outbox, room)) this.#tellGone(room)
  }

  /** Tells the client who comes and goes in a room, in which it need not be, until it is gone. */
  watch(room: Room, tell: PresenceListener): void {
    const { presence, maxRoomsPerClient } = this.#context
    this.#watched ??= new Map()
    if (this.#watched.size >= maxRoomsPerClient && !this.#watched.has(room)) {
      throw new RequestError('too_many', `a client may watch ${maxRoomsPerClient} rooms`)
    }
    this.#watched.set(room, tell)
    presence.watch(room, this.#outbox, this.#holder.user.id, tell)
  }

  #unwatch(room: Room): void {
    if (this.#watched?.delete(room)) this.#context.presence.unwatch(room, this.#outbox)
  }

  #tellGone(room: Room): void {
    const { presence } = this.#context
    if (!this.#hasPresence(room)) return
    if (this.#mayReturn) presence.drop(room, this.#holder.user)
    else presence.leave(room, this.#holder.user)
  }

  /** Somebody whose line has dropped, and who can come back as the same: with a session, or as an authenticated user. */
  get #mayReturn(): boolean {
    return this.#stage === 'gone' && (this.session !== undefined || !isGuest(this.#holder.user))
  }

  /** The user is called otherwise from now on, or is no longer the guest it was before. */
  changeUser(before: Sender | undefined): void {
    const { presence } = this.#context
    const { user } = this.#holder
    if (this.session !== undefined) this.session.user = user
    if (before === undefined) return // nobody has seen it
    if (before.id === user.id) {
      for (const { room } of this.#outbox.memberships) presence.rename(room, user)
      return
    }
    for (const [room, tell] of this.#watched ?? []) presence.watch(room, this.#outbox, user.id, tell)
    for (const { room } of this.#outbox.memberships) {
      if (!this.#hasPresence(room)) continue
      presence.leave(room, before)
      presence.join(room, user)
    }
  }

  /** The client is gone: out of everything at once. Its session is not touched. */
  drop(): void {
    if (this.#stage !== 'ended') this.#stage = 'gone'
    for (const room of this.#watched?.keys() ?? []) this.#unwatch(room)
    for (const { room } of this.#outbox.memberships) this.#tellGone(room)
    this.#context.hub.drop(this.#outbox)
  }

  /** The line has dropped: the session waits for the client to come back. */
  suspend(): Maybe<void> {
    return this.session && this.#context.sessions.suspend(this.session, this.#holder)
  }

  /** Nobody will come back: a goodbye, or a disconnect by the server. */
  end(): Maybe<void> {
    this.#stage = 'ended'
    return this.session && this.#context.sessions.end(this.session, this.#holder)
  }
}
