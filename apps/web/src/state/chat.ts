import type { Clock } from './clock.ts'
import { type Connection, changed, newConnection } from './connection.ts'
import { type Keep, readNames } from './keep.ts'
import type { Line, LineState, Sender } from './line.ts'
import { refusalOf } from './refusal.ts'
import { Room } from './room.ts'
import { firstRooms, roomNameOf } from './room-name.ts'
import { Store } from './store.ts'

/** What is shown of the chat beside its rooms. */
export interface ChatState {
  readonly rooms: readonly Room[]
  readonly open: string
  readonly connection: Connection
  readonly latencyMs: number | null
  readonly me: Sender | null
  readonly name: string
  /** Whether the name was chosen, or is the one a newcomer gets. */
  readonly isNameChosen: boolean
  /** Unread messages over all rooms. */
  readonly unread: number
  /** Why the last room could not be joined. */
  readonly joinRefusal: { readonly room: string; readonly words: string } | null
}

/** What the chat is made of. */
export interface ChatParts {
  /** Opens a line to the server. The name is asked for again at every attempt. */
  readonly openLine: (name: () => string) => Line
  /** Asks why the server lets no page from here in: a browser tells a page of no refused WebSocket. Null where it does, or is not there. */
  readonly askRefusal: () => Promise<string | null>
  readonly clock: Clock
  readonly keep: Keep
  readonly newKey: () => string
}

const latencyEveryMs = 2_000
/** How long the reason stands why a room could not be joined, if nothing else is done. */
const refusalMs = 20_000

/** The chat of one page: its line, its rooms, its name. */
export class Chat {
  readonly store: Store<ChatState>
  readonly #parts: ChatParts
  readonly #myIds = new Set<string>()
  #line: Line | null = null
  #offState: (() => void) | null = null
  /** The room that was open before: where one is again when this one refuses. */
  #formerlyOpen: string | null = null

  constructor(parts: ChatParts, wanted: string | null) {
    this.#parts = parts
    const kept = parts.keep.read('name')
    const names = new Set([...(readNames(parts.keep, 'rooms') ?? firstRooms), ...(wanted === null ? [] : [wanted])])
    if (names.size === 0) names.add('lobby')
    const rooms = [...names].map((name) => this.#newRoom(name))
    this.store = new Store<ChatState>({
      rooms,
      open: wanted ?? rooms[0]?.name ?? 'lobby',
      connection: newConnection,
      latencyMs: null,
      me: null,
      name: kept ?? newcomerName(parts.newKey()),
      isNameChosen: kept !== null,
      unread: 0,
      joinRefusal: null,
    })
  }

  /** Opens the line. What is on the page does not wait for it. */
  start(): void {
    this.#openLine()
    this.#measure()
  }

  /** The open room. */
  get room(): Room | undefined {
    const { rooms, open } = this.store.get()
    return rooms.find(({ name }) => name === open)
  }

  /** Opens a room of the list, or joins one that is not in it. */
  openRoom(written: string): void {
    const name = roomNameOf(written)
    if (name === null) {
      this.#tellRefusal(written, 'This cannot be a room’s name.')
      return
    }
    const before = this.room
    if (before && before.name !== name) {
      before.turnAway()
      this.#formerlyOpen = before.name
    }
    const { rooms } = this.store.get()
    if (!rooms.some((room) => room.name === name)) {
      const room = this.#newRoom(name)
      this.#change({ rooms: [...rooms, room] })
      this.#keepRooms()
      if (this.#line) this.#bind(room, this.#line)
    }
    this.#change({ open: name, joinRefusal: null })
  }

  /** The reason why a room could not be joined has been read. */
  dismissRefusal(): void {
    this.#change({ joinRefusal: null })
  }

  /** Leaves a room and takes it from the list. The last one stays. */
  leaveRoom(name: string): void {
    const { rooms, open } = this.store.get()
    const room = rooms.find((each) => each.name === name)
    if (!room || rooms.length === 1) return
    room.leave()
    const left = rooms.filter((each) => each !== room)
    const next = left.find((each) => each.name === this.#formerlyOpen) ?? left[0]
    this.#change({ rooms: left, open: open === name && next ? next.name : open })
    this.#keepRooms()
    this.#count()
  }

  /** Takes another name. The server knows a guest by the name it came with, so the line is opened anew. */
  rename(written: string): void {
    const name = written.trim().slice(0, 64)
    if (name === '' || name === this.store.get().name) return
    this.#parts.keep.write('name', name)
    this.#change({ name, isNameChosen: true })
    if (this.#line) this.#openLine()
  }

  /** Tries the line now, not when its time comes. */
  tryNow(): void {
    if (this.#line?.state.name === 'closed') this.#openLine()
    else this.#line?.tryNow()
  }

  #newRoom(name: string): Room {
    const room = new Room(name, {
      clock: this.#parts.clock,
      isLive: () => this.#line?.state.name === 'live',
      me: () => ({ id: this.store.get().me?.id ?? '', name: this.store.get().name }),
      isMine: (id) => this.#myIds.has(id),
      newKey: this.#parts.newKey,
      onRefused: (error) => this.#refuse(name, error),
    })
    room.store.subscribe(() => this.#count())
    return room
  }

  #openLine(): void {
    const former = this.#line
    this.#offState?.()
    const { rooms } = this.store.get()
    for (const room of rooms) room.unbind()
    void former?.close()
    const line = this.#parts.openLine(() => this.store.get().name)
    this.#line = line
    this.#offState = line.onState((state) => this.#follow(line, state))
    for (const room of rooms) this.#bind(room, line)
    this.#follow(line, line.state)
  }

  #bind(room: Room, line: Line): void {
    void room.bind(line.subscribe(room.name))
  }

  #refuse(name: string, error: unknown): void {
    const { words } = refusalOf(error, this.#parts.clock.nowMs())
    this.leaveRoom(name)
    this.#tellRefusal(name, words)
  }

  #tellRefusal(room: string, words: string): void {
    const joinRefusal = { room, words }
    this.#change({ joinRefusal })
    this.#parts.clock.after(refusalMs, () => {
      if (this.store.get().joinRefusal === joinRefusal) this.dismissRefusal()
    })
  }

  #follow(line: Line, state: LineState): void {
    if (this.#line !== line) return
    const { connection, rooms } = this.store.get()
    const wasLive = connection.state.name === 'live'
    const me = line.user ?? this.store.get().me
    if (line.user) this.#myIds.add(line.user.id)
    this.#change({ connection: changed(connection, state, this.#parts.clock.nowMs()), me })
    if (state.name === 'waiting' && !connection.hasBeenLive) void this.#askRefusal()
    if (state.name === 'live') for (const room of rooms) room.lineIsBack()
    else if (wasLive) for (const room of rooms) room.lineIsGone()
    if (state.name === 'live') for (const room of rooms) room.allCaughtUp()
  }

  async #askRefusal(): Promise<void> {
    const refusal = await this.#parts.askRefusal()
    this.#change({ connection: { ...this.store.get().connection, refusal } })
  }

  #measure(): void {
    const latencyMs = this.#line?.state.name === 'live' ? (this.#line.latencyMs ?? null) : null
    this.#change({ latencyMs: latencyMs === null ? null : Math.round(latencyMs) })
    this.#parts.clock.after(latencyEveryMs, () => this.#measure())
  }

  #count(): void {
    let unread = 0
    for (const room of this.store.get().rooms) unread += room.store.get().reading.unread
    this.#change({ unread })
  }

  #keepRooms(): void {
    this.#parts.keep.write('rooms', JSON.stringify(this.store.get().rooms.map(({ name }) => name)))
  }

  #change(change: Partial<ChatState>): void {
    const state = this.store.get()
    const names = Object.keys(change) as (keyof ChatState)[]
    if (names.some((name) => change[name] !== state[name])) this.store.set({ ...state, ...change })
  }
}

/** A newcomer can write at once, under a name that says what it is. */
function newcomerName(key: string): string {
  let sum = 0
  for (const character of key) sum = (sum * 31 + character.charCodeAt(0)) % 900
  return `Guest ${sum + 100}`
}
