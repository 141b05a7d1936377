import type { Draft, Log, Published, Replay, Room } from '../../src/broker.ts'
import { MemoryLog } from '../../src/brokers/memory.ts'
import type { Clock } from '../../src/clock.ts'
import { Flush } from '../../src/flush.ts'
import { Hub } from '../../src/hub/hub.ts'
import type { Outbox } from '../../src/hub/outbox.ts'
import type { WireForm } from '../../src/hub/wire-form.ts'
import type { Maybe } from '../../src/maybe.ts'
import { FakeLine } from './model/line.ts'
import { type Heard, strictForm, understand } from './model/wire-forms.ts'

const stillClock: Clock = { now: () => 0, date: () => 0, setTimeout: () => 0, clearTimeout: () => {} }

interface StageOptions {
  readonly maxBufferedBytes?: number
  readonly hardMaxBufferedBytes?: number
  /** Entries a room keeps; rooms whose name ends in "-" keep nothing. */
  readonly keep?: number
  /** Entries of one page of a replay, at most. */
  readonly page?: number
  /** Stands between the hub and its logs. */
  readonly wrap?: (log: Log) => Log
}

/** A client on a stage: its outbox, its line, and what it has read so far in short. */
export interface StageClient {
  readonly outbox: Outbox
  readonly line: FakeLine
  /** Everything that has come since the last call. */
  heard(): Heard[]
  /** The same in short: the keys of entries, the ids of messages, `gap ROOM SEQ`. */
  keys(): string[]
}

/** A hub over two memory logs: rooms whose name begins with "d" live in the second. Flushed by hand. */
export class Stage {
  readonly flush = new Flush()
  readonly hub: Hub
  readonly #page: number

  constructor({
    maxBufferedBytes = 1e6,
    hardMaxBufferedBytes = 1e9,
    keep = 1_000,
    page = 500,
    wrap,
  }: StageOptions = {}) {
    this.#page = page
    const logs = ['memory', 'durable'].map((name) => {
      const log = new MemoryLog(name, {
        clock: stillClock,
        keep: (room) => !room.endsWith('-') && { entries: keep, ageMs: Number.POSITIVE_INFINITY },
      })
      const paged = this.#paged(log)
      return wrap === undefined ? paged : wrap(paged)
    })
    this.hub = new Hub({
      logs,
      logOf: (room) => (room.startsWith('d') ? 1 : 0),
      keeps: (room) => !room.endsWith('-'),
      flush: this.flush,
      maxBufferedBytes,
      hardMaxBufferedBytes,
    })
    void this.hub.start()
  }

  #paged(log: MemoryLog): Log {
    const replay = log.replay.bind(log)
    log.replay = (since, limit): Replay => replay(since, { ...limit, entries: Math.min(limit.entries, this.#page) })
    return log
  }

  client(form: WireForm = strictForm): StageClient {
    const line = new FakeLine()
    const outbox = this.hub.outbox(line, form)
    line.onWritable = () => outbox.onWritable()
    const heard = (): Heard[] => line.read(Number.POSITIVE_INFINITY).map(understand)
    return { outbox, line, heard, keys: () => heard().map(inShort) }
  }

  /** A client that is in these rooms. */
  member(rooms: readonly Room[], form?: WireForm): StageClient {
    const client = this.client(form)
    for (const room of rooms) this.hub.join(client.outbox, room)
    return client
  }

  publish(
    key: string,
    rooms: Room | readonly Room[],
    { except = [] as readonly Room[], bytes = 1 } = {},
  ): Maybe<Published> {
    return this.hub.publish(draftOf(key, typeof rooms === 'string' ? [rooms] : rooms, except, bytes))
  }

  /** The numbers of a place as a client carries it. */
  seqsOf(place: string | undefined): number[] {
    return (this.hub.logs.parsePlace(place ?? '') ?? []).map(({ seq }) => seq)
  }
}

export function draftOf(key: string, rooms: readonly Room[], except: readonly Room[] = [], bytes = 1): Draft {
  const args = JSON.stringify(['x'.repeat(bytes)])
  return { rooms, except, event: key, args, arity: 1, published: true, from: null, at: 0 }
}

/** A message that {@link StageClient.keys} shows by its id. */
export const message = (id: string): string => JSON.stringify({ kind: 'said', id })

function inShort(heard: Heard): string {
  if (heard.kind === 'entry') return heard.key
  return heard.kind === 'gap' ? `gap ${heard.room} ${heard.seq}` : heard.id
}
