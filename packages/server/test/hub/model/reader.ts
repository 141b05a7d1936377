import type { Position, Room } from '../../../src/broker.ts'
import { type Heard, understand } from './wire-forms.ts'

/** How a client stands to a room: `asked` while its subscribe is not answered, `leaving` while its unsubscribe is not. */
type Standing = 'out' | 'asked' | 'in' | 'leaving'

/** What a client remembers, by the rules for clients in `docs/PROTOCOL.md`: positions, or one place. */
export class ModelReader {
  readonly name: string
  readonly isStrict: boolean
  /** The last place seen, of a client that carries one. */
  place: string | undefined
  readonly #positions = new Map<Room, Position>()
  readonly #standings = new Map<Room, Standing>()
  readonly #askedSince = new Set<Room>()
  #epoch = ''

  constructor(name: string, isStrict: boolean) {
    this.name = name
    this.isStrict = isStrict
  }

  standing(room: Room): Standing {
    return this.#standings.get(room) ?? 'out'
  }

  /** Where it has got to in a room, as far as it knows. */
  position(room: Room): Position | undefined {
    return this.#positions.get(room)
  }

  /** What a strict client lists when it comes back. */
  listed(): Map<Room, Position> {
    const listed = new Map<Room, Position>()
    for (const [room, position] of this.#positions) {
      const standing = this.standing(room)
      if (standing === 'in' || (standing === 'asked' && this.#askedSince.has(room))) listed.set(room, position)
    }
    return listed
  }

  ask(room: Room, since: Position | undefined): void {
    this.#standings.set(room, 'asked')
    if (since !== undefined) this.#askedSince.add(room)
    else {
      this.#askedSince.delete(room)
      this.#positions.delete(room)
    }
  }

  leave(room: Room): void {
    this.#standings.set(room, 'leaving')
  }

  /** The line is gone: requests that were not answered have been carried out, or will be on return. */
  drop(): void {
    for (const [room, standing] of this.#standings) {
      if (standing === 'leaving') this.#standings.set(room, 'out')
      else if (standing === 'asked') this.#standings.set(room, 'in')
    }
  }

  hear(text: string): Heard {
    const heard = understand(text)
    if (heard.kind === 'welcome') this.#epoch = heard.epoch
    else if (heard.kind === 'entry') {
      if (heard.place !== undefined) this.place = heard.place
      if (heard.seq > 0) this.#move(heard.room, { epoch: this.#epoch, seq: heard.seq }) // a volatile one has no seq
    } else if (heard.kind === 'gap') this.#move(heard.room, { epoch: heard.epoch, seq: heard.seq })
    else if (heard.kind === 'left') this.#onLeft(heard.room)
    else if (heard.kind === 'joined') {
      this.#standings.set(heard.room, 'in')
      if (!heard.since) this.#positions.set(heard.room, { epoch: heard.epoch, seq: heard.seq })
    }
    return heard
  }

  #onLeft(room: Room): void {
    if (this.standing(room) === 'leaving') this.#standings.set(room, 'out')
  }

  #move(room: Room, position: Position): void {
    const standing = this.standing(room)
    if (standing === 'out' || (standing === 'asked' && !this.#askedSince.has(room))) return
    this.#positions.set(room, position)
  }
}
