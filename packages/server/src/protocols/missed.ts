import type { Entry, Position, Room } from '../broker.ts'
import type { Hub } from '../hub/hub.ts'
import { type Maybe, whenReady } from '../maybe.ts'
import { recordOf } from './requests.ts'

/** What somebody missed in a room, as it is told inside an acknowledgement. */
export interface Missed {
  readonly recovered: boolean
  /** As in a page of history, the oldest first. */
  readonly publications: readonly unknown[]
}

/** More than this is not told in one acknowledgement: the reader has a gap, and asks for history. */
const MAX_BYTES = 4_000_000
const PAGE = { entries: 1_000, bytes: 1_000_000 }

/**
 * Reads what a room published after a position, up to its head, and then calls `done` in the turn in which nothing is
 * missing any more. Without a position there is nothing to be recovered.
 */
export function missedSince(
  hub: Hub,
  room: Room,
  since: Position | undefined,
  done: (missed: Missed) => Maybe<void>,
): Maybe<void> {
  const { logs } = hub
  const log = logs.of(room)
  const index = logs.indexOf(room)
  const entries: Entry[] = []
  let bytes = 0
  const readFrom = (from: Position): Maybe<void> => {
    if (from.epoch === logs.epochs[index] && from.seq >= (logs.heads[index] as number)) return tell(true)
    return whenReady(log.replay(new Map([[room, from]]), PAGE), (page) => {
      if (page.gaps.has(room)) return tell(false)
      for (const entry of page.entries) {
        entries.push(entry)
        bytes += entry.bytes
      }
      if (bytes > MAX_BYTES) return tell(false)
      return readFrom({ epoch: logs.epochs[index] as string, seq: page.upTo })
    })
  }
  const tell = (recovered: boolean): Maybe<void> =>
    done({ recovered, publications: recovered ? entries.map((entry) => JSON.parse(recordOf(entry, room))) : [] })
  return since === undefined ? tell(false) : readFrom(since)
}
