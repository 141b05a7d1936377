type Listener = (...args: never[]) => unknown

interface Registered {
  readonly listener: Listener
  readonly once: boolean
}

/**
 * Who listens to which event. Handlers live in a Map, so that a name a peer has chosen reaches none but its own, and
 * nothing of an `EventEmitter`'s own behaviour (`error` without a listener throws there).
 */
export class Listeners {
  #byEvent: Map<string, readonly Registered[]> | undefined

  on(event: string, listener: Listener): void {
    this.#add(event, { listener, once: false })
  }

  once(event: string, listener: Listener): void {
    this.#add(event, { listener, once: true })
  }

  #add(event: string, registered: Registered): void {
    if (typeof registered.listener !== 'function') throw new TypeError(`the listener of "${event}" must be a function`)
    this.#byEvent ??= new Map()
    this.#byEvent.set(event, [...(this.#byEvent.get(event) ?? []), registered])
  }

  /** Takes a listener off; without one all of the event's, without an event all. */
  off(event?: string, listener?: Listener): void {
    if (event === undefined) {
      this.#byEvent = undefined
      return
    }
    this.#keep(event, (each) => listener !== undefined && each.listener !== listener)
  }

  #keep(event: string, isKept: (registered: Registered) => boolean): void {
    const kept = this.of(event).filter(isKept)
    if (kept.length > 0) this.#byEvent?.set(event, kept)
    else this.#byEvent?.delete(event)
  }

  has(event: string): boolean {
    return this.#byEvent?.has(event) === true
  }

  of(event: string): readonly Registered[] {
    return this.#byEvent?.get(event) ?? []
  }

  functions(event: string): Listener[] {
    return this.of(event).map(({ listener }) => listener)
  }

  /** Calls everybody who listens now. What one throws, or rejects with later, goes to the sink, and the others are called all the same. `about` is the event they are told of, where it is not the one they listen to. */
  call<Context>(
    event: string,
    self: ListenerErrors<Context>,
    args: readonly unknown[],
    context: Context,
    about: string = event,
  ): void {
    for (const registered of this.of(event)) {
      if (registered.once) this.#keep(event, (each) => each !== registered)
      try {
        const done: unknown = Reflect.apply(registered.listener, self, args)
        if (done instanceof Promise) done.catch((error) => self.onListenerError(error, about, context))
      } catch (error) {
        self.onListenerError(error, about, context)
      }
    }
  }
}

/** Whose listeners they are, and who deals with what they do wrong. */
export interface ListenerErrors<Context> {
  onListenerError(error: unknown, event: string, context: Context): void
}
