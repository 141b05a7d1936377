import { vi } from 'vitest'
import type { Clock } from '../../src/state/clock.ts'
import type { Keep } from '../../src/state/keep.ts'
import type {
  HistoryPage,
  Line,
  LineState,
  LineSubscription,
  Position,
  PresenceChange,
  PresenceList,
  Sender,
} from '../../src/state/line.ts'
import { meta } from './publications.ts'

/** Time that goes when it is told to. */
export class FakeClock implements Clock {
  #nowMs = 1_000_000
  readonly #timers = new Set<{ atMs: number; then: () => void }>()

  nowMs(): number {
    return this.#nowMs
  }

  after(delayMs: number, then: () => void): () => void {
    const timer = { atMs: this.#nowMs + delayMs, then }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** Lets time pass, and what was waiting for it happen in order. */
  pass(ms: number): void {
    const endMs = this.#nowMs + ms
    for (;;) {
      const due = [...this.#timers].filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0]
      if (!due) break
      this.#timers.delete(due)
      this.#nowMs = due.atMs
      due.then()
    }
    this.#nowMs = endMs
  }
}

/** A keep that is a map. */
export class FakeKeep implements Keep {
  readonly values = new Map<string, string>()

  read(key: string): string | null {
    return this.values.get(key) ?? null
  }

  write(key: string, value: string | null): void {
    if (value === null) this.values.delete(key)
    else this.values.set(key, value)
  }
}

/** A promise with its ends. */
export interface Asked<Value> {
  readonly promise: Promise<Value>
  resolve(value: Value): void
  reject(error: unknown): void
}

function asked<Value>(): Asked<Value> {
  let ends: Omit<Asked<Value>, 'promise'> | undefined
  const promise = new Promise<Value>((resolve, reject) => {
    ends = { resolve, reject }
  })
  promise.catch(() => {})
  if (!ends) throw new Error('a promise runs its executor at once')
  return { promise, ...ends }
}

/** What was published, and the answer that it waits for. */
export interface Published {
  readonly data: unknown
  readonly options: { event?: string; volatile?: boolean; key?: string }
  readonly answer: Asked<Partial<Position>>
}

/** A subscription whose server is the test. */
export class FakeSubscription implements LineSubscription {
  readonly joined = asked<void>()
  readonly published: Published[] = []
  readonly histories: { options: { before?: number; limit?: number }; answer: Asked<HistoryPage> }[] = []
  readonly presences: Asked<PresenceList>[] = []
  hasLeft = false
  readonly #events = new Map<string, Set<(...heard: unknown[]) => void>>()
  readonly #gaps = new Set<(position: Position) => void>()
  readonly #changes = new Set<(change: PresenceChange) => void>()
  readonly #errors = new Set<(error: unknown) => void>()

  get ready(): Promise<void> {
    return this.joined.promise
  }

  on(event: string, listener: (...heard: unknown[]) => void): () => void {
    const listeners = this.#events.get(event) ?? new Set()
    this.#events.set(event, listeners.add(listener))
    return () => listeners.delete(listener)
  }

  onGap(listener: (position: Position) => void): () => void {
    this.#gaps.add(listener)
    return () => this.#gaps.delete(listener)
  }

  onPresence(listener: (change: PresenceChange) => void): () => void {
    this.#changes.add(listener)
    return () => this.#changes.delete(listener)
  }

  onError(listener: (error: unknown) => void): () => void {
    this.#errors.add(listener)
    return () => this.#errors.delete(listener)
  }

  publish(data: unknown, options: Published['options'] = {}): Promise<Partial<Position>> {
    const answer = asked<Partial<Position>>()
    this.published.push({ data, options, answer })
    return answer.promise
  }

  history(options: { before?: number; limit?: number }): Promise<HistoryPage> {
    const answer = asked<HistoryPage>()
    this.histories.push({ options, answer })
    return answer.promise
  }

  presence(): Promise<PresenceList> {
    const answer = asked<PresenceList>()
    this.presences.push(answer)
    return answer.promise
  }

  unsubscribe(): void {
    this.hasLeft = true
  }

  /** The server delivers a message. */
  deliver(text: string, seq: number | undefined, from: Sender | null): void {
    this.tell('message', text, meta(seq, from))
  }

  tell(event: string, ...heard: unknown[]): void {
    for (const listener of this.#events.get(event) ?? []) listener(...heard)
  }

  tellGap(position: Position): void {
    for (const listener of this.#gaps) listener(position)
  }

  tellPresence(change: PresenceChange): void {
    for (const listener of this.#changes) listener(change)
  }

  /** The server refuses the room. */
  refuse(error: unknown): void {
    this.joined.reject(error)
    for (const listener of this.#errors) listener(error)
  }
}

/** A line whose server is the test. */
export class FakeLine implements Line {
  state: LineState = { name: 'connecting', attempt: 1 }
  user: Sender | undefined
  latencyMs: number | undefined
  isClosed = false
  triedNow = 0
  readonly name: () => string
  readonly rooms = new Map<string, FakeSubscription>()
  readonly #listeners = new Set<(state: LineState) => void>()

  constructor(name: () => string) {
    this.name = name
  }

  onState(listener: (state: LineState) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  tryNow(): void {
    this.triedNow += 1
  }

  subscribe(room: string): FakeSubscription {
    const subscription = new FakeSubscription()
    this.rooms.set(room, subscription)
    return subscription
  }

  close(): void {
    this.isClosed = true
  }

  room(name: string): FakeSubscription {
    const subscription = this.rooms.get(name)
    if (!subscription) throw new Error(`nobody subscribed to ${name}`)
    return subscription
  }

  goLive(user: Sender, caughtUp = 0): void {
    this.user = user
    this.#become({ name: 'live', recovered: caughtUp > 0, caughtUp, gaps: [], transport: 'websocket' })
  }

  drop(code = 1006): void {
    this.#become({ name: 'waiting', attempt: 1, retryAtMs: 0, delayMs: 1000, code, reason: '' })
  }

  closeForGood(code: number): void {
    this.#become({ name: 'closed', code, reason: '' })
  }

  #become(state: LineState): void {
    this.state = state
    for (const listener of this.#listeners) listener(state)
  }
}

/** Waits until a fact holds. */
export const until = (fact: () => unknown): Promise<unknown> => vi.waitUntil(fact, { timeout: 15_000, interval: 1 })
