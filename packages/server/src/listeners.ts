import type { Maybe } from './maybe.ts'

type Listener = (...args: never[]) => unknown

/**
 * Looks at an event's arguments before a listener gets them. Answers what the listener gets; throws, or rejects, where
 * it is not to be called.
 */
export type ArgumentsCheck<Context> = (args: readonly unknown[], context: Context) => Maybe<readonly unknown[]>

/** A listener with something to it. Most have nothing: then the function itself stands in the list. */
interface Special<Context> {
  readonly listener: Listener
  readonly once: boolean
  readonly check: ArgumentsCheck<Context> | undefined
}

type Registered<Context> = Listener | Special<Context>

/** How a listener is registered. */
export interface ListenerOptions<Context> {
  /** Called once, then off. One with a check stays until it has been called. */
  readonly once?: boolean
  /** Called before those who are there. */
  readonly first?: boolean
  readonly check?: ArgumentsCheck<Context> | undefined
}

const plainly: ListenerOptions<unknown> = {}

/**
 * Who listens to which event. Handlers live in a Map, so that a name a peer has chosen reaches none but its own, and
 * nothing of an `EventEmitter`'s own behaviour (`error` without a listener throws there).
 */
export class Listeners<Context = undefined> {
  #byEvent: Map<string, readonly Registered<Context>[]> | undefined

  on(event: string, listener: Listener, options: ListenerOptions<Context> = plainly): void {
    if (typeof listener !== 'function') throw new TypeError(`the listener of "${event}" must be a function`)
    const { once = false, first = false, check } = options
    const registered = once || check !== undefined ? { listener, once, check } : listener
    const known = this.of(event)
    this.#byEvent ??= new Map()
    this.#byEvent.set(event, first ? [registered, ...known] : [...known, registered])
  }

  once(event: string, listener: Listener): void {
    this.on(event, listener, { once: true })
  }

  /** Takes a listener off; without one all of the event's, without an event all. */
  off(event?: string, listener?: Listener): void {
    if (event === undefined) {
      this.#byEvent = undefined
      return
    }
    this.#keep(event, (each) => listener !== undefined && functionOf(each) !== listener)
  }

  #keep(event: string, isKept: (registered: Registered<Context>) => boolean): void {
    const kept = this.of(event).filter(isKept)
    if (kept.length > 0) this.#byEvent?.set(event, kept)
    else this.#byEvent?.delete(event)
  }

  has(event: string): boolean {
    return this.#byEvent?.has(event) === true
  }

  of(event: string): readonly Registered<Context>[] {
    return this.#byEvent?.get(event) ?? []
  }

  functions(event: string): Listener[] {
    return this.of(event).map(functionOf)
  }

  /** The events that somebody listens to. */
  get events(): string[] {
    return [...(this.#byEvent?.keys() ?? [])]
  }

  /**
   * Calls everybody who listens now. What one throws, or rejects with later, goes to the owner, and the others are called
   * all the same. Where a check takes its time, the answer is a promise that the listeners with such checks have been
   * called or left out; it never rejects.
   */
  call(
    event: string,
    owner: ListenerOwner<Context>,
    args: readonly unknown[],
    context: Context,
  ): Promise<unknown> | undefined {
    let later: Promise<unknown> | undefined
    for (const registered of this.of(event)) {
      if (typeof registered === 'function') callListener(registered, owner, args, event, context)
      else {
        const called = this.#callSpecial(registered, owner, args, event, context)
        if (called !== undefined) later = later === undefined ? called : Promise.all([later, called])
      }
    }
    return later
  }

  #callSpecial(
    special: Special<Context>,
    owner: ListenerOwner<Context>,
    args: readonly unknown[],
    event: string,
    context: Context,
  ): Promise<void> | undefined {
    const call = (checked: readonly unknown[]): void => {
      if (special.once) this.#keep(event, (each) => each !== special)
      callListener(special.listener, owner, checked, event, context)
    }
    try {
      const checked = special.check === undefined ? args : special.check(args, context)
      if (!(checked instanceof Promise)) return call(checked) as undefined
      return checked.then(
        (values) => {
          if (!owner.disconnected && this.of(event).includes(special)) call(values)
        },
        (error) => owner.onListenerError(error, event, context),
      )
    } catch (error) {
      owner.onListenerError(error, event, context)
      return undefined
    }
  }
}

function functionOf<Context>(registered: Registered<Context>): Listener {
  return typeof registered === 'function' ? registered : registered.listener
}

/** Calls one listener; what it throws, or rejects with later, goes to the owner. */
export function callListener<Context>(
  listener: Listener,
  owner: ListenerOwner<Context>,
  args: readonly unknown[],
  event: string,
  context: Context,
): void {
  try {
    const done: unknown = Reflect.apply(listener, owner, args)
    if (done instanceof Promise) done.catch((error) => owner.onListenerError(error, event, context))
  } catch (error) {
    owner.onListenerError(error, event, context)
  }
}

/** Whose listeners they are, and who deals with what they do wrong. */
export interface ListenerOwner<Context> {
  /** True where nobody is to be called any more for what came earlier. */
  readonly disconnected?: boolean
  onListenerError(error: unknown, event: string, context: Context): void
}
