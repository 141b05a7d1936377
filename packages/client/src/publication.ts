import type { Identity, Position } from '@partyline/protocol'

/** What a publication brings besides its arguments; all of it set by the server. */
export interface PublicationMeta {
  room: string
  event: string
  /** Its place in the order of the log; absent where it is volatile, or the room keeps nothing. */
  seq: number | undefined
  /** Who published it; null for what the server itself says. */
  from: Identity | null
  /** When, as Unix time in ms. */
  at: number
}

/** A publication as history has it. */
export interface Publication extends PublicationMeta {
  // biome-ignore lint/suspicious/noExplicitAny: what the publisher sent
  args: any[]
  /** The first of the arguments, and mostly the only one. */
  // biome-ignore lint/suspicious/noExplicitAny: what the publisher sent
  data: any
}

/** Publications of a room, the newest last. */
export interface HistoryPage {
  publications: Publication[]
  epoch: string
  /** Whether there are older ones. */
  more: boolean
}

export interface HistoryOptions {
  /** Only those with a smaller `seq`; absent means the newest. */
  before?: number
  /** How many at most; the server has a limit of its own. */
  limit?: number
}

export interface PublishOptions {
  /** Default `message`. */
  event?: string
  /** May be lost, is not kept: not sent at all while there is no connection. */
  volatile?: boolean
  /** Makes it harmless to publish the same again, after a `timeout` for instance. Random by default. */
  key?: string
  /** The time runs from the call on, also while there is no connection. Default: `ackTimeoutMs` on a connection that lives. */
  timeoutMs?: number
}

/** Where the publication stands; empty for volatile ones. */
export type PublishResult = Position | Record<string, never>

/** Somebody in a room, and since when (Unix time in ms). */
export interface PresentUser extends Identity {
  since: number
}

export interface Presence {
  users: PresentUser[]
  /** How many there are, which may be more than are listed. */
  count: number
}

export interface PresenceOptions {
  limit?: number
  /** The last id of the page before. */
  after?: string
}

export interface PresenceChange {
  joined: Identity[]
  left: Identity[]
}

/** What was missed in this room does not come; the reader stands here now. */
export interface Gap extends Position {
  room: string
}

/** A page of history as the server sends it. */
export function pageOf(data: unknown): HistoryPage {
  const { publications, epoch, more } = data as WirePage
  return { publications: publications.map(publicationOf), epoch, more }
}

interface WirePage extends Omit<HistoryPage, 'publications'> {
  publications: WirePublication[]
}

type WirePublication = Omit<Publication, 'args' | 'data'> & { args?: unknown[]; data?: unknown }

function publicationOf({ room, event, seq, from, at, args, data }: WirePublication): Publication {
  const all = args ?? (data === undefined ? [] : [data])
  return { room, event, seq, from, at, args: all, data: all[0] }
}
