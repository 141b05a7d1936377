import type { ClientState } from '@partyline/client'

/**
 * What the chat needs of a connection to the server: the few methods it calls of `@partyline/client`.
 * Tests stand in for it with a fake of the same shape.
 */

/** Who somebody is, as the server says it. A guest's id begins with `guest:`. */
export interface Sender {
  readonly id: string
  readonly name: string
}

/** Where the connection stands. */
export type LineState = ClientState

/** A position in a room's log. */
export interface Position {
  readonly epoch: string
  readonly seq: number
}

/** What comes with a publication. `seq` is missing on volatile ones. */
export interface PublicationMeta {
  readonly room: string
  readonly seq?: number | null | undefined
  readonly from: Sender | null
  readonly at: number
  readonly event: string
}

/** A publication as a history page holds it. */
export interface Publication extends PublicationMeta {
  readonly args: readonly unknown[]
}

/** One page of history, newest last. */
export interface HistoryPage {
  readonly publications: readonly Publication[]
  readonly epoch: string
  readonly more: boolean
}

/** Who was here when it was asked. `count` tells the whole where the list is a part. */
export interface PresenceList {
  readonly users: readonly Sender[]
  readonly count: number
}

/** Who came and who went. */
export interface PresenceChange {
  readonly joined: readonly Sender[]
  readonly left: readonly Sender[]
}

/** One room, read and written over the line. */
export interface LineSubscription {
  /** Resolves when joined, rejects when the room's rule refuses. */
  readonly ready: Promise<unknown>
  /** The listener hears the publication's arguments, however many there are, and the meta data behind them. */
  on(event: string, listener: (...heard: unknown[]) => void): () => void
  /** Hears that the room was refused, at first or after a return. */
  onError(listener: (error: unknown) => void): () => void
  onGap(listener: (position: Position) => void): () => void
  onPresence(listener: (change: PresenceChange) => void): () => void
  publish(
    data: unknown,
    options?: { event?: string; volatile?: boolean; key?: string },
  ): Promise<Position | { readonly epoch?: string; readonly seq?: number }>
  history(options: { before?: number; limit?: number }): Promise<HistoryPage>
  presence(): Promise<PresenceList>
  unsubscribe(): unknown
}

/** The connection to the server. */
export interface Line {
  readonly state: LineState
  readonly user: Sender | null | undefined
  readonly latencyMs: number | null | undefined
  onState(listener: (state: LineState) => void): () => void
  tryNow(): void
  subscribe(room: string): LineSubscription
  close(): unknown
}
