import type {
  Draft,
  Entry,
  HistoryPage,
  HistoryQuery,
  Log,
  Position,
  Published,
  Replay,
  ReplayLimit,
  Room,
  Store,
} from '../../src/broker.ts'

/** Runs something later: at a time, and in an order, of its own choosing. */
export type Later = (run: () => void) => void

/**
 * A log whose every answer comes later, as a disk's or a network's do, and that still keeps the law: calls of `deliver`
 * and answers to `replay` (and to `start`) come through one FIFO, so that a page never holds what was not delivered
 * before it. A publication is committed later than it was asked for, delivered later than it was committed, and
 * acknowledged before or after that; publications keep the order in which they were asked for.
 */
export class DelayedLog implements Log {
  readonly name: string
  readonly #inner: Log
  readonly #later: Later
  readonly #asked: (() => void)[] = []
  readonly #answers: (() => void)[] = []

  constructor(inner: Log, later: Later) {
    this.name = inner.name
    this.#inner = inner
    this.#later = later
  }

  async start(deliver: (entry: Entry) => void): Promise<Position> {
    const head = await this.#inner.start((entry) => this.#answer(() => deliver(entry)))
    return new Promise((resolve) => this.#answer(() => resolve(head)))
  }

  follow(room: Room, on: boolean): Promise<void> {
    return new Promise((resolve, reject) =>
      this.#later(() => settle(() => this.#inner.follow(room, on), resolve, reject)),
    )
  }

  publish(draft: Draft): Promise<Published> {
    return new Promise((resolve, reject) => {
      this.#asked.push(() => {
        settle(
          () => this.#inner.publish(draft),
          (published) => this.#later(() => resolve(published)),
          (error) => this.#later(() => reject(error)),
        )
      })
      this.#later(() => this.#asked.shift()?.())
    })
  }

  replay(since: ReadonlyMap<Room, Position>, limit: ReplayLimit): Promise<Replay> {
    const copy = new Map(since)
    return new Promise((resolve, reject) => {
      this.#later(() => {
        settle(
          () => this.#inner.replay(copy, limit),
          (page) => this.#answer(() => resolve(page)),
          (error) => this.#answer(() => reject(error)),
        )
      })
    })
  }

  history(room: Room, query: HistoryQuery): Promise<HistoryPage> {
    return new Promise((resolve, reject) =>
      this.#later(() => settle(() => this.#inner.history(room, query), resolve, reject)),
    )
  }

  close(): Promise<void> {
    return new Promise((resolve, reject) => this.#later(() => settle(() => this.#inner.close(), resolve, reject)))
  }

  /** What is answered here comes in this order, however late each of it is. */
  #answer(run: () => void): void {
    this.#answers.push(run)
    this.#later(() => this.#answers.shift()?.())
  }
}

/** A store whose every answer comes later; what it is told is done in the order in which it was told. */
export class DelayedStore implements Store {
  readonly #inner: Store
  readonly #later: Later
  readonly #asked: (() => void)[] = []

  constructor(inner: Store, later: Later) {
    this.#inner = inner
    this.#later = later
  }

  get(key: string): Promise<unknown> {
    return this.#ask(() => this.#inner.get(key))
  }

  put(key: string, value: unknown, ttlMs: number): Promise<void> {
    return this.#ask(() => this.#inner.put(key, value, ttlMs))
  }

  claim(key: string, value: unknown, ttlMs: number): Promise<boolean> {
    return this.#ask(() => this.#inner.claim(key, value, ttlMs))
  }

  delete(key: string): Promise<void> {
    return this.#ask(() => this.#inner.delete(key))
  }

  #ask<T>(run: () => T | Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#asked.push(() => settle(run, (value) => this.#later(() => resolve(value)), reject))
      this.#later(() => this.#asked.shift()?.())
    })
  }
}

/** Hands on what is answered now, or when it comes; what is answered now is handed on in the same turn. */
function settle<T>(run: () => T | Promise<T>, resolve: (value: T) => void, reject: (error: unknown) => void): void {
  try {
    const value = run()
    if (value instanceof Promise) value.then(resolve, reject)
    else resolve(value)
  } catch (error) {
    reject(error)
  }
}
