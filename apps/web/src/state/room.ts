import type { Clock } from './clock.ts'
import {
  findGap,
  gapLoading,
  gapOffered,
  gapPaged,
  gapTold,
  messageEvent,
  newestPaged,
  olderBefore,
  olderPaged,
} from './history.ts'
import type { LineSubscription, Position, PublicationMeta, Sender } from './line.ts'
import { listed, moved, nobodyKnown, type People } from './people.ts'
import { allRead, caughtUp, missed, type Reading, seen, settled } from './reading.ts'
import { codeOf, type Refusal, refusalOf } from './refusal.ts'
import { Store } from './store.ts'
import {
  acknowledged,
  compare,
  discarded,
  emptyTimeline,
  lastMessage,
  type Message,
  received,
  refused,
  retried,
  sending,
  type Timeline,
  trimmed,
} from './timeline.ts'
import {
  expired,
  maySayTyping,
  nextExpiryMs,
  nobodyTyping,
  stopped,
  type Typing,
  typed,
  typingEvent,
} from './typing.ts'

/** Everything that is shown of a room. */
export interface RoomState {
  readonly name: string
  readonly isJoined: boolean
  readonly timeline: Timeline
  readonly reading: Reading
  readonly people: People
  readonly typing: Typing
  readonly refusal: Refusal | null
  /** The last message of somebody else that came live, for those who listen: history is not read aloud. */
  readonly spoken: Message | null
}

/** What a room asks of the chat it is in. */
export interface RoomHost {
  readonly clock: Clock
  readonly isLive: () => boolean
  readonly me: () => Sender | null
  readonly isMine: (id: string) => boolean
  readonly newKey: () => string
  /** One may not be in this room (any more). */
  readonly onRefused: (error: unknown) => void
}

const pageSize = 50
/** Under the server's million bytes, with room for escapes and the message around it. */
const maxTextBytes = 400_000
/** Codes that leave open whether the message was taken: the same key goes out again when the line is back. */
const openCodes = new Set(['', 'disconnected', 'closed', 'unavailable', 'timeout'])

/** One room: its state, and what changes it. */
export class Room {
  readonly name: string
  readonly store: Store<RoomState>
  readonly #host: RoomHost
  #subscription: LineSubscription | null = null
  #offs: (() => void)[] = []
  readonly #inFlight = new Set<string>()
  #isLookedAt = false
  /** Whether somebody reads above the end: what stands there must not go. */
  #isReadAbove = false
  #lastSaidTypingMs: number | null = null
  #cancelExpiry: (() => void) | null = null
  /** Where one had read to when the line went, while what was missed is coming. */
  #droppedAt: { readonly last: Message | undefined } | null = null

  constructor(name: string, host: RoomHost) {
    this.name = name
    this.#host = host
    this.store = new Store<RoomState>({
      name,
      isJoined: false,
      timeline: emptyTimeline,
      reading: allRead,
      people: nobodyKnown,
      typing: nobodyTyping,
      refusal: null,
      spoken: null,
    })
  }

  /** Reads and writes over this subscription from now on. A refusal is told to the host. */
  async bind(subscription: LineSubscription): Promise<void> {
    this.unbind()
    this.#subscription = subscription
    this.#offs = [
      subscription.on(messageEvent, (...heard) => this.#receive(heard.slice(0, -1), metaOf(heard))),
      subscription.on(typingEvent, (...heard) => this.#hearTyping(metaOf(heard).from)),
      subscription.onError((error) => this.#host.onRefused(error)),
      subscription.onGap((position) => this.#change({ timeline: gapTold(this.#state.timeline, position) })),
      subscription.onPresence((change) => {
        const typing = change.left.reduce((still, { id }) => stopped(still, id), this.#state.typing)
        this.#change({ people: moved(this.#state.people, change), typing })
      }),
    ]
    const isReady = await subscription.ready.then(
      () => true,
      () => false,
    )
    if (!isReady || this.#subscription !== subscription) return
    this.#change({ isJoined: true })
    this.#flush()
    await Promise.all([this.#loadNewest(subscription), this.#askWhoIsHere(subscription)])
  }

  /** Stops listening, without leaving the room. */
  unbind(): void {
    for (const off of this.#offs) off()
    this.#offs = []
    this.#subscription = null
    this.#inFlight.clear()
  }

  /** Leaves the room. */
  leave(): void {
    const subscription = this.#subscription
    this.unbind()
    this.#cancelExpiry?.()
    void subscription?.unsubscribe()
  }

  /** The line is there: what waited goes out, and who is here is asked again, because the server's watch ended with the line. */
  lineIsBack(): void {
    this.#flush()
    const subscription = this.#subscription
    if (!subscription || !this.#state.isJoined) return
    if (this.#state.timeline.top === 'unknown') void this.#loadNewest(subscription)
    void this.#askWhoIsHere(subscription)
  }

  /** The line went: nobody is heard typing over it, and what comes first after it was missed. */
  lineIsGone(): void {
    this.#droppedAt ??= { last: lastMessage(this.#state.timeline) }
    this.#change({ typing: nobodyTyping })
  }

  /** What was missed has come: from here on publications are live. Where one stands at the end, a line shows from where. */
  allCaughtUp(): void {
    const dropped = this.#droppedAt
    this.#droppedAt = null
    if (!dropped || !this.#isLookedAt || this.#state.reading.newFrom !== null) return
    const fresh = this.#since(dropped.last)
    const first = fresh[0]
    if (first) this.#change({ reading: caughtUp(this.#state.reading, first.key, fresh.length) })
  }

  /** Whether the end of this room is before somebody's eyes, and whether the log stands at its end at all. */
  lookAt(isLookedAt: boolean, isAtEnd = isLookedAt): void {
    this.#isLookedAt = isLookedAt
    this.#isReadAbove = !isAtEnd
    if (isLookedAt) this.#change({ reading: seen(this.#state.reading) })
  }

  /** Another room is opened. */
  turnAway(): void {
    this.#isLookedAt = false
    this.#isReadAbove = false
    this.#change({ reading: settled(this.#state.reading) })
  }

  /** Sends a text: at once where there is a line, else when it is back. False where it is too long. */
  send(text: string): boolean {
    const { clock, me, newKey } = this.#host
    const nowMs = clock.nowMs()
    const bytes = new TextEncoder().encode(text).length
    if (bytes > maxTextBytes) {
      const words = `This message is too long: ${bytes.toLocaleString('en')} of ${maxTextBytes.toLocaleString('en')} bytes.`
      this.#change({ refusal: { words, retryAtMs: null } })
      return false
    }
    const timeline = sending(this.#state.timeline, newKey(), text, me(), nowMs)
    this.#lastSaidTypingMs = null
    this.#change({ timeline, reading: allRead, refusal: null })
    this.#flush()
    return true
  }

  /** Tries a refused message again. */
  retry(key: string): void {
    this.#change({ timeline: retried(this.#state.timeline, key), refusal: null })
    this.#flush()
  }

  /** Takes back a message that was refused. */
  discard(key: string): void {
    this.#change({ timeline: discarded(this.#state.timeline, key), refusal: null })
  }

  /** Tells the others that one types, now and then. */
  sayTyping(): void {
    const nowMs = this.#host.clock.nowMs()
    const subscription = this.#subscription
    if (!subscription || !this.#state.isJoined || !this.#host.isLive()) return
    if (!maySayTyping(this.#lastSaidTypingMs, nowMs)) return
    this.#lastSaidTypingMs = nowMs
    // Nobody misses it: where it is refused, nothing is to be said either.
    subscription.publish(true, { event: typingEvent, volatile: true }).catch(() => {})
  }

  /** Loads the page above what stands here. */
  async loadOlder(): Promise<void> {
    const subscription = this.#subscription
    const { timeline } = this.#state
    const before = olderBefore(timeline)
    if (!subscription || !before || !this.#host.isLive()) return
    this.#change({ timeline: { ...timeline, top: 'loading' } })
    try {
      const page = await subscription.history({ ...before, limit: pageSize })
      this.#change({ timeline: olderPaged(this.#state.timeline, page, this.#host.isMine) })
    } catch {
      // Scrolling on asks again.
      if (this.#state.timeline.top === 'loading') this.#change({ timeline: { ...this.#state.timeline, top: 'more' } })
    }
  }

  /** Loads what is still kept of a gap, its newest page first. */
  async loadGap(key: string): Promise<void> {
    const subscription = this.#subscription
    const gap = findGap(this.#state.timeline, key)
    if (!subscription || gap?.state !== 'offered' || !this.#host.isLive()) return
    this.#change({ timeline: gapLoading(this.#state.timeline, key) })
    try {
      const page = await subscription.history({ before: gap.seq + 1, limit: pageSize })
      this.#change({ timeline: gapPaged(this.#state.timeline, key, page, this.#host.isMine) })
    } catch {
      this.#change({ timeline: gapOffered(this.#state.timeline, key) })
    }
  }

  get #state(): RoomState {
    return this.store.get()
  }

  #change(change: Partial<RoomState>): void {
    const state = this.#state
    const names = Object.keys(change) as (keyof RoomState)[]
    if (names.some((name) => change[name] !== state[name])) this.store.set({ ...state, ...change })
  }

  #receive(args: readonly unknown[], meta: PublicationMeta): void {
    const { isMine } = this.#host
    const state = this.#state
    const mine = meta.from !== null && isMine(meta.from.id)
    const grown = received(state.timeline, args, meta, mine)
    const timeline = this.#isReadAbove ? grown : trimmed(grown)
    const typing = meta.from ? stopped(state.typing, meta.from.id) : state.typing
    const before = lastMessage(state.timeline)
    const last = lastMessage(timeline)
    const isNew = !mine && last !== undefined && (before === undefined || compare(before, last) < 0)
    if (!isNew) {
      this.#change({ timeline, typing })
      return
    }
    const isCatchingUp = this.#droppedAt !== null
    const reading = this.#isLookedAt ? state.reading : missed(state.reading, last.key, 1)
    this.#change({ timeline, typing, reading, spoken: isCatchingUp ? state.spoken : last })
  }

  #hearTyping(from: Sender | null): void {
    if (!from || this.#host.isMine(from.id)) return
    this.#change({ typing: typed(this.#state.typing, from, this.#host.clock.nowMs()) })
    this.#waitForExpiry()
  }

  #waitForExpiry(): void {
    this.#cancelExpiry?.()
    this.#cancelExpiry = null
    const atMs = nextExpiryMs(this.#state.typing)
    if (atMs === null) return
    const { clock } = this.#host
    this.#cancelExpiry = clock.after(Math.max(0, atMs - clock.nowMs()), () => {
      this.#change({ typing: expired(this.#state.typing, clock.nowMs()) })
      this.#waitForExpiry()
    })
  }

  async #loadNewest(subscription: LineSubscription): Promise<void> {
    try {
      const page = await subscription.history({ limit: pageSize })
      if (this.#subscription !== subscription) return
      const { timeline, reading } = this.#state
      const last = lastMessage(timeline)
      const paged = newestPaged(timeline, page, this.#host.isMine)
      this.#change({ timeline: paged })
      // The first page is history. A later one (the line was opened anew) may bring what nobody has seen.
      const fresh = timeline.top === 'unknown' ? [] : this.#since(last)
      const first = fresh[0]
      if (first && !this.#isLookedAt) this.#change({ reading: missed(reading, first.key, fresh.length) })
    } catch {
      // The next return of the line asks again.
    }
  }

  async #askWhoIsHere(subscription: LineSubscription): Promise<void> {
    try {
      const people = await subscription.presence()
      if (this.#subscription === subscription) this.#change({ people: listed(people) })
    } catch {
      // A room may not tell who is in it; then nothing is shown.
    }
  }

  /** The messages of others behind `last`. */
  #since(last: Message | undefined): readonly Message[] {
    return this.#state.timeline.entries.filter(
      (entry): entry is Message => entry.kind === 'message' && !entry.mine && (!last || compare(last, entry) < 0),
    )
  }

  /** Publishes what waits, in its order. A retry carries the same key: nothing is published twice. */
  #flush(): void {
    const subscription = this.#subscription
    if (!subscription || !this.#state.isJoined || !this.#host.isLive()) return
    for (const { key, text, delivery } of this.#state.timeline.pending) {
      if (delivery === 'sending' && !this.#inFlight.has(key)) void this.#publish(subscription, key, text)
    }
  }

  async #publish(subscription: LineSubscription, key: string, text: string): Promise<void> {
    this.#inFlight.add(key)
    try {
      const position: Partial<Position> = await subscription.publish(text, { event: messageEvent, key })
      this.#change({ timeline: acknowledged(this.#state.timeline, key, position) })
    } catch (error) {
      if (this.#subscription !== subscription) return
      if (openCodes.has(codeOf(error)) && !this.#host.isLive()) return
      const refusal = refusalOf(error, this.#host.clock.nowMs())
      this.#change({ timeline: refused(this.#state.timeline, key, refusal.words), refusal })
    } finally {
      if (this.#subscription === subscription) this.#inFlight.delete(key)
    }
  }
}

/** The meta data stand behind the arguments, of which a publisher may give any number: only the last is the server's. */
function metaOf(heard: readonly unknown[]): PublicationMeta {
  return heard.at(-1) as PublicationMeta
}
