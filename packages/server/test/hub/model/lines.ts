import type { Position, Room } from '../../../src/broker.ts'

/** What the checker knows of an entry. `key` is its own, told apart from all others. */
export interface Told {
  readonly key: string
  readonly rooms: readonly Room[]
  readonly except: readonly Room[]
  readonly log: string
  readonly epoch: string
  readonly seq: number
}

/** What happened, in the order in which it did: all that the checker is told. */
export type Line =
  /** A log has handed the entry to this node. */
  | { readonly kind: 'delivered'; readonly entry: Told }
  /** Handed to whoever can take it at once: no log orders it, nobody keeps it. */
  | { readonly kind: 'thrown'; readonly key: string; readonly rooms: readonly Room[]; readonly except: readonly Room[] }
  /** The publisher was answered. */
  | { readonly kind: 'acked'; readonly key: string; readonly seq: number }
  | { readonly kind: 'connected'; readonly reader: string }
  | { readonly kind: 'dropped'; readonly reader: string }
  /** With `since` the reader is also owed what the room published after that position. */
  | { readonly kind: 'joined'; readonly reader: string; readonly room: Room; readonly since?: Position }
  | { readonly kind: 'left'; readonly reader: string; readonly room: Room }
  /** The server has said something to this reader alone. `ahead`: said before what was missed. */
  | {
      readonly kind: 'said'
      readonly reader: string
      readonly id: string
      readonly volatile?: boolean
      readonly ahead?: boolean
    }
  | { readonly kind: 'heard'; readonly reader: string; readonly id: string; readonly recovered?: boolean }
  | { readonly kind: 'received'; readonly reader: string; readonly room: Room; readonly key: string }
  /** `position` is as the room's log counts. */
  | { readonly kind: 'gap'; readonly reader: string; readonly room: Room; readonly position: Position }

/** What a kind of reader may see besides the rule. */
export interface Allowances {
  /** A publication to several rooms may come again, after a return or a `since`, through another room (strict clients). */
  readonly again: boolean
}
