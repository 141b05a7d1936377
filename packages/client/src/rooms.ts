import type {
  GapPacket,
  Position,
  PresencePacket,
  PublicationPacket,
  ServerEventPacket,
  Welcome,
} from '@partyline/protocol'
import type { Clock } from './clock.ts'
import { PartylineError } from './error.ts'
import type { Gap, Presence, PublicationMeta } from './publication.ts'
import type { Requests } from './requests.ts'
import { Room } from './room.ts'
import { Seen } from './seen.ts'
import type { RoomSubscription } from './subscription.ts'

/** What the rooms need of their client. */
export interface RoomsHost {
  /** An event for everybody who listens, whatever room it came through. */
  tell(event: string, args: readonly unknown[]): void
  onGap(gap: Gap): void
  askPresence(room: string): Promise<Presence>
}

/** A room that is put off (`unavailable`, `rate_limited`) is asked for again so much later, unless the server says when. */
const retryMs = 2_000

/** Which rooms are wanted, how far each was read, and what follows from a return. */
export class Rooms {
  #requests: Requests
  #clock: Clock
  #host: RoomsHost
  #namespace: string
  #rooms = new Map<string, Room>()
  /** Every room that anything with a `seq` came through: also those that the server joined, the own one and the namespace's. */
  #positions = new Map<string, Position>()
  /** Rooms with an `unsubscribe` on its way: what still comes from them is not wanted. */
  #leaving = new Map<string, number>()
  #seen = new Seen()
  #epoch = ''
  #ownRoom = ''
  #isCatchingUp = false
  #caughtUp = 0
  #gaps = new Set<string>()
  #isWelcomeComplete = false

  constructor(requests: Requests, clock: Clock, namespace: string, host: RoomsHost) {
    this.#requests = requests
    this.#clock = clock
    this.#namespace = namespace
    this.#host = host
  }

  positionOf(room: string): Position | undefined {
    return this.#positions.get(room)
  }

  get(room: string): Room | undefined {
    return this.#rooms.get(room)
  }

  /** Adds a subscription; the first one of a room asks for it. */
  add(subscription: RoomSubscription, since: Position | undefined): void {
    const known = this.#rooms.get(subscription.room)
    if (known !== undefined) {
      known.subscriptions.add(subscription)
      if (known.isJoined) subscription.joined()
      return
    }
    const room = new Room(subscription.room, since)
    room.subscriptions.add(subscription)
    this.#rooms.set(room.name, room)
    // Where the server had joined the room already, this reader may still want what is older.
    if (since !== undefined) this.#positions.delete(room.name)
    this.#join(room, since)
  }

  /** Removes a subscription; the last one of a room leaves it. */
  async remove(subscription: RoomSubscription): Promise<void> {
    const room = this.#rooms.get(subscription.room)
    subscription.left(this.#positions.get(subscription.room))
    if (room === undefined || !room.subscriptions.delete(subscription) || room.subscriptions.size > 0) return
    const { name } = room
    const wasAsked = room.call === undefined || room.call.wasSent || this.#positions.has(name)
    this.#forget(room)
    this.#positions.delete(name)
    if (!wasAsked) return
    this.#leaving.set(name, (this.#leaving.get(name) ?? 0) + 1)
    try {
      const packet = (id: number) => ({ kind: 'unsubscribe', room: name, id }) as const
      await this.#requests.call(packet, { afterDrop: 'repeat', isPatient: true }).answer
    } catch (error) {
      // A connection that ended for good has left all rooms.
      if (!(error instanceof PartylineError && error.code === 'disconnected')) throw error
    } finally {
      const others = (this.#leaving.get(name) ?? 1) - 1
      if (others > 0) this.#leaving.set(name, others)
      else this.#leaving.delete(name)
    }
  }

  /** What `connect` says about what this client has seen; undefined where there is nothing to say. */
  listed(): Map<string, Position> | undefined {
    const listed = new Map(this.#positions)
    for (const room of this.#rooms.values()) {
      if (room.call !== undefined && room.since !== undefined) listed.set(room.name, room.since)
    }
    for (const name of this.#leaving.keys()) listed.delete(name)
    return listed.size > 0 ? listed : undefined
  }

  /** The server has said which rooms this client is in. What was missed follows. */
  welcome(welcome: Welcome, listed: ReadonlyMap<string, Position> | undefined): void {
    this.#epoch = welcome.epoch
    this.#ownRoom = welcome.id
    this.#isCatchingUp = true
    this.#isWelcomeComplete = welcome.recovered
    this.#seen.turn()
    const isIn = new Set(welcome.rooms).add(welcome.id).add(this.#namespace)
    for (const room of this.#rooms.values()) this.#restore(room, isIn.has(room.name), listed?.has(room.name) === true)
    for (const name of this.#positions.keys()) {
      if (!isIn.has(name) && !this.#rooms.has(name)) this.#positions.delete(name)
    }
  }

  #restore(room: Room, isIn: boolean, wasListed: boolean): void {
    if (isIn && wasListed) {
      room.call?.cancel()
      this.#clock.clearTimeout(room.retryTimer)
      room.joined()
      if (room.isWatched) void this.#renewPresence(room)
    } else if (room.call === undefined) {
      // It was in the room and is no longer, or has no position there that it could come back to.
      this.#rejoin(room)
    }
    // Else its request is still under way, and is said again.
  }

  /** All that was missed has come. */
  caughtUp(): { recovered: boolean; caughtUp: number; gaps: readonly string[] } {
    const gaps = [...this.#gaps]
    const result = { recovered: this.#isWelcomeComplete && gaps.length === 0, caughtUp: this.#caughtUp, gaps }
    this.#isCatchingUp = false
    this.#caughtUp = 0
    this.#gaps.clear()
    return result
  }

  onPublication(publication: PublicationPacket): void {
    const { room: name, event, args, seq, from, at } = publication
    if (this.#leaving.has(name)) return
    if (seq !== undefined && !this.#advances(name, seq)) return
    const room = this.#rooms.get(name)
    if (seq === undefined || !this.#isRepeated(publication, room)) {
      const meta: PublicationMeta = { room: name, event, seq, from, at }
      this.#host.tell(event, args)
      room?.deliver(event, args, meta)
      if (seq !== undefined) {
        this.#seen.add(publication)
        if (this.#isCatchingUp) this.#caughtUp++
      }
    }
    // Only now: what a listener has not had must come again.
    if (seq !== undefined) this.#positions.set(name, { epoch: this.#epoch, seq })
  }

  /** An event to this client alone that is kept stands in its own room. */
  onOwnEvent({ event, args, seq }: ServerEventPacket): void {
    if (seq === undefined) {
      this.#host.tell(event, args)
    } else if (this.#advances(this.#ownRoom, seq)) {
      this.#host.tell(event, args)
      if (this.#isCatchingUp) this.#caughtUp++
      this.#positions.set(this.#ownRoom, { epoch: this.#epoch, seq })
    }
  }

  onGap({ room: name, epoch, seq }: GapPacket): void {
    if (this.#leaving.has(name)) return
    this.#positions.set(name, { epoch, seq })
    if (this.#isCatchingUp) this.#gaps.add(name)
    const gap: Gap = { room: name, epoch, seq }
    this.#rooms.get(name)?.gap(gap)
    this.#host.onGap(gap)
  }

  onPresence({ room, joined, left }: PresencePacket): void {
    this.#rooms.get(room)?.presenceChanged({ joined, left })
  }

  #advances(room: string, seq: number): boolean {
    const position = this.#positions.get(room)
    return position === undefined || position.epoch !== this.#epoch || seq > position.seq
  }

  /** Said to several rooms, and had through another one. */
  #isRepeated(publication: PublicationPacket, room: Room | undefined): boolean {
    if (room?.since !== undefined) return this.#seen.has(publication, true)
    return this.#isCatchingUp && this.#seen.has(publication, false)
  }

  #join(room: Room, since: Position | undefined): void {
    this.#clock.clearTimeout(room.retryTimer)
    room.joining()
    room.since = since
    const packet = (id: number) => ({ kind: 'subscribe', room: room.name, since, id }) as const
    const call = this.#requests.call(packet, { afterDrop: 'repeat', isPatient: true })
    room.call = call
    call.answer.then(
      ([data]) => this.#onJoined(room, data as Position),
      (error: PartylineError) => this.#onRefused(room, error),
    )
  }

  #rejoin(room: Room): void {
    this.#join(room, this.#positions.get(room.name) ?? room.since)
  }

  #onJoined(room: Room, { epoch, seq }: Position): void {
    if (this.#rooms.get(room.name) !== room) return
    if (this.#positions.get(room.name)?.epoch !== epoch || this.#advances(room.name, seq)) {
      this.#positions.set(room.name, { epoch, seq })
    }
    room.joined()
    if (room.isWatched) void this.#renewPresence(room)
  }

  #onRefused(room: Room, error: PartylineError): void {
    if (this.#rooms.get(room.name) !== room) return
    room.call = undefined
    if (error.code === 'disconnected') {
      room.interrupted(error)
    } else if (error.code === 'unavailable' || error.code === 'rate_limited') {
      room.retryTimer = this.#clock.setTimeout(() => {
        if (this.#requests.isConnected) this.#rejoin(room)
      }, error.retryAfterMs ?? retryMs)
    } else {
      const position = this.#positions.get(room.name)
      this.#forget(room)
      this.#positions.delete(room.name)
      room.failed(error, position)
    }
  }

  #forget(room: Room): void {
    this.#rooms.delete(room.name)
    room.call?.cancel()
    this.#clock.clearTimeout(room.retryTimer)
  }

  async #renewPresence(room: Room): Promise<void> {
    try {
      room.presenceRenewed(await this.#host.askPresence(room.name))
    } catch {
      // The right to see it may have gone; whoever asks again is told.
    }
  }
}
