import type { Draft, Entry, Log, Place, Position, Room } from '../../../src/broker.ts'
import { MemoryLog } from '../../../src/brokers/memory.ts'
import type { Clock } from '../../../src/clock.ts'
import { Flush } from '../../../src/flush.ts'
import { Hub } from '../../../src/hub/hub.ts'
import type { Outbox } from '../../../src/hub/outbox.ts'
import { whenReady } from '../../../src/maybe.ts'
import { DelayedLog } from '../../suites/delayed-log.ts'
import { check } from './checker.ts'
import { FakeLine } from './line.ts'
import type { Allowances, Line, Told } from './lines.ts'
import { ModelReader } from './reader.ts'
import { stampedForm, strictForm } from './wire-forms.ts'

/** What a schedule is played on. */
export interface Setting {
  readonly maxBufferedBytes: number
  readonly hardMaxBufferedBytes: number
  /** Entries that most rooms keep. */
  readonly keep: number
  /** Entries of one page of a replay, at most. */
  readonly page: number
  /** Whether the log that answers at once is the first of the two. */
  readonly memoryFirst: boolean
}

/** What a room of the model is: its log, and whether it keeps anything. The name tells. */
const isDelayed = (room: Room): boolean => room.startsWith('/\0d')
const isKept = (room: Room): boolean => !room.endsWith('-')

export const rooms: readonly Room[] = ['/\0m1', '/\0m2', '/\0m3', '/\0m-', '/\0d1', '/\0d2', '/\0d3', '/\0d-']

const stillClock: Clock = { now: () => 0, date: () => 0, setTimeout: () => 0, clearTimeout: () => {} }

/** A client, what the server keeps of it (its session), and the line between them while there is one. */
interface Party {
  readonly reader: ModelReader
  readonly session: Map<Room, Place>
  line: FakeLine | undefined
  outbox: Outbox | undefined
}

/** A hub over two logs, one of which answers later, its clients, and the transcript of what happens. */
export class World {
  readonly lines: Line[] = []
  readonly parties: readonly Party[]
  /** What the delayed log has still to do. */
  pending: (() => void)[] = []
  readonly #setting: Setting
  readonly #committed: Entry[] = []
  #handed = 0
  #durable: MemoryLog
  #flush = new Flush()
  #hub: Hub
  #serial = 0

  constructor(setting: Setting) {
    this.#setting = setting
    this.#durable = this.#memoryLog('durable')
    this.#hub = this.#makeHub()
    const names = ['strict1', 'strict2', 'stamped1', 'stamped2']
    this.parties = names.map((name) => {
      return {
        reader: new ModelReader(name, name.startsWith('strict')),
        session: new Map(),
        line: undefined,
        outbox: undefined,
      }
    })
  }

  get hub(): Hub {
    return this.#hub
  }

  get allowances(): Map<string, Allowances> {
    return new Map(this.parties.map(({ reader }) => [reader.name, { again: reader.isStrict }]))
  }

  async start(): Promise<void> {
    await this.#start()
    for (const party of this.parties) this.connect(party)
  }

  async #start(): Promise<void> {
    const started = this.#hub.start()
    await ticks()
    while (this.pending.length > 0) await this.work(() => 0)
    await started
  }

  #memoryLog(name: string): MemoryLog {
    const entries = this.#setting.keep
    return new MemoryLog(name, {
      clock: stillClock,
      keep: (room) => isKept(room) && { entries, ageMs: Number.POSITIVE_INFINITY },
    })
  }

  #makeHub(): Hub {
    const memory = this.#memoryLog('memory')
    const durable = new DelayedLog(
      tapped(this.#durable, (entry) => this.#committed.push(entry)),
      (run) => this.pending.push(run),
    )
    const logs = [this.#observed(memory), this.#observed(durable)]
    if (!this.#setting.memoryFirst) logs.reverse()
    const { maxBufferedBytes, hardMaxBufferedBytes } = this.#setting
    return new Hub({
      logs,
      logOf: (room) => Number(isDelayed(room) === this.#setting.memoryFirst),
      keeps: isKept,
      flush: this.#flush,
      maxBufferedBytes,
      hardMaxBufferedBytes,
    })
  }

  /** Notes in the transcript what the log delivers, and lets it answer in small pages. */
  #observed(log: Log): Log {
    const { page } = this.#setting
    const observed = tapped(log, (entry) => {
      if (entry.log === 'durable') this.#handed++
      this.#noteDelivered(entry)
    })
    observed.replay = (since, limit) => log.replay(since, { ...limit, entries: Math.min(page, limit.entries) })
    return observed
  }

  #noteDelivered({ event, rooms, except, log, epoch, seq }: Entry): void {
    const entry: Told = { key: event, rooms, except, log, epoch, seq }
    this.lines.push({ kind: 'delivered', entry })
  }

  publish(rooms: readonly Room[], except: readonly Room[], bytes: number): void {
    const draft = this.#draft(rooms, except, bytes)
    const acked = whenReady(this.#hub.publish(draft), ({ position }) => {
      this.lines.push({ kind: 'acked', key: draft.event, seq: position.seq })
    })
    if (acked instanceof Promise) acked.catch(() => {})
  }

  throw(rooms: readonly Room[], except: readonly Room[]): void {
    const draft = this.#draft(rooms, except, 0)
    this.lines.push({ kind: 'thrown', key: draft.event, rooms, except })
    this.#hub.publishVolatile(draft)
  }

  #draft(rooms: readonly Room[], except: readonly Room[], bytes: number): Draft {
    const key = `p${++this.#serial}`
    const args = JSON.stringify(['x'.repeat(bytes)])
    return { rooms, except, event: key, args, arity: 1, published: true, from: null, at: 0 }
  }

  /** A client connects, or comes back with its session and what it remembers. */
  connect(party: Party, window = Number.POSITIVE_INFINITY): void {
    if (party.line !== undefined) return
    const { reader, session } = party
    const line = new FakeLine(window)
    const outbox = this.#hub.outbox(line, reader.isStrict ? strictForm : stampedForm)
    line.onWritable = () => outbox.onWritable()
    party.line = line
    party.outbox = outbox
    this.lines.push({ kind: 'connected', reader: reader.name })
    for (const [room, joined] of session) this.#hub.join(outbox, room, joined)
    this.#say(party, { kind: 'welcome', epoch: this.#hub.logs.epoch }, { ahead: true })
    const { from, place } = this.#standsAt(party)
    const cursor = outbox.read(from, place)
    const id = this.#noteSaid(party)
    outbox.sayLater(() => JSON.stringify({ kind: 'said', id, recovered: cursor.gapped.size === 0 }))
  }

  /** Where a client that comes back reads on: `return` in the algorithm. */
  #standsAt({ reader, session }: Party): { from: Map<Room, Position>; place: Place | undefined } {
    const { logs } = this.#hub
    const from = new Map<Room, Position>()
    const listed = reader.listed()
    const place = reader.place === undefined ? undefined : logs.parsePlace(reader.place)
    for (const [room, joined] of session) {
      const index = logs.indexOf(room)
      const since = joined[index] as Position
      const own = listed.get(room)
      if (reader.isStrict) from.set(room, own === undefined ? since : logs.fromClient(room, own))
      else from.set(room, place === undefined ? since : logs.later(index, place[index] as Position, since))
    }
    return { from, place }
  }

  /** The line breaks; of what was written, so many bytes arrive. */
  drop(party: Party, bytes: number): void {
    if (party.line === undefined) return
    this.read(party, bytes)
    this.#hub.drop(party.outbox as Outbox)
    party.line = undefined
    party.outbox = undefined
    party.reader.drop()
    this.lines.push({ kind: 'dropped', reader: party.reader.name })
  }

  join(party: Party, room: Room, isSince: boolean): void {
    const { reader, session, outbox } = party
    if (outbox === undefined || session.has(room) || reader.standing(room) === 'asked') return
    const since = isSince && reader.isStrict && reader.standing(room) === 'out' ? reader.position(room) : undefined
    reader.ask(room, since)
    const { joined } = this.#hub.join(outbox, room)
    session.set(room, joined)
    const told = since === undefined ? undefined : this.#hub.logs.fromClient(room, since)
    this.lines.push({ kind: 'joined', reader: reader.name, room, ...(told !== undefined && { since: told }) })
    if (told !== undefined) outbox.read(new Map([[room, told]]))
    const seq = this.#hub.logs.heads[this.#hub.logs.indexOf(room)]
    this.#say(party, { kind: 'joined', room, epoch: this.#hub.logs.epoch, seq, since: since !== undefined })
  }

  leave(party: Party, room: Room): void {
    if (party.reader.standing(room) !== 'in' || !this.expel(party, room)) return
    party.reader.leave(room)
    this.#say(party, { kind: 'left', room })
  }

  /** The server lets a client in by itself and says nothing. (A strict client would have no position in the room.) */
  pull(party: Party, room: Room): void {
    const { reader, session, outbox } = party
    if (outbox === undefined || session.has(room) || reader.isStrict) return
    session.set(room, this.#hub.join(outbox, room).joined)
    this.lines.push({ kind: 'joined', reader: reader.name, room })
  }

  /** The server takes a client out. */
  expel(party: Party, room: Room): boolean {
    if (party.outbox === undefined || !party.session.delete(room)) return false
    this.#hub.leave(party.outbox, room)
    this.lines.push({ kind: 'left', reader: party.reader.name, room })
    return true
  }

  say(party: Party): void {
    this.#say(party, { kind: 'said' })
  }

  sayVolatile(party: Party): void {
    if (party.outbox === undefined) return
    const id = this.#noteSaid(party, { volatile: true })
    party.outbox.sayVolatile(JSON.stringify({ kind: 'said', id }))
  }

  #say(party: Party, message: object, how: { ahead?: boolean } = {}): void {
    if (party.outbox === undefined) return
    const id = this.#noteSaid(party, how)
    party.outbox.say(JSON.stringify({ ...message, id }))
  }

  #noteSaid(party: Party, how: { volatile?: boolean; ahead?: boolean } = {}): string {
    const id = `s${++this.#serial}`
    this.lines.push({ kind: 'said', reader: party.reader.name, id, ...how })
    return id
  }

  /** The client takes so many bytes of what was written to it. */
  read(party: Party, bytes: number): void {
    const { line, reader } = party
    if (line === undefined) return
    const name = reader.name
    for (const text of line.read(bytes)) {
      const heard = reader.hear(text)
      if (heard.kind === 'entry' && heard.seq === 0) this.lines.push({ kind: 'heard', reader: name, id: heard.key })
      else if (heard.kind === 'entry')
        this.lines.push({ kind: 'received', reader: name, room: heard.room, key: heard.key })
      else if (heard.kind === 'gap') {
        this.lines.push({
          kind: 'gap',
          reader: name,
          room: heard.room,
          position: this.#hub.logs.fromClient(heard.room, heard),
        })
      } else if (heard.kind === 'said' && heard.recovered !== undefined) {
        this.lines.push({ kind: 'heard', reader: name, id: heard.id, recovered: heard.recovered })
      } else this.lines.push({ kind: 'heard', reader: name, id: heard.id })
    }
  }

  flush(): void {
    this.#flush.now()
    for (const party of this.parties) if (party.line?.closed !== undefined) this.drop(party, party.line.waiting)
  }

  /** The delayed log does one of the things it has to do. */
  async work(pick: (count: number) => number): Promise<void> {
    const [run] = this.pending.splice(pick(this.pending.length), 1)
    if (run === undefined) return
    run()
    await ticks()
  }

  /** The process dies: the memory log with it. Sessions and the durable log remain; what it had committed counts. */
  async crash(): Promise<void> {
    for (const party of this.parties) this.drop(party, party.line?.waiting ?? 0)
    await ticks()
    this.pending = []
    this.#flush = new Flush()
    this.#hub = this.#makeHub()
    for (; this.#handed < this.#committed.length; this.#handed++)
      this.#noteDelivered(this.#committed[this.#handed] as Entry)
    await this.#start()
  }

  /** Everybody comes back and reads until nothing is left to say; then nothing may be missing. */
  async settle(): Promise<void> {
    for (const party of this.parties) this.connect(party)
    for (let quiet = 0; quiet < 2; ) {
      const before = this.lines.length
      for (const party of this.parties) {
        this.connect(party)
        party.line?.widen(Number.POSITIVE_INFINITY)
        this.read(party, Number.POSITIVE_INFINITY)
      }
      this.flush()
      const isBusy = this.pending.length > 0
      while (this.pending.length > 0) await this.work(() => 0)
      quiet = isBusy || this.lines.length > before ? 0 : quiet + 1
    }
  }

  check(): void {
    check(this.lines, this.allowances)
  }
}

/** Promises that are ready, and what hangs on them, get their turn. */
async function ticks(): Promise<void> {
  for (let i = 0; i < 12; i++) await null
}

/** The same log, seen: `onEntry` is called before the entry is handed on. */
function tapped(log: Log, onEntry: (entry: Entry) => void): Log {
  return {
    name: log.name,
    start: (deliver) => {
      return log.start((entry) => {
        onEntry(entry)
        deliver(entry)
      })
    },
    follow: (room, on) => log.follow(room, on),
    publish: (draft) => log.publish(draft),
    replay: (since, limit) => log.replay(since, limit),
    history: (room, query) => log.history(room, query),
    close: () => log.close(),
  }
}
