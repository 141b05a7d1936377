import type { ApplicationSocket } from './application.ts'

/** Something that becomes known once, and those who wait for it. */
export class Fact<T> {
  #value: T | undefined
  readonly #waiting: ((value: T) => void)[] = []

  tell(value: T): void {
    if (this.#value !== undefined) return
    this.#value = value
    for (const waiter of this.#waiting.splice(0)) waiter(value)
  }

  ask(waiter: (value: T) => void): void {
    if (this.#value === undefined) this.#waiting.push(waiter)
    else waiter(this.#value)
  }
}

/** What the application has seen of one client in one namespace, and does not tell that client itself. */
export interface Acquaintance {
  /** The messages of its errors. */
  readonly errors: string[]
  /** What it has said by the event `note`. */
  readonly notes: unknown[]
  /** How often `connection` was told. */
  connections: number
  socket: ApplicationSocket | undefined
  /** Why it was disconnected. */
  readonly reason: Fact<string>
  /** A middleware has been asked about it. */
  readonly arrival: Fact<true>
  /** What that middleware is to answer. */
  readonly leave: Fact<boolean>
  /** The connection under it has ended. */
  readonly end: Fact<true>
}

/** Clients by the `key` in their `auth`: who asks after them, is another client. */
export class Acquaintances {
  readonly #byKey = new Map<string, Acquaintance>()

  of(key: unknown): Acquaintance {
    const name = String(key)
    const known = this.#byKey.get(name) ?? {
      errors: [],
      notes: [],
      connections: 0,
      socket: undefined,
      reason: new Fact<string>(),
      arrival: new Fact<true>(),
      leave: new Fact<boolean>(),
      end: new Fact<true>(),
    }
    this.#byKey.set(name, known)
    return known
  }
}
