import { EventEmitter } from 'node:events'
import { nameOf, namespaceOf, type Room, roomOf } from './broker.ts'
import type { Hub } from './hub/hub.ts'
import type { Outbox } from './hub/outbox.ts'

/** A socket of a namespace, and where it is. */
interface Occupant {
  readonly id: string
  readonly rooms: Set<string>
  readonly outbox: Outbox
}

/** A namespace, as its view looks at it. */
export interface ViewedNamespace {
  readonly name: string
  readonly hub: Hub
  readonly sockets: ReadonlyMap<string, Occupant>
  socketsIn(rooms: readonly string[], except: readonly string[]): readonly Occupant[]
  report(error: unknown, where: string): string
}

/**
 * Who is where, as programs read it of Socket.IO's adapter: `io.of("/").adapter.rooms.get("room")?.size`. A view of what
 * is, made where it is looked at: nobody joins by changing it. Events: `create-room` and `delete-room` with the room,
 * `join-room` and `leave-room` with the room and the socket's id.
 */
export class AdapterView extends EventEmitter {
  /** The ids of the sockets in each room. A socket's id is a room, too. */
  readonly rooms: Map<string, Set<string>>
  /** The rooms of each socket. */
  readonly sids: Map<string, Set<string>>
  readonly #namespace: ViewedNamespace
  /** The ids of the sockets that are in, where somebody listens. */
  #ids: WeakMap<Outbox, string> | undefined
  #unwatch: (() => void) | undefined

  constructor(namespace: ViewedNamespace) {
    super()
    this.#namespace = namespace
    this.once('newListener', () => this.#watch())
    const idsIn = (room: string): Set<string> | undefined => {
      const ids = namespace.socketsIn([room], []).map(({ id }) => id)
      return ids.length === 0 ? undefined : new Set(ids)
    }
    this.rooms = new MapView(() => roomsOf(namespace), idsIn)
    this.sids = new MapView(
      () => sidsOf(namespace),
      (id) => namespace.sockets.get(id)?.rooms,
    )
  }

  #watch(): void {
    const { hub, sockets } = this.#namespace
    this.#ids = new WeakMap([...sockets.values()].map(({ outbox, id }) => [outbox, id]))
    this.#unwatch = hub.watch((room, outbox, isIn) => this.#tell(room, this.#ids?.get(outbox), isIn))
  }

  #tell(room: Room, id: string | undefined, isIn: boolean): void {
    const { name, hub } = this.#namespace
    if (id === undefined || namespaceOf(room) !== name || room === roomOf(name, name)) return
    const members = hub.members(room).length
    try {
      if (isIn && members === 1) this.emit('create-room', nameOf(room))
      this.emit(isIn ? 'join-room' : 'leave-room', nameOf(room), id)
      if (members === 0) this.emit('delete-room', nameOf(room))
    } catch (error) {
      this.#namespace.report(error, 'a listener of the adapter') // the rooms go on
    }
  }

  /** @internal A socket is in, and with it in its first rooms. */
  entered({ outbox, id, rooms }: Occupant): void {
    if (this.#ids === undefined) return
    this.#ids.set(outbox, id)
    for (const room of rooms) this.#tell(roomOf(this.#namespace.name, room), id, true)
  }

  /** @internal Nobody will come any more. */
  close(): void {
    this.#unwatch?.()
  }

  /** The ids of the sockets in these rooms, or of all. */
  async sockets(rooms: ReadonlySet<string> = new Set()): Promise<Set<string>> {
    return new Set(this.#namespace.socketsIn([...rooms], []).map(({ id }) => id))
  }

  /** The rooms of a socket. */
  socketRooms(id: string): Set<string> | undefined {
    return this.sids.get(id)
  }

  /** How many servers there are. */
  async serverCount(): Promise<number> {
    return 1
  }
}

type Entry = [name: string, value: Set<string>]

/** The rooms of a namespace, without the one in which all are, and who is in them. */
function* roomsOf({ name, hub, sockets }: ViewedNamespace): Generator<Entry> {
  const everybody = roomOf(name, name)
  const ids = new Map<object, string>([...sockets.values()].map(({ outbox, id }) => [outbox, id]))
  for (const room of hub.rooms()) {
    if (room === everybody || namespaceOf(room) !== name) continue
    const inside = hub.members(room).flatMap(({ outbox }) => ids.get(outbox) ?? [])
    if (inside.length > 0) yield [nameOf(room), new Set(inside)]
  }
}

/** The sockets of a namespace, and the rooms that each is in. */
function* sidsOf({ sockets }: ViewedNamespace): Generator<Entry> {
  for (const { id, rooms } of sockets.values()) yield [id, rooms]
}

/** A map that is worked out anew each time; it cannot be written to. */
class MapView extends Map<string, Set<string>> {
  readonly #all: () => Generator<Entry>
  readonly #valueOf: (name: string) => Set<string> | undefined

  constructor(all: () => Generator<Entry>, value: (name: string) => Set<string> | undefined) {
    super()
    this.#all = all
    this.#valueOf = value
  }

  override get size(): number {
    return [...this.keys()].length
  }

  override get(name: string): Set<string> | undefined {
    return this.#valueOf(name)
  }

  override has(name: string): boolean {
    return this.#valueOf(name) !== undefined
  }

  override *entries(): MapIterator<Entry> {
    yield* this.#all()
  }

  override [Symbol.iterator](): MapIterator<Entry> {
    return this.entries()
  }

  override *keys(): MapIterator<string> {
    for (const [name] of this.entries()) yield name
  }

  override *values(): MapIterator<Set<string>> {
    for (const [, value] of this.entries()) yield value
  }

  override forEach(look: (value: Set<string>, name: string, map: Map<string, Set<string>>) => void): void {
    for (const [name, value] of this.entries()) look(value, name, this)
  }

  override set(): this {
    throw readOnly()
  }

  override delete(): boolean {
    throw readOnly()
  }

  override clear(): void {
    throw readOnly()
  }
}

const readOnly = (): TypeError =>
  new TypeError('rooms and sids are views: a socket joins by socket.join(room) and leaves by socket.leave(room)')
