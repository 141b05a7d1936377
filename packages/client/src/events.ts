/**
 * Events as types: `{ name: (...args) => result }`. The result is what an acknowledgement carries. A trailing callback is
 * taken for the acknowledgement too, so that declarations made for Socket.IO serve as they are.
 */

export type IsAny<T> = 0 extends 1 & T ? true : false
// biome-ignore lint/suspicious/noExplicitAny: any function is meant
type AnyFunction = (...args: any[]) => any

/** The names of the events in a map. */
export type EventName<Events> = IsAny<Events> extends true ? string : keyof Events & string

type Parts<F> =
  IsAny<F> extends true
    ? // biome-ignore lint/suspicious/noExplicitAny: untyped events take and give anything
      { args: any[]; result: any }
    : F extends (...args: infer Args) => infer Result
      ? Args extends [...infer Rest, infer Last]
        ? IsAny<Last> extends true
          ? { args: Args; result: Awaited<Result> }
          : Last extends AnyFunction
            ? { args: Rest; result: Parameters<Last>[0] }
            : { args: Args; result: Awaited<Result> }
        : { args: Args; result: Awaited<Result> }
      : never

/** The arguments of an event. */
export type EventArgs<Events, Name extends EventName<Events>> =
  IsAny<Events> extends true
    ? // biome-ignore lint/suspicious/noExplicitAny: untyped events take anything
      any[]
    : Name extends keyof Events
      ? Parts<Events[Name]>['args']
      : never

/** What an event's acknowledgement carries. */
export type EventResult<Events, Name extends EventName<Events>> =
  IsAny<Events> extends true
    ? // biome-ignore lint/suspicious/noExplicitAny: untyped events give anything
      any
    : Name extends keyof Events
      ? Parts<Events[Name]>['result']
      : never

/** What a listener may return: an answer now or later, or nothing, as most do; anything where nobody waits for an answer. */
// biome-ignore lint/suspicious/noConfusingVoidType: an event that nobody answers has the result void
export type EventAnswer<Result> = [Result] extends [void]
  ? unknown
  : // biome-ignore lint/suspicious/noConfusingVoidType: a listener without a return statement shall fit
    Result | Promise<Result> | void

/** Hears an event. What it returns, or resolves to, is the answer where the server waits for one. */
export type EventListener<Events, Name extends EventName<Events>> = (
  ...args: EventArgs<Events, Name>
) => EventAnswer<EventResult<Events, Name>>
