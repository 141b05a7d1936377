import type { Room } from './broker.ts'

/** A listener to all that is said to a client. */
// biome-ignore lint/suspicious/noExplicitAny: what an event it does not know brings is anything
export type OutgoingListener = (event: string, ...args: any[]) => unknown

/** A socket whose outgoing events somebody listens to. */
export interface OutgoingSocket {
  isIn(room: Room): boolean
}

/**
 * Who listens to what is said to which socket of a namespace. Few sockets have such listeners, so that they stand here
 * together: none of the others pays for it, and a broadcast looks at these alone.
 */
export class OutgoingListeners {
  readonly #bySocket = new Map<OutgoingSocket, readonly OutgoingListener[]>()
  readonly #report: (error: unknown, where: string) => unknown

  constructor(report: (error: unknown, where: string) => unknown) {
    this.#report = report
  }

  /** True where somebody listens at all. */
  get any(): boolean {
    return this.#bySocket.size > 0
  }

  of(socket: OutgoingSocket): readonly OutgoingListener[] {
    return this.#bySocket.get(socket) ?? []
  }

  set(socket: OutgoingSocket, listeners: readonly OutgoingListener[]): void {
    if (listeners.length > 0) this.#bySocket.set(socket, listeners)
    else this.#bySocket.delete(socket)
  }

  /** The socket has gone. */
  forget(socket: OutgoingSocket): void {
    this.#bySocket.delete(socket)
  }

  /** Something is said to one socket. */
  tell(socket: OutgoingSocket, event: string, args: readonly unknown[]): void {
    for (const listener of this.of(socket)) this.#call(listener, socket, event, args)
  }

  /** Something is said to the members of rooms, but to none of the except rooms. */
  tellMembers(rooms: readonly Room[], except: readonly Room[], event: string, args: readonly unknown[]): void {
    for (const socket of this.#bySocket.keys()) {
      if (rooms.some((room) => socket.isIn(room)) && !except.some((room) => socket.isIn(room))) {
        this.tell(socket, event, args)
      }
    }
  }

  /** What one throws, or rejects with, goes to the log: it is no business of the client's. */
  #call(listener: OutgoingListener, socket: OutgoingSocket, event: string, args: readonly unknown[]): void {
    const where = `the outgoing listener of "${event}"`
    try {
      const done: unknown = Reflect.apply(listener, socket, [event, ...args])
      if (done instanceof Promise) done.catch((error) => this.#report(error, where))
    } catch (error) {
      this.#report(error, where)
    }
  }
}
