import { isSocketIoEvent, stringifyArgs } from '@partyline/protocol'
import { type Room, roomOf } from './broker.ts'
import type { DefaultEventsMap, EventNames, EventParams } from './events.ts'
import type { Hub } from './hub/hub.ts'

/** What a broadcast needs of its namespace. */
export interface BroadcastNamespace {
  readonly name: string
  readonly hub: Hub
  readonly clock: { date(): number }
  report(error: unknown, where: string): string
  /** The sockets in these rooms, or all; without those in the except rooms. */
  socketsIn(rooms: readonly string[], except: readonly string[]): BroadcastTarget[]
}

/** A socket, as `disconnectSockets` and its like need it. */
export interface BroadcastTarget {
  disconnect(close?: boolean): unknown
  join(room: string | readonly string[]): unknown
  leave(room: string): unknown
}

type Rooms = string | readonly string[]

/**
 * Whom something is said to: `io.to("a").except("b").volatile.emit(…)`. Immutable: every call answers a new one. Rooms
 * are a union, and who is in several of them gets it once.
 */
export class BroadcastOperator<EmitEvents = DefaultEventsMap, Target extends BroadcastTarget = BroadcastTarget> {
  readonly #namespace: BroadcastNamespace
  readonly #rooms: readonly string[]
  readonly #except: readonly string[]
  readonly #volatile: boolean

  constructor(
    namespace: BroadcastNamespace,
    rooms: readonly string[] = [],
    except: readonly string[] = [],
    volatile = false,
  ) {
    this.#namespace = namespace
    this.#rooms = rooms
    this.#except = except
    this.#volatile = volatile
  }

  /** Says it to the members of these rooms too. */
  to(rooms: Rooms): BroadcastOperator<EmitEvents, Target> {
    return new BroadcastOperator(this.#namespace, union(this.#rooms, rooms), this.#except, this.#volatile)
  }

  /** The same as {@link to}. */
  in(rooms: Rooms): BroadcastOperator<EmitEvents, Target> {
    return this.to(rooms)
  }

  /** Does not say it to members of these rooms. */
  except(rooms: Rooms): BroadcastOperator<EmitEvents, Target> {
    return new BroadcastOperator(this.#namespace, this.#rooms, union(this.#except, rooms), this.#volatile)
  }

  /** Says it once and keeps nothing: who cannot be written to now misses it. */
  get volatile(): BroadcastOperator<EmitEvents, Target> {
    return new BroadcastOperator(this.#namespace, this.#rooms, this.#except, true)
  }

  /** Emits to everybody addressed. True, as with Socket.IO; throws a `TypeError` for one of Socket.IO's own six events. */
  emit<Name extends EventNames<EmitEvents>>(event: Name, ...args: EventParams<EmitEvents, Name>): boolean {
    if (isSocketIoEvent(event)) throw new TypeError(`"${event}" is a reserved event name`)
    const { name, hub, clock } = this.#namespace
    const values = args as readonly unknown[]
    const rooms = this.#rooms.length === 0 ? [name] : this.#rooms
    const draft = {
      rooms: rooms.map((room): Room => roomOf(name, room)),
      except: this.#except.map((room): Room => roomOf(name, room)),
      event,
      args: stringifyArgs(values),
      arity: values.length,
      published: false,
      from: null,
      at: clock.date(),
    }
    if (this.#volatile) hub.publishVolatile(draft)
    else {
      const published = hub.publish(draft)
      if (published instanceof Promise) published.catch((error) => this.#namespace.report(error, `emit "${event}"`))
    }
    return true
  }

  /** Emits the event `message`. */
  send(...args: EventParams<EmitEvents, EventNames<EmitEvents> & 'message'>): this {
    this.emit('message' as EventNames<EmitEvents> & 'message', ...args)
    return this
  }

  /** The sockets addressed. */
  async fetchSockets(): Promise<Target[]> {
    return this.#namespace.socketsIn(this.#rooms, this.#except) as Target[]
  }

  /** Lets all sockets addressed join rooms. */
  socketsJoin(rooms: Rooms): void {
    for (const socket of this.#targets()) socket.join(rooms)
  }

  /** Takes all sockets addressed out of rooms. */
  socketsLeave(rooms: Rooms): void {
    for (const socket of this.#targets()) for (const room of union([], rooms)) socket.leave(room)
  }

  /** Disconnects all sockets addressed; their sessions end. */
  disconnectSockets(close = false): void {
    for (const socket of this.#targets()) socket.disconnect(close)
  }

  #targets(): BroadcastTarget[] {
    return this.#namespace.socketsIn(this.#rooms, this.#except)
  }
}

function union(known: readonly string[], added: Rooms): readonly string[] {
  return [...new Set([...known, ...(typeof added === 'string' ? [added] : added)])]
}
