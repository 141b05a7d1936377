import type { Room } from '../../../src/broker.ts'
import type { Allowances, Line, Told } from './lines.ts'

type LineOf<K extends Line['kind']> = Extract<Line, { kind: K }>

/** An entry that a reader is owed, through these rooms; the number tells one stay in a room from the next. */
interface Due {
  readonly entry: Told
  /** The line from which on it is owed. */
  readonly since: number
  readonly through: Map<Room, number>
  got: boolean
}

interface Said {
  readonly id: string
  readonly at: number
  readonly volatile: boolean
  readonly ahead: boolean
}

/**
 * Judges what one reader was told, from nothing but the transcript: each entry of its rooms between joining and leaving
 * comes exactly once and in order, or a gap is told before; what was said to it stands where it was said.
 */
export class ReaderChecker {
  readonly #name: string
  readonly #may: Allowances
  readonly #entries = new Map<string, { entry: Told; at: number }>()
  readonly #stays = new Map<Room, number>()
  readonly #due = new Map<string, Due>()
  /** Excluded while the reader was in one of these rooms; if it has left since, a replay may show the entry. */
  readonly #excluded = new Map<string, Room[]>()
  #stay = 0
  #at = 0
  // Of the present connection:
  #said: Said[] = []
  #lastByRoom = new Map<Room, number>()
  #lastByLog = new Map<string, number>()
  #gaps = new Map<Room, number>()
  #gapsSince = 0
  #hasSince = false
  #gotHere = new Set<string>()

  constructor(name: string, may: Allowances) {
    this.#name = name
    this.#may = may
  }

  /** Takes the next line; throws what is wrong with it. */
  take(line: Line): void {
    this.#at++
    if (line.kind === 'delivered') this.#onDelivered(line)
    else if (line.kind === 'thrown') this.#onThrown(line)
    else if (line.kind === 'acked' || line.reader !== this.#name) return
    else if (line.kind === 'connected') this.#onConnected()
    else if (line.kind === 'dropped') this.#onDropped()
    else if (line.kind === 'joined') this.#onJoined(line)
    else if (line.kind === 'left') this.#onLeft(line)
    else if (line.kind === 'said') {
      this.#said.push({ id: line.id, at: this.#at, volatile: line.volatile === true, ahead: line.ahead === true })
    } else if (line.kind === 'heard') this.#onHeard(line)
    else if (line.kind === 'received') this.#onReceived(line)
    else this.#onGap(line)
  }

  /** Everything has come to rest: nothing may be missing. */
  finish(): void {
    for (const due of this.#due.values()) if (!due.got && due.through.size > 0) this.#fail(`never got ${due.entry.key}`)
    const unheard = this.#said.find((said) => !said.volatile)
    if (unheard !== undefined) this.#fail(`never heard ${unheard.id}`)
  }

  #onDelivered({ entry }: LineOf<'delivered'>): void {
    this.#entries.set(entry.key, { entry, at: this.#at })
    const inside = entry.except.filter((room) => this.#stays.has(room))
    if (inside.length > 0) this.#excluded.set(entry.key, inside)
    else {
      for (const room of entry.rooms) {
        const stay = this.#stays.get(room)
        if (stay !== undefined) this.#owe(entry, room, stay)
      }
    }
  }

  /** Whoever is in the way of it may miss it; but it stands in its place, and comes once. */
  #onThrown({ key, rooms, except }: LineOf<'thrown'>): void {
    const isIn = (room: Room): boolean => this.#stays.has(room)
    if (rooms.some(isIn) && !except.some(isIn)) this.#said.push({ id: key, at: this.#at, volatile: true, ahead: false })
  }

  #owe(entry: Told, room: Room, stay: number): void {
    const due = this.#due.get(entry.key)
    if (due?.got || (due !== undefined && due.through.size > 0)) due.through.set(room, stay)
    else this.#due.set(entry.key, { entry, since: this.#at, through: new Map([[room, stay]]), got: false })
  }

  #onConnected(): void {
    this.#said = []
    this.#lastByRoom = new Map()
    this.#lastByLog = new Map()
    this.#gaps = new Map()
    this.#gapsSince = 0
    this.#hasSince = false
    this.#gotHere = new Set()
  }

  /** What was published before a leave may be lost if the line drops first. */
  #onDropped(): void {
    this.#said = []
    for (const due of this.#due.values()) {
      for (const [room, stay] of due.through) if (this.#stays.get(room) !== stay) due.through.delete(room)
    }
  }

  #onJoined({ room, since }: LineOf<'joined'>): void {
    const stay = ++this.#stay
    this.#stays.set(room, stay)
    if (since === undefined) return
    this.#hasSince = true
    for (const { entry } of this.#entries.values()) {
      if (!entry.rooms.includes(room) || (entry.epoch === since.epoch && entry.seq <= since.seq)) continue
      if (!this.#excluded.has(entry.key)) this.#owe(entry, room, stay)
    }
  }

  #onLeft({ room }: LineOf<'left'>): void {
    this.#stays.delete(room)
    for (const [key, rooms] of this.#excluded) if (rooms.includes(room)) this.#excluded.set(key, [])
  }

  #onHeard({ id, recovered }: LineOf<'heard'>): void {
    let said = this.#said.shift()
    while (said?.volatile && said.id !== id) said = this.#said.shift()
    if (said?.id !== id) this.#fail(`heard ${id} where ${said?.id ?? 'nothing'} was due`)
    if (!said.ahead) {
      for (const due of this.#due.values()) {
        if (!due.got && due.through.size > 0 && due.since < said.at) this.#fail(`heard ${id} before ${due.entry.key}`)
      }
    }
    if (recovered !== undefined && recovered !== (this.#gapsSince === 0))
      this.#fail(`${id} says recovered ${recovered}`)
    this.#gapsSince = 0
  }

  #onReceived({ room, key }: LineOf<'received'>): void {
    const known = this.#entries.get(key)
    if (known === undefined) this.#fail(`got ${key}, which was never delivered`)
    const { entry, at } = known
    if (!entry.rooms.includes(room)) this.#fail(`got ${key} through ${room}`)
    const barrier = this.#said.find((said) => !said.volatile)
    if (barrier !== undefined && barrier.at < at) this.#fail(`got ${key} before ${barrier.id}`)
    if (entry.seq <= (this.#gaps.get(room) ?? -1)) this.#fail(`got ${key} after the gap that takes it away`)
    this.#inOrder(this.#lastByRoom, room, entry)
    if (!this.#hasSince) this.#inOrder(this.#lastByLog, entry.log, entry)
    this.#once(entry, room)
  }

  #inOrder(last: Map<string, number>, sequence: string, { key, seq }: Told): void {
    if (seq <= (last.get(sequence) ?? 0)) this.#fail(`got ${key} out of the order of ${sequence}`)
    last.set(sequence, seq)
  }

  #once({ key, rooms }: Told, room: Room): void {
    const due = this.#due.get(key)
    const excluded = this.#excluded.get(key)
    if (due === undefined) {
      if (excluded === undefined) this.#fail(`got ${key}, which it was not to get`)
      if (excluded.length > 0) this.#fail(`got ${key} though it was in ${excluded[0]}`)
    } else if (due.got) {
      const again = this.#may.again && rooms.length > 1 && (this.#hasSince || !this.#gotHere.has(key))
      if (!again) this.#fail(`got ${key} twice`)
    } else {
      if (due.through.size > 0 && !due.through.has(room)) this.#fail(`got ${key} through ${room}, where it is not due`)
      due.got = true
    }
    this.#gotHere.add(key)
  }

  #onGap({ room, position }: LineOf<'gap'>): void {
    this.#gapsSince++
    this.#gaps.set(room, position.seq)
    for (const due of this.#due.values()) {
      if (due.entry.epoch !== position.epoch || due.entry.seq <= position.seq) due.through.delete(room)
    }
  }

  #fail(what: string): never {
    throw new Error(`${this.#name} ${what}`)
  }
}

/** Judges a whole transcript, up to where everything has come to rest. */
export function check(lines: readonly Line[], readers: ReadonlyMap<string, Allowances>): void {
  for (const [name, may] of readers) {
    const checker = new ReaderChecker(name, may)
    for (const line of lines) checker.take(line)
    checker.finish()
  }
  checkAcknowledgements(lines)
}

/** No key exists twice; and whatever was acknowledged exists in the end, where the acknowledgement says. */
function checkAcknowledgements(lines: readonly Line[]): void {
  const delivered = new Map<string, number>()
  const heads = new Map<string, number>()
  for (const line of lines) {
    if (line.kind !== 'delivered') continue
    const { key, log, epoch, seq } = line.entry
    if (delivered.has(key)) throw new Error(`${key} was delivered twice`)
    delivered.set(key, seq)
    const sequence = `${log} ${epoch}`
    if (seq <= (heads.get(sequence) ?? 0)) throw new Error(`${key} was delivered out of order`)
    heads.set(sequence, seq)
  }
  for (const line of lines) {
    if (line.kind === 'acked' && delivered.get(line.key) !== line.seq) {
      throw new Error(
        `${line.key} was acknowledged at ${line.seq}, delivered at ${delivered.get(line.key) ?? 'no seq'}`,
      )
    }
  }
}
