import type { Draft, Entry, Keep, Log, Position, Replay, ReplayLimit, Room } from '../../src/broker.ts'

/** A clock that stands until it is moved. */
export interface SuiteClock {
  /** Lets time pass, and whatever the log does meanwhile. */
  pass(ms: number): void | Promise<void>
}

/** What a log is made with for one test. */
export interface LogSuiteOptions {
  readonly keep: (room: Room) => Keep
  /** A key is remembered at least so long. */
  readonly minKeyAgeMs?: number
  /** All rooms together. */
  readonly maxBytes?: number
  /** Rooms without anything kept whose own floor is known. */
  readonly maxFloors?: number
}

export type MakeLog = (options: LogSuiteOptions) => { readonly log: Log; readonly clock: SuiteClock }

const everything: ReplayLimit = { entries: 10_000, bytes: 1e9 }
export const a: Room = '/\0a'
export const b: Room = '/\0b'
export const unkept: Room = '/\0unkept'

const keepMuch: LogSuiteOptions['keep'] = (room) => room !== unkept && { entries: 1_000, ageMs: 60_000 }

/** A draft of one argument. */
export function draftOf(event: string, rooms: readonly Room[], more: Partial<Draft> = {}): Draft {
  return { rooms, except: [], event, args: '[1]', arity: 1, published: true, from: null, at: 0, ...more }
}

/** The events of a page: what the tests tell entries apart by. */
export const eventsOf = ({ entries }: Pick<Replay, 'entries'>): string[] => entries.map(({ event }) => event)

/** A started log, what it has delivered, and its head at the start. */
export async function openLog(make: MakeLog, options: Partial<LogSuiteOptions>) {
  const { log, clock } = make({ keep: keepMuch, ...options })
  const delivered: Entry[] = []
  const start = await log.start((entry) => delivered.push(entry))
  const publish = (event: string, rooms: readonly Room[], more?: Partial<Draft>) =>
    log.publish(draftOf(event, rooms, more))
  const at = (seq: number): Position => ({ epoch: start.epoch, seq })
  const replay = (since: readonly (readonly [Room, Position])[], limit = everything) =>
    log.replay(new Map(since), limit)
  return { log, clock, delivered, start, publish, at, replay }
}
