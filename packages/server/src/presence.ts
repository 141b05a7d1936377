import type { Room, Sender } from './broker.ts'
import type { Clock } from './clock.ts'

/** Somebody in a room. One user may be there with several clients. */
export interface PresentUser extends Sender {
  /** Unix ms. */
  readonly since: number
}

/** Told who has come and who has gone; one's own coming and going is left out by {@link Presence.watch}. */
export type PresenceListener = (joined: readonly Sender[], left: readonly Sender[]) => void

/** Changes are gathered for so long: a reload is told as nothing, a crowd as one message. */
const GATHER_MS = 200

interface Here {
  user: PresentUser
  clients: number
}

interface Watched {
  readonly here: Map<string, Here>
  readonly watchers: Map<object, { readonly userId: string; readonly tell: PresenceListener }>
  /** Who was here, by id, when the watchers were last told; only while something has changed. */
  readonly changed: Map<string, Sender | undefined>
}

/** Who is in a room, by user. */
export class Presence {
  readonly #clock: Clock
  readonly #rooms = new Map<Room, Watched>()
  readonly #unsettled = new Set<Room>()
  #timer: unknown

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get roomCount(): number {
    return this.#rooms.size
  }

  /** A client of this user is in the room. */
  join(room: Room, { id, name }: Sender): void {
    const watched = this.#of(room)
    const here = watched.here.get(id)
    if (here !== undefined) {
      here.clients++
      return
    }
    watched.here.set(id, { user: { id, name, since: this.#clock.date() }, clients: 1 })
    this.#change(room, watched, id, undefined)
  }

  /** A client of this user is no longer in the room. */
  leave(room: Room, { id }: Sender): void {
    const watched = this.#rooms.get(room)
    const here = watched?.here.get(id)
    if (watched === undefined || here === undefined || --here.clients > 0) return
    watched.here.delete(id)
    this.#change(room, watched, id, here.user)
    this.#tidy(room, watched)
  }

  /** A user who is in the room has another name from now on: told as a joining under the same id. */
  rename(room: Room, { id, name }: Sender): void {
    const watched = this.#rooms.get(room)
    const here = watched?.here.get(id)
    if (watched === undefined || here === undefined) return
    this.#change(room, watched, id, here.user)
    here.user = { ...here.user, name }
  }

  /** A page of those who are here, in the order of their coming; `after` is the last user's id of the page before. */
  users(room: Room, limit: number, after?: string): { users: PresentUser[]; count: number } {
    const here = this.#rooms.get(room)?.here
    if (here === undefined) return { users: [], count: 0 }
    const users: PresentUser[] = []
    let skipping = after !== undefined && here.has(after)
    for (const { user } of here.values()) {
      if (users.length >= limit) break
      if (!skipping) users.push(user)
      else if (user.id === after) skipping = false
    }
    return { users, count: here.size }
  }

  /** Tells a client from now on who comes and goes, but not of itself. Once per room and watcher. */
  watch(room: Room, watcher: object, userId: string, tell: PresenceListener): void {
    const watched = this.#of(room)
    tellWatchers(watched) // what went before is in the list that this one gets
    watched.watchers.set(watcher, { userId, tell })
  }

  unwatch(room: Room, watcher: object): void {
    const watched = this.#rooms.get(room)
    if (watched?.watchers.delete(watcher)) this.#tidy(room, watched)
  }

  close(): void {
    this.#clock.clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #of(room: Room): Watched {
    const known = this.#rooms.get(room)
    if (known !== undefined) return known
    const made: Watched = { here: new Map(), watchers: new Map(), changed: new Map() }
    this.#rooms.set(room, made)
    return made
  }

  #tidy(room: Room, { here, watchers }: Watched): void {
    if (here.size === 0 && watchers.size === 0) this.#rooms.delete(room)
  }

  #change(room: Room, watched: Watched, id: string, before: Sender | undefined): void {
    if (watched.watchers.size === 0) return
    if (!watched.changed.has(id)) watched.changed.set(id, before)
    this.#unsettled.add(room)
    this.#timer ??= this.#clock.setTimeout(() => this.#settle(), GATHER_MS)
  }

  #settle(): void {
    this.#timer = undefined
    for (const room of this.#unsettled) {
      const watched = this.#rooms.get(room)
      if (watched !== undefined) tellWatchers(watched)
    }
    this.#unsettled.clear()
  }
}

function tellWatchers({ here, changed, watchers }: Watched): void {
  const joined: Sender[] = []
  const left: Sender[] = []
  for (const [id, before] of changed) {
    const now = here.get(id)?.user
    if (now !== undefined && before?.name !== now.name) joined.push(now)
    if (before !== undefined && now === undefined) left.push(before)
  }
  changed.clear()
  if (joined.length + left.length === 0) return
  for (const { userId, tell } of watchers.values()) {
    const others = joined.filter(({ id }) => id !== userId)
    const gone = left.filter(({ id }) => id !== userId)
    if (others.length + gone.length > 0) tell(others, gone)
  }
}
