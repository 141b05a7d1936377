import { Answers } from './answers.ts'
import type { Place, Room, Sender, Store } from './broker.ts'
import { newEpoch, newSecret } from './ids.ts'
import { type Maybe, whenReady } from './maybe.ts'

/** A room of a session: where it joined, and whether the client asked for it (its right is looked at again on return). */
export interface SessionRoom {
  readonly joined: Place
  readonly asked: boolean
}

/** What of a socket outlives its connection. */
export interface Session {
  /** The socket's id. */
  readonly id: string
  /** Proves the session: who has it can come back as this socket. Never logged. */
  readonly secret: string
  readonly namespace: string
  user: Sender
  /** Until when its user is one, in Unix ms. */
  expiresAt: number | undefined
  /** The application's own; the same object as `socket.data`. */
  data: Record<string, unknown>
  readonly rooms: Map<Room, SessionRoom>
  /** When the connection that has it was opened, among all of the process with this mark. */
  opened: number
  process: string
  /** What handlers answered to events with a key. */
  readonly answers: Answers
}

/** The connection that has a session. */
export interface SessionHolder {
  /** When it was opened, among all connections of this server. */
  readonly opened: number
  /** A connection that was opened later has the session now: close with 4500. */
  onTakenOver(): void
}

/** Sessions, held by a connection or suspended in the store. The connection that was opened last has one. */
export class Sessions {
  readonly #store: Store
  readonly #ttlMs: number
  /** Tells the connections of this process from those before a crash. */
  readonly #process = newEpoch()
  readonly #held = new Map<string, { session: Session; holder: SessionHolder }>()

  constructor(store: Store, ttlMs: number) {
    this.#store = store
    this.#ttlMs = ttlMs
  }

  /** How many are held by a connection now. */
  get held(): number {
    return this.#held.size
  }

  /** A new session for a socket. It is in the store from the first {@link save} on. */
  open(id: string, namespace: string, user: Sender, data: Record<string, unknown>, holder: SessionHolder): Session {
    const rooms = new Map<Room, SessionRoom>()
    const secret = newSecret()
    const session: Session = {
      id,
      secret,
      namespace,
      user,
      expiresAt: undefined,
      data,
      rooms,
      opened: holder.opened,
      process: this.#process,
      answers: new Answers(),
    }
    this.#held.set(secret, { session, holder })
    return session
  }

  /**
   * Gives a session to a connection that proves it: undefined where there is none, `taken_over` where a connection that
   * was opened later has it or had it last, even if that one's claim came earlier. `userId`: there is none for him but
   * his own.
   */
  claim(
    secret: string,
    namespace: string,
    holder: SessionHolder,
    userId?: string,
  ): Maybe<Session | 'taken_over' | undefined> {
    const held = this.#held.get(secret)
    if (held !== undefined) return this.#take(held.session, namespace, holder, userId)
    return whenReady(this.#store.get(secret), (stored) => {
      const session = this.#held.get(secret)?.session ?? (stored as Session | undefined) // another may have been faster
      return session === undefined ? undefined : this.#take(session, namespace, holder, userId)
    })
  }

  #take(
    session: Session,
    namespace: string,
    holder: SessionHolder,
    userId: string | undefined,
  ): Session | 'taken_over' | undefined {
    if (session.namespace !== namespace) return undefined
    if (userId !== undefined && session.user.id !== userId) return undefined
    if (session.process === this.#process && session.opened > holder.opened) return 'taken_over'
    const former = this.#held.get(session.secret)?.holder
    session.opened = holder.opened
    session.process = this.#process
    this.#held.set(session.secret, { session, holder })
    former?.onTakenOver()
    return session
  }

  /** Writes a held session, before what it says is acknowledged: a crash has no drop event. */
  save(session: Session): Maybe<void> {
    return this.#store.put(session.secret, session, Number.POSITIVE_INFINITY)
  }

  /** True while this connection has the session. */
  holds(session: Session, holder: SessionHolder): boolean {
    return this.#held.get(session.secret)?.holder === holder
  }

  /** The line dropped: it can be claimed for a while. */
  suspend(session: Session, holder: SessionHolder): Maybe<void> {
    if (!this.holds(session, holder)) return
    this.#held.delete(session.secret)
    return this.#store.put(session.secret, session, this.#ttlMs)
  }

  /** A goodbye, or a disconnect by the server. */
  end(session: Session, holder: SessionHolder): Maybe<void> {
    if (!this.holds(session, holder)) return
    this.#held.delete(session.secret)
    return this.#store.delete(session.secret)
  }
}
