import type { BroadcastOperator, BroadcastTarget } from './broadcast.ts'
import type { EventNames, EventParams, MessageParams, NamesWithoutAck } from './events.ts'

type Rooms = string | readonly string[]

/** What a server and a namespace can both do: say something to everybody, and choose some of them. */
export abstract class Broadcaster<EmitEvents, Target extends BroadcastTarget> {
  /** Everybody in the namespace. */
  protected abstract get everybody(): BroadcastOperator<EmitEvents, Target>

  /** The members of these rooms. */
  to(rooms: Rooms): BroadcastOperator<EmitEvents, Target> {
    return this.everybody.to(rooms)
  }

  /** The same as {@link to}. */
  in(rooms: Rooms): BroadcastOperator<EmitEvents, Target> {
    return this.everybody.to(rooms)
  }

  /** All but the members of these rooms. */
  except(rooms: Rooms): BroadcastOperator<EmitEvents, Target> {
    return this.everybody.except(rooms)
  }

  /** Who cannot be written to now misses it, and nothing is kept. */
  get volatile(): BroadcastOperator<EmitEvents, Target> {
    return this.everybody.volatile
  }

  /** `false`: what is said is not compressed on its way to clients. */
  compress(compress: boolean): BroadcastOperator<EmitEvents, Target> {
    return this.everybody.compress(compress)
  }

  /** The clients of this node alone. */
  get local(): BroadcastOperator<EmitEvents, Target> {
    return this.everybody.local
  }

  /** The acknowledgements of the next emit are waited for so many ms. */
  timeout(timeoutMs: number): BroadcastOperator<EmitEvents, Target> {
    return this.everybody.timeout(timeoutMs)
  }

  /** Emits to everybody in the namespace: a publication in its own room. For acknowledgements use `timeout(ms)` first. */
  emit<Name extends NamesWithoutAck<EmitEvents>>(event: Name, ...args: EventParams<EmitEvents, Name>): boolean {
    const everybody = this.everybody as { emit(event: EventNames<EmitEvents>, ...args: unknown[]): boolean }
    return everybody.emit(event, ...args)
  }

  /** Emits the event `message`. */
  send(...args: MessageParams<EmitEvents>): this {
    this.everybody.send(...args)
    return this
  }

  /** The same as {@link send}. */
  write(...args: MessageParams<EmitEvents>): this {
    return this.send(...args)
  }

  /** The sockets of the namespace. */
  fetchSockets(): Promise<Target[]> {
    return this.everybody.fetchSockets()
  }

  /** The ids of the namespace's sockets. */
  allSockets(): Promise<Set<string>> {
    return this.everybody.allSockets()
  }

  /** Lets all sockets join rooms. */
  socketsJoin(rooms: Rooms): void {
    this.everybody.socketsJoin(rooms)
  }

  /** Takes all sockets out of rooms. */
  socketsLeave(rooms: Rooms): void {
    this.everybody.socketsLeave(rooms)
  }

  /** Disconnects all sockets; their sessions end. */
  disconnectSockets(close = false): void {
    this.everybody.disconnectSockets(close)
  }
}
