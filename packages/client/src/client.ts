import type { Identity, Position } from '@partyline/protocol'
import type { PartylineError } from './error.ts'
import type { EventArgs, EventListener, EventName, EventResult } from './events.ts'
import type {
  Gap,
  HistoryOptions,
  HistoryPage,
  Presence,
  PresenceOptions,
  PublishOptions,
  PublishResult,
} from './publication.ts'
import type { ClientState } from './state.ts'
import type { AnyListener, SubscribeOptions, Subscription } from './subscription.ts'

/** Who asks with an acknowledgement. */
export interface Emitter<ClientEvents> {
  /** Resolves to the answer. Rejects with a `PartylineError`. */
  emitWithAck<Name extends EventName<ClientEvents>>(
    event: Name,
    ...args: EventArgs<ClientEvents, Name>
  ): Promise<EventResult<ClientEvents, Name>>
}

/** One program's connection to one namespace of a server, which it keeps as well as it can. */
// biome-ignore lint/suspicious/noExplicitAny: untyped unless told
export interface Client<ServerEvents = any, ClientEvents = any> extends Emitter<ClientEvents> {
  readonly state: ClientState
  /** This client's own, and the name of the room in which what is said to it alone stands. New with each session. */
  readonly id: string | undefined
  /** Who the server says this is. */
  readonly user: Identity | undefined
  readonly epoch: string | undefined
  /** The last round trip, measured while somebody may be looking. */
  readonly latencyMs: number | undefined

  /** From `idle` or `closed`; where it waits it tries at once. */
  connect(): void
  /** Says goodbye: the session ends, what is under way is refused with `disconnected`. */
  close(): void
  /** Does not wait any longer. */
  tryNow(): void
  /** Hears every change of the state. Returns what removes the listener again. */
  onState(listener: (state: ClientState) => void): () => void
  /** Refusals that belong to no promise: of an `emit`, or of the connection as a whole. Without a listener they are logged. */
  onError(listener: (error: PartylineError) => void): () => void
  /** A gap in any room, those included that the server has joined for this client. */
  onGap(listener: (gap: Gap) => void): () => void

  /**
   * Hears an event, whether it was said to this client, to a room that it is in, or to all, with the arguments it was said
   * with. What the listener returns is the answer where the server waits for one. Returns what removes the listener again.
   */
  on<Name extends EventName<ServerEvents>>(event: Name, listener: EventListener<ServerEvents, Name>): () => void
  once<Name extends EventName<ServerEvents>>(event: Name, listener: EventListener<ServerEvents, Name>): () => void
  /** Without a listener all of that event's. */
  off(event: EventName<ServerEvents>, listener?: AnyListener): void
  /** Says an event: at most once, and unanswered. While there is no connection it waits. Throws `too_many` where too much waits. */
  emit<Name extends EventName<ClientEvents>>(event: Name, ...args: EventArgs<ClientEvents, Name>): void
  /** The time runs from the call on, also while there is no connection. */
  timeout(ms: number): Emitter<ClientEvents>

  /** Follows a room, through drops and returns, until `unsubscribe`. With a `since` it begins where an earlier reader stopped. */
  subscribe<Events = ServerEvents>(room: string, options?: SubscribeOptions): Subscription<Events>
  /**
   * Publishes exactly once: a random key makes a retry harmless. Resolves when the server has it (on disk, in a durable
   * room); after a `timeout` the outcome is unknown, and publishing again with the same `key` settles it.
   */
  publish(room: string, data: unknown, options?: PublishOptions): Promise<PublishResult>
  history(room: string, options?: HistoryOptions): Promise<HistoryPage>
  presence(room: string, options?: PresenceOptions): Promise<Presence>
  /** How far this client has read in a room. */
  positionOf(room: string): Position | undefined
}
