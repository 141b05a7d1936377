import type { Position } from '@partyline/protocol'
import { type PartylineError, unwatched } from './error.ts'
import type { EventArgs, EventData, EventName, IsAny } from './events.ts'
import { EventListeners, Listeners } from './listeners.ts'
import type {
  Gap,
  HistoryOptions,
  HistoryPage,
  Presence,
  PresenceChange,
  PresenceOptions,
  PublicationMeta,
  PublishOptions,
  PublishResult,
} from './publication.ts'

/** Hears the publications of a room: their arguments, and behind them what the server says about each. */
export type PublicationListener<Events, Name extends EventName<Events>> =
  IsAny<Events> extends true
    ? // biome-ignore lint/suspicious/noExplicitAny: untyped events bring anything
      (data: any, meta: PublicationMeta) => unknown
    : (...args: [...EventArgs<Events, Name>, PublicationMeta]) => unknown

/** Takes whatever comes. */
// biome-ignore lint/suspicious/noExplicitAny: untyped events bring anything
export type AnyListener = (...args: any[]) => unknown

/**
 * `joining` until the server has answered, and again after a return that could not bring the room back by itself;
 * `failed` when it refused; `left` after `unsubscribe`.
 */
export type SubscriptionState = 'joining' | 'joined' | 'failed' | 'left'

export interface SubscribeOptions {
  /** Where the reader has got to: what came after it is replayed, or a gap is told. */
  since?: Position | undefined
}

/** A room, as this client follows it. Several subscriptions to one room share its place on the server. */
// biome-ignore lint/suspicious/noExplicitAny: untyped unless told
export interface Subscription<Events = any> {
  readonly room: string
  readonly state: SubscriptionState
  /** The last publication that was handed to the listeners, or where the room stood when it was joined. */
  readonly position: Position | undefined
  /** Resolves when the room is joined, and all that was missed since `since` has come. Rejects where it is refused. */
  readonly ready: Promise<void>
  /** Returns what removes the listener again. */
  on<Name extends EventName<Events>>(event: Name, listener: PublicationListener<Events, Name>): () => void
  /** Without a listener all of that event's. */
  off(event: EventName<Events>, listener?: AnyListener): void
  /** Every event of the room; `meta.event` says which. */
  onAny(listener: AnyListener): () => void
  /** Without an event in the options it is a `message`. */
  publish(data: EventData<Events, 'message'>, options?: PublishOptions & { event?: never }): Promise<PublishResult>
  publish<Name extends EventName<Events>>(
    data: EventData<Events, Name>,
    options: PublishOptions & { event: Name },
  ): Promise<PublishResult>
  history(options?: HistoryOptions): Promise<HistoryPage>
  /** Who is here; from then on `onPresence` tells of changes, those during a drop included. */
  presence(options?: PresenceOptions): Promise<Presence>
  onPresence(listener: (change: PresenceChange) => void): () => void
  onGap(listener: (gap: Gap) => void): () => void
  /** The room was refused, at first or after a return. */
  onError(listener: (error: PartylineError) => void): () => void
  unsubscribe(): Promise<void>
}

/** What a subscription needs of its client. */
export interface SubscriptionHost {
  positionOf(room: string): Position | undefined
  leave(subscription: RoomSubscription): Promise<void>
  publish(room: string, data: unknown, options: PublishOptions | undefined): Promise<PublishResult>
  history(room: string, options: HistoryOptions | undefined): Promise<HistoryPage>
  presence(room: string, options: PresenceOptions | undefined): Promise<Presence>
}

/** One handle on a room. */
// biome-ignore lint/suspicious/noExplicitAny: what is typed is the interface
export class RoomSubscription implements Subscription<any> {
  readonly room: string
  state: SubscriptionState = 'joining'
  ready: Promise<void>
  readonly presenceListeners = new Listeners<[PresenceChange]>()
  readonly gapListeners = new Listeners<[Gap]>()
  readonly errorListeners = new Listeners<[PartylineError]>()
  #host: SubscriptionHost
  #events = new EventListeners()
  #anyListeners = new Listeners<unknown[]>()
  #lastPosition: Position | undefined
  #settleReady: { resolve(): void; reject(error: PartylineError): void } | undefined

  constructor(room: string, host: SubscriptionHost) {
    this.room = room
    this.#host = host
    this.ready = this.#freshReady()
  }

  get position(): Position | undefined {
    return this.state === 'left' || this.state === 'failed' ? this.#lastPosition : this.#host.positionOf(this.room)
  }

  on(event: string, listener: AnyListener): () => void {
    return this.#events.add(event, listener)
  }

  off(event: string, listener?: AnyListener): void {
    this.#events.remove(event, listener)
  }

  onAny(listener: AnyListener): () => void {
    return this.#anyListeners.add(listener)
  }

  onPresence(listener: (change: PresenceChange) => void): () => void {
    return this.presenceListeners.add(listener)
  }

  onGap(listener: (gap: Gap) => void): () => void {
    return this.gapListeners.add(listener)
  }

  onError(listener: (error: PartylineError) => void): () => void {
    return this.errorListeners.add(listener)
  }

  publish(data: unknown, options?: PublishOptions): Promise<PublishResult> {
    return this.#host.publish(this.room, data, options)
  }

  history(options?: HistoryOptions): Promise<HistoryPage> {
    return this.#host.history(this.room, options)
  }

  presence(options?: PresenceOptions): Promise<Presence> {
    return this.#host.presence(this.room, options)
  }

  unsubscribe(): Promise<void> {
    return this.state === 'left' || this.state === 'failed' ? Promise.resolve() : unwatched(this.#host.leave(this))
  }

  /** The room is asked for, at first or again. */
  joining(): void {
    this.state = 'joining'
    if (this.#settleReady === undefined) this.ready = this.#freshReady()
  }

  joined(): void {
    this.state = 'joined'
    this.#settleReady?.resolve()
    this.#settleReady = undefined
  }

  left(position: Position | undefined): void {
    this.#lastPosition = position
    this.state = 'left'
    this.#settleReady?.resolve()
    this.#settleReady = undefined
  }

  /** The connection ended for good before the answer; the room is still wanted, should there be another one. */
  interrupted(error: PartylineError): void {
    this.#rejectReady(error)
  }

  failed(error: PartylineError, position: Position | undefined): void {
    this.#lastPosition = position
    this.state = 'failed'
    this.#rejectReady(error)
    this.errorListeners.tell(error)
  }

  deliver(event: string, args: readonly unknown[], meta: PublicationMeta): void {
    const all = [...args, meta]
    this.#events.tell(event, all)
    this.#anyListeners.tell(...all)
  }

  #rejectReady(error: PartylineError): void {
    if (this.#settleReady === undefined) this.ready = this.#freshReady()
    this.#settleReady?.reject(error)
    this.#settleReady = undefined
  }

  #freshReady(): Promise<void> {
    const ready = new Promise<void>((resolve, reject) => {
      this.#settleReady = { resolve, reject }
    })
    // Who does not wait for it hears of a refusal through `onError`, not through an unhandled rejection.
    ready.catch(() => {})
    return ready
  }
}
