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

/** Who may come back is not told as gone for so long. */
const GRACE_MS = 15_000

interface Here {
  user: PresentUser
  clients: number
  /** When it is told as gone, in monotonic ms, while its last client's line has dropped. */
  goesAt: number | undefined
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
  /** Those whose last line has dropped, in the order in which they go. */
  readonly #dropped: { readonly room: Room; readonly id: string; readonly goesAt: number }[] = []
  #graceTimer: unknown

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
      here.goesAt = undefined
      if (here.user.name !== name) this.rename(room, { id, name })
      return
    }
    watched.here.set(id, { user: { id, name, since: this.#clock.date() }, clients: 1, goesAt: undefined })
    this.#change(room, watched, id, undefined)
  }

  /** A client of this user is no longer in the room, for good. */
  leave(room: Room, { id }: Sender): void {
    const watched = this.#rooms.get(room)
    const here = watched?.here.get(id)
    if (watched !== undefined && here !== undefined && --here.clients <= 0) this.#remove(room, watched, id, here)
  }

  /** The line of a client of this user has dropped, and may come back: the user is here for a while yet. */
  drop(room: Room, { id }: Sender): void {
    const here = this.#rooms.get(room)?.here.get(id)
    if (here === undefined || --here.clients > 0) return
    here.goesAt = this.#clock.now() + GRACE_MS
    this.#dropped.push({ room, id, goesAt: here.goesAt })
    this.#graceTimer ??= this.#clock.setTimeout(() => this.#endGrace(), GRACE_MS)
  }

  /** Tells as gone who has not come back. */
  #endGrace(): void {
    const now = this.#clock.now()
    const due = this.#dropped.findIndex(({ goesAt }) => goesAt > now)
    for (const { room, id, goesAt } of this.#dropped.splice(0, due < 0 ? this.#dropped.length : due)) {
      const watched = this.#rooms.get(room)
      const here = watched?.here.get(id)
      if (watched !== undefined && here?.goesAt === goesAt) this.#remove(room, watched, id, here)
    }
    const next = this.#dropped[0]
    this.#graceTimer = next && this.#clock.setTimeout(() => this.#endGrace(), next.goesAt - now)
  }

  #remove(room: Room, watched: Watched, id: string, { user }: Here): void {
    watched.here.delete(id)
    this.#change(room, watched, id, user)
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
    this.#clock.clearTimeout(this.#graceTimer)
    this.#timer = undefined
    this.#graceTimer = undefined
    this.#dropped.length = 0
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
