import type { Maybe } from './maybe.ts'

/** A room as the broker and the hub know it: namespace + "\0" + name. */
export type Room = string

/** The broker's name of a room. A namespace never contains "\0", so the first one divides. */
export const roomOf = (namespace: string, name: string): Room => `${namespace}\0${name}`

/** The name of a room as its people know it. */
export const nameOf = (room: Room): string => room.slice(room.indexOf('\0') + 1)

/** The namespace a room belongs to. */
export const namespaceOf = (room: Room): string => room.slice(0, room.indexOf('\0'))

/** Where a reader has got to in one log. `seq` rises but does not count: rooms share a log. */
export interface Position {
  readonly epoch: string
  readonly seq: number
}

/** A position in every log, by the log's index. */
export type Place = readonly Position[]

/** Who said a publication, set by the server. `null` for what the server itself says. */
export interface Sender {
  readonly id: string
  readonly name: string
}

/** What is to be published. */
export interface Draft {
  /** The rooms it is addressed to, all of one namespace and one log; a reader gets it through the first one it is in. */
  readonly rooms: readonly Room[]
  /** Who is in one of these does not get it. */
  readonly except: readonly Room[]
  readonly event: string
  /** The arguments as the JSON text of an array, encoded once. */
  readonly args: string
  /** How many arguments `args` holds. */
  readonly arity: number
  /** Said by `publish`, so that stock Socket.IO clients get `meta`; false for what was emitted. */
  readonly published: boolean
  readonly from: Sender | null
  /** Unix time in milliseconds. */
  readonly at: number
  /** Makes a retry harmless. Scoped by the caller to room and user. */
  readonly key?: string
  /** A hash of event and arguments: the same key with another one is refused with `key_reused`. */
  readonly keyHash?: string
  /** Never compressed on its way to clients. */
  readonly compress?: false
}

/** What was published. */
export interface Entry extends Draft {
  /** The name of its log. */
  readonly log: string
  readonly epoch: string
  readonly seq: number
  /** `edit` and `delete` of an earlier seq are reserved. */
  readonly kind: 'publication' | 'edit' | 'delete'
  /** What it costs to keep. */
  readonly bytes: number
}

/** The answer to a publish. `known` is true when the key was there: the position is then the first one's. */
export interface Published {
  readonly position: Position
  readonly known: boolean
}

/** How much one page of a replay may hold. A page holds at least one entry where there is one. */
export interface ReplayLimit {
  readonly entries: number
  readonly bytes: number
}

/** One page of what was missed. */
export interface Replay {
  /** In the order of `seq`; an entry of several rooms stands here once. */
  readonly entries: readonly Entry[]
  /** Rooms that cannot be replayed in full: none of their entries is here, and they go on from this position. */
  readonly gaps: ReadonlyMap<Room, Position>
  /** Up to which seq all other rooms are complete with this page. */
  readonly upTo: number
}

/** Which part of a room's history is asked for. `before` is exclusive; without it the newest. */
export interface HistoryQuery {
  readonly before?: number
  readonly limit: number
  readonly bytes: number
}

/** One page of history, newest last. */
export interface HistoryPage {
  readonly entries: readonly Entry[]
  readonly epoch: string
  /** True where the room has kept entries older than this page. */
  readonly more: boolean
}

/** What a room keeps: at most so many entries, for so long. `false`: nothing, its publications are live or missed. */
export type Keep = { readonly entries: number; readonly ageMs: number } | false

/**
 * Orders what is published, keeps it, and brings it to every node, this one included.
 * Every log passes `test/suites/log-suite.ts`.
 */
export interface Log {
  readonly name: string
  /**
   * Begins to deliver and answers its head; without it no place can be made. `deliver` is called in seq order, with
   * entries that are as safe as the log promises. It only queues; it never throws.
   */
  start(deliver: (entry: Entry) => void): Maybe<Position>
  /** This node has members in the room, or no longer. MAY be a no-op; MUST NOT bring a node what it does not follow, where that costs. */
  follow(room: Room, on: boolean): Maybe<void>
  /**
   * MUST refuse (not lose) what it cannot keep, by throwing or rejecting with a `RequestError`. The code `unavailable`
   * means: outcome unknown, retry with the same key.
   */
  publish(draft: Draft): Maybe<Published>
  /**
   * What these rooms published after `since`, a page at a time. Room by room complete or a gap; MUST NOT skip silently.
   * Answers and calls of `deliver` come through one FIFO: a page never holds what was not delivered before it.
   */
  replay(since: ReadonlyMap<Room, Position>, limit: ReplayLimit): Maybe<Replay>
  history(room: Room, query: HistoryQuery): Maybe<HistoryPage>
  close(): Maybe<void>
}

/** Small records with a time to live: sessions, keys of events. */
export interface Store {
  get(key: string): Maybe<unknown>
  put(key: string, value: unknown, ttlMs: number): Maybe<void>
  /** Puts the value where there is none yet, in one step; false where there was. */
  claim(key: string, value: unknown, ttlMs: number): Maybe<boolean>
  delete(key: string): Maybe<void>
}
