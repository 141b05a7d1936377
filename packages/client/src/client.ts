import type { Identity, Position } from '@partyline/protocol'
import type { Authenticated } from './authentication.ts'
import type { PartylineError } from './error.ts'
import type { EmitArgs, EventArgs, EventListener, EventName, EventResult, TimedEmitArgs } from './events.ts'
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
import type { Transport } from './transports.ts'

/** Who asks with an acknowledgement. */
export interface Emitter<ClientEvents> {
  /** Resolves to the answer. Rejects with a `PartylineError`. */
  emitWithAck<Name extends EventName<ClientEvents>>(
    event: Name,
    ...args: EventArgs<ClientEvents, Name>
  ): Promise<EventResult<ClientEvents, Name>>
}

/** The same for a limited time, which runs from the call on, also while there is no connection. */
export interface TimedEmitter<ClientEvents> extends Emitter<ClientEvents> {
  /** The callback behind the arguments hears an error, or null and the answer. */
  emit<Name extends EventName<ClientEvents>>(event: Name, ...args: TimedEmitArgs<ClientEvents, Name>): void
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
  /** By what messages travel, while this client is live. */
  readonly transport: Transport | undefined

  /**
   * Shows a token while connected: this one, or a fresh one of the option `token`. Resolves to who the server says this is.
   * While there is no connection it waits for the next one. A token that is given here is that of later connections too,
   * unless the option is a function.
   */
  auth(token?: string): Promise<Authenticated>
  /** From `idle` or `closed`; where it waits it tries at once. */
  connect(): void
  /** Says goodbye: the session ends, what is under way is refused with `disconnected`. */
  close(): void
  /** Does not wait any longer. */
  tryNow(): void
  /** Hears every change of the state. Returns what removes the listener again. */
  onState(listener: (state: ClientState) => void): () => void
  /**
   * Refusals that belong to no promise: of an `emit`, of a token that was to be renewed, or of the connection as a whole.
   * Without a listener they are logged.
   */
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
  /**
   * Says an event, at most once; a callback behind the arguments hears the answer. While there is no connection it waits.
   * Where it is refused `onError` hears of it. Bytes alone as the event `message` travel as a binary frame.
   */
  emit<Name extends EventName<ClientEvents>>(event: Name, ...args: EmitArgs<ClientEvents, Name>): void
  timeout(ms: number): TimedEmitter<ClientEvents>

  /** Follows a room, through drops and returns, until `unsubscribe`. With a `since` it begins where an earlier reader stopped. */
  subscribe<Events = ServerEvents>(room: string, options?: SubscribeOptions): Subscription<Events>
  /**
   * Publishes exactly once: a random key makes a retry harmless. Resolves when the server has it (on disk, in a durable
   * room). What a drop has swallowed, or the server has put off (`unavailable`), is said again with the same key while its
   * time lasts; after a `timeout` the outcome is unknown, and publishing again with the same `key` settles it.
   */
  publish(room: string, data: unknown, options?: PublishOptions): Promise<PublishResult>
  history(room: string, options?: HistoryOptions): Promise<HistoryPage>
  presence(room: string, options?: PresenceOptions): Promise<Presence>
  /** How far this client has read in a room. */
  positionOf(room: string): Position | undefined
}
