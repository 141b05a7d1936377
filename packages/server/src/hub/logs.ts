import type { Entry, Log, Place, Position, Room } from '../broker.ts'

/** Two parts a log: epoch and seq. */
const MAX_PLACE_LENGTH = 512
const EPOCH_PATTERN = /^[\w-]{0,64}$/
const SEQ_PATTERN = /^[0-9a-z]{1,11}$/

/** A position of no epoch: whoever stands there has a gap. */
export const nowhere: Position = { epoch: '', seq: 0 }

/** The broker's fixed list of logs, and how far each has been delivered on this node. */
export class Logs {
  readonly all: readonly Log[]
  /** The last seq delivered here, by the log's index. Never the log's committed head. */
  readonly heads: number[] = []
  readonly epochs: string[] = []
  readonly #indexOf: (room: Room) => number
  #place: Place | undefined
  #epoch = ''

  constructor(all: readonly Log[], indexOf: (room: Room) => number) {
    this.all = all
    this.#indexOf = indexOf
  }

  /** Notes the head a log has answered at its start; what it delivered right behind the answer may be here before it. */
  started(index: number, head: Position): void {
    this.heads[index] = Math.max(head.seq, this.heads[index] ?? 0)
    this.epochs[index] = head.epoch
    this.#epoch = this.epochs.join('.')
    this.#place = undefined
  }

  /** Moves a log's head. */
  delivered(index: number, entry: Entry): void {
    this.heads[index] = entry.seq
    this.#place = undefined
  }

  /** The index of the log in which a room lives. */
  indexOf(room: Room): number {
    return this.#indexOf(room)
  }

  /** The log in which a room lives. */
  of(room: Room): Log {
    return this.all[this.#indexOf(room)] as Log
  }

  /** The epochs of all logs as one string: what clients see as `epoch`. */
  get epoch(): string {
    return this.#epoch
  }

  /** The heads of all logs now. The same object until a head moves. */
  place(): Place {
    this.#place ??= this.heads.map((seq, i) => ({ epoch: this.epochs[i] as string, seq }))
    return this.#place
  }

  /** A place as clients carry it. */
  placeText(seqs: readonly number[], epochs: readonly string[] = this.epochs): string {
    let text = ''
    for (let i = 0; i < seqs.length; i++) {
      text += `${i === 0 ? '' : '.'}${epochs[i]}.${(seqs[i] as number).toString(36)}`
    }
    return text
  }

  /** A client's place; undefined where it is malformed. A log it does not name has an epoch that matches none. */
  parsePlace(text: string): Place | undefined {
    if (text.length > MAX_PLACE_LENGTH) return undefined
    const parts = text.split('.')
    if (parts.length < 2 || parts.length % 2 === 1) return undefined
    const place: Position[] = []
    for (let i = 0; i < parts.length; i += 2) {
      const seq = parts[i + 1] as string
      if (!SEQ_PATTERN.test(seq) || !EPOCH_PATTERN.test(parts[i] as string)) return undefined
      place.push({ epoch: parts[i] as string, seq: Number.parseInt(seq, 36) })
    }
    while (place.length < this.all.length) place.push({ epoch: '', seq: 0 })
    return place
  }

  /** A position as clients have it, as the room's log has it. */
  fromClient(room: Room, { epoch, seq }: Position): Position {
    return { epoch: epoch.split('.', this.all.length)[this.#indexOf(room)] ?? '', seq }
  }

  /** The later of two positions in one log; the current epoch beats any other. */
  later(index: number, a: Position, b: Position): Position {
    const epoch = this.epochs[index]
    if (a.epoch !== epoch) return b
    if (b.epoch !== epoch) return a
    return a.seq >= b.seq ? a : b
  }
}
