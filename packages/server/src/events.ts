// The types of events, as Socket.IO users write them: a map from names to signatures. An acknowledgement is the last
// argument of a signature that is a function.

// biome-ignore-all lint/suspicious/noConfusingVoidType: a handler that acknowledges with nothing answers void
// biome-ignore-all lint/suspicious/noExplicitAny: an untyped map is any to its users, as with Socket.IO

/** Events by name. */
export interface EventsMap {
  [event: string]: any
}

/** What holds without a map: every name, any arguments. */
export interface DefaultEventsMap {
  [event: string]: (...args: any[]) => void
}

/** The names a map has. */
export type EventNames<Map> = keyof Map & string

/** The arguments of an event. */
export type EventParams<Map, Name extends EventNames<Map>> = Map[Name] extends (...args: infer Args) => any
  ? Args
  : any[]

type Last<Values extends any[]> = Values extends [...any[], infer Value] ? Value : any
type AllButLast<Values extends any[]> = Values extends [...infer First, any] ? First : any[]

/** The arguments of an event without its acknowledgement. */
export type AckedParams<Map, Name extends EventNames<Map>> = AllButLast<EventParams<Map, Name>>

/** What an event's acknowledgement brings: its first argument. */
export type AckResult<Map, Name extends EventNames<Map>> =
  Last<EventParams<Map, Name>> extends (...args: infer Args) => any ? (Args extends [] ? void : Args[0]) : any

/** A listener of an event. */
export type EventListener<Map, Name extends EventNames<Map>> = Map[Name] extends (...args: infer Args) => any
  ? (...args: Args) => unknown
  : (...args: any[]) => unknown

/** The arguments with an acknowledgement that gets an error first, as after `timeout()`. */
export type TimedParams<Map, Name extends EventNames<Map>> =
  EventParams<Map, Name> extends [...infer First, (...args: infer Args) => infer Result]
    ? [...First, (error: Error | null, ...args: Args) => Result]
    : EventParams<Map, Name>
