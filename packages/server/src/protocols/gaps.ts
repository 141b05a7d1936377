import type { Position, Room } from '../broker.ts'
import type { Logs } from '../hub/logs.ts'

/** Whether something of what rooms published after these positions cannot be replayed. */
export async function hasGap(logs: Logs, from: ReadonlyMap<Room, Position>): Promise<boolean> {
  for (const [index, log] of logs.all.entries()) {
    const since = new Map<Room, Position>()
    for (const [room, position] of from) if (logs.indexOf(room) === index) since.set(room, position)
    if (since.size > 0 && (await log.replay(since, { entries: 1, bytes: 1 })).gaps.size > 0) return true
  }
  return false
}
