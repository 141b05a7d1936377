import { rethrowLater } from './error.ts'

/** What a listener that threw has instead of a result. */
export class Failure {
  readonly cause: unknown

  constructor(cause: unknown) {
    this.cause = cause
  }
}

/** Functions that want to be told of one thing. One that throws disturbs neither the others nor the one who tells. */
export class Listeners<Args extends readonly unknown[]> {
  #listeners: ((...args: Args) => unknown)[] = []

  get size(): number {
    return this.#listeners.length
  }

  /** Adds one, and returns what removes it. */
  add(listener: (...args: Args) => unknown): () => void {
    // Never changed in place, so that a listener may remove itself while all are told.
    this.#listeners = [...this.#listeners, listener]
    return () => this.remove(listener)
  }

  remove(listener: (...args: Args) => unknown): void {
    const index = this.#listeners.lastIndexOf(listener)
    if (index >= 0) this.#listeners = this.#listeners.filter((_, at) => at !== index)
  }

  clear(): void {
    this.#listeners = []
  }

  /** Tells all, and returns what they returned. */
  tell(...args: Args): unknown[] {
    return this.#listeners.map((listener) => {
      try {
        return listener(...args)
      } catch (error) {
        rethrowLater(error)
        return new Failure(error)
      }
    })
  }
}

/** Listeners by the name of their event. Names come from the peer: hence a Map, never an object. */
export class EventListeners {
  #byEvent = new Map<string, Listeners<readonly unknown[]>>()

  add(event: string, listener: (...args: never[]) => unknown): () => void {
    let listeners = this.#byEvent.get(event)
    if (listeners === undefined) {
      listeners = new Listeners()
      this.#byEvent.set(event, listeners)
    }
    return listeners.add(listener as (...args: readonly unknown[]) => unknown)
  }

  once(event: string, listener: (...args: never[]) => unknown): () => void {
    const remove = this.add(event, (...args: never[]) => {
      remove()
      return listener(...args)
    })
    this.#once.set(listener, remove)
    return remove
  }

  /** Removes one listener, or all of an event. */
  remove(event: string, listener?: (...args: never[]) => unknown): void {
    if (listener === undefined) {
      this.#byEvent.delete(event)
      return
    }
    this.#once.get(listener)?.()
    this.#byEvent.get(event)?.remove(listener as (...args: readonly unknown[]) => unknown)
  }

  tell(event: string, args: readonly unknown[]): unknown[] {
    return this.#byEvent.get(event)?.tell(...args) ?? []
  }

  /** So that `off` finds a listener that was given to `once`. */
  #once = new WeakMap<object, () => void>()
}
