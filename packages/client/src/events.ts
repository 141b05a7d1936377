import type { PartylineError } from './error.ts'

/**
 * Events as types: `{ name: (...args) => result }`. The result is what an acknowledgement carries. A trailing callback is
 * taken for the acknowledgement too, so that declarations made for Socket.IO, and for `Server` here, serve as they are.
 */

export type IsAny<T> = 0 extends 1 & T ? true : false
// biome-ignore lint/suspicious/noExplicitAny: any function is meant
type AnyFunction = (...args: any[]) => any
// biome-ignore lint/suspicious/noExplicitAny: untyped events take and give anything
type Anything = { args: any[]; answer: any[]; result: any }

/** The names of the events in a map. */
export type EventName<Events> = IsAny<Events> extends true ? string : keyof Events & string

/** A result as the arguments of a callback. */
// biome-ignore lint/suspicious/noConfusingVoidType: an event that is answered with nothing has the result void
type Answer<Result> = IsAny<Result> extends true ? [answer: Result] : [Result] extends [void] ? [] : [answer: Result]

// biome-ignore lint/suspicious/noConfusingVoidType: the same
type FirstOf<Args extends unknown[]> = Args extends [] ? void : Args[0]

type Parts<F> =
  IsAny<F> extends true
    ? Anything
    : F extends (...args: infer Args) => infer Result
      ? Args extends [...infer Rest, infer Last]
        ? IsAny<Last> extends true
          ? { args: Args; answer: Answer<Awaited<Result>>; result: Awaited<Result> }
          : Last extends AnyFunction
            ? { args: Rest; answer: Parameters<Last>; result: FirstOf<Parameters<Last>> }
            : { args: Args; answer: Answer<Awaited<Result>>; result: Awaited<Result> }
        : { args: Args; answer: Answer<Awaited<Result>>; result: Awaited<Result> }
      : never

type PartsOf<Events, Name extends EventName<Events>> =
  IsAny<Events> extends true ? Anything : Name extends keyof Events ? Parts<Events[Name]> : never

/** The arguments of an event. */
export type EventArgs<Events, Name extends EventName<Events>> = PartsOf<Events, Name>['args']

/** What an event's acknowledgement carries. */
export type EventResult<Events, Name extends EventName<Events>> = PartsOf<Events, Name>['result']

/** The arguments of an event, and behind them, for who wants it, what hears the answer. */
export type EmitArgs<Events, Name extends EventName<Events>> = number extends EventArgs<Events, Name>['length']
  ? EventArgs<Events, Name>
  : [...EventArgs<Events, Name>, onAnswer?: (...answer: PartsOf<Events, Name>['answer']) => unknown]

/** The same, where the time for the answer is limited: what hears it gets an error, or null and the answer. */
export type TimedEmitArgs<Events, Name extends EventName<Events>> = number extends EventArgs<Events, Name>['length']
  ? EventArgs<Events, Name>
  : [
      ...EventArgs<Events, Name>,
      onAnswer: (error: PartylineError | null, ...answer: PartsOf<Events, Name>['answer']) => unknown,
    ]

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

/** What is published as this event: its first argument. Anything, where the map does not know the event. */
export type EventData<Events, Name> =
  IsAny<Events> extends true
    ? unknown
    : Name extends EventName<Events>
      ? EventArgs<Events, Name> extends [infer Data, ...unknown[]]
        ? Data
        : unknown
      : unknown
