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

type IsAny<Value> = 0 extends 1 & Value ? true : false
type Last<Values extends any[]> = Required<Values> extends [...any[], infer Value] ? Value : any
type AllButLast<Values extends any[]> = Required<Values> extends [...infer First, any] ? First : any[]

/** Whether these arguments end with an acknowledgement; `maybe` where they are not known. */
type EndsWithAck<Args extends any[]> = number extends Args['length']
  ? 'maybe'
  : Args extends []
    ? 'no'
    : IsAny<Last<Args>> extends true
      ? 'maybe'
      : Last<Args> extends (...args: any[]) => any
        ? 'yes'
        : 'no'

/** The names of events that may have an acknowledgement. */
export type NamesWithAck<Map> = {
  [Name in EventNames<Map>]: EndsWithAck<EventParams<Map, Name>> extends 'no' ? never : Name
}[EventNames<Map>]

/** The names of events that may have none. */
export type NamesWithoutAck<Map> = {
  [Name in EventNames<Map>]: EndsWithAck<EventParams<Map, Name>> extends 'yes' ? never : Name
}[EventNames<Map>]

/** The arguments of `send`: those of the event `message`, and nobody can call it where there is no such event. */
export type MessageParams<Map> =
  'message' extends EventNames<Map> ? EventParams<Map, 'message' & EventNames<Map>> : never

/** The arguments of an event without its acknowledgement. */
export type AckedParams<Map, Name extends EventNames<Map>> = AllButLast<EventParams<Map, Name>>

/** What an event's acknowledgement brings: its first argument. */
export type AckResult<Map, Name extends EventNames<Map>> =
  Last<EventParams<Map, Name>> extends (...args: infer Args) => any ? (Args extends [] ? void : Args[0]) : any

/** The acknowledgement of an event, as its handlers get it. */
export type AckFunction<Map, Name> =
  Name extends EventNames<Map>
    ? EndsWithAck<EventParams<Map, Name>> extends 'yes'
      ? Last<EventParams<Map, Name>>
      : (...answer: any[]) => void
    : never

/** A listener of an event. */
export type EventListener<Map, Name extends EventNames<Map>> = Map[Name] extends (...args: infer Args) => any
  ? (...args: Args) => unknown
  : (...args: any[]) => unknown

/** A listener of one of our own events, or of one of the application's. */
export type ListenerOf<Reserved, Map, Name> =
  Name extends EventNames<Reserved>
    ? EventListener<Reserved, Name>
    : Name extends EventNames<Map>
      ? EventListener<Map, Name>
      : never

/** The arguments with an acknowledgement that gets an error first, as after `timeout()`. */
export type TimedParams<Map, Name extends EventNames<Map>> =
  EndsWithAck<EventParams<Map, Name>> extends 'yes'
    ? EventParams<Map, Name> extends [...infer First, (...args: infer Args) => infer Result]
      ? [...First, (error: Error | null, ...args: Args) => Result]
      : EventParams<Map, Name>
    : EventParams<Map, Name>

/** The arguments with an acknowledgement that gets an error and the first argument of every client's answer. */
export type BroadcastParams<Map, Name extends EventNames<Map>> =
  EndsWithAck<EventParams<Map, Name>> extends 'yes'
    ? [...AckedParams<Map, Name>, (error: Error | null, responses: AckResult<Map, Name>[]) => unknown]
    : EventParams<Map, Name>
