/** A value that is here at once, or later. What answers at once (the memory log) then costs no promise. */
export type Maybe<T> = T | Promise<T>

/** Does something that may fail now or later; what it throws or rejects with is dealt with, and nothing comes out. */
export function attempt(work: () => Maybe<void>, onError: (error: unknown) => void): Maybe<void> {
  try {
    const done = work()
    return done instanceof Promise ? done.catch(onError) : undefined
  } catch (error) {
    onError(error)
  }
}

/** Goes on with a value: in the same turn where it is here, else when it has come. */
export function whenReady<T, U>(value: Maybe<T>, next: (value: T) => Maybe<U>): Maybe<U> {
  return value instanceof Promise ? value.then(next) : next(value)
}
