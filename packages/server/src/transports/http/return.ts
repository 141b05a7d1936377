import type { Place, Position, Room } from '../../broker.ts'
import { type Logs, nowhere } from '../../hub/logs.ts'
import type { ResolvedRule } from '../../rules.ts'

/** A room that a reader may be in, with its rule. */
export interface ReadRoom {
  readonly room: Room
  readonly rule: ResolvedRule
}

/** What comes back in a head or a query goes out again in an `id:` line: only what a place can be made of. */
const PLACE = /^[\w.-]+$/

/** The place that a client brings; undefined where it is malformed. */
export function placeOf(logs: Logs, text: string): Place | undefined {
  return PLACE.test(text) ? logs.parsePlace(text) : undefined
}

export function placeText(logs: Logs, place: Place): string {
  return logs.placeText(
    place.map(({ seq }) => seq),
    place.map(({ epoch }) => epoch),
  )
}

/**
 * From where a reader that comes back with a place reads each room. Without a session nobody knows since when it was
 * in a room: where the rule says `own` it gets nothing of what it missed, but no gap either where there was nothing.
 */
export async function positionsFrom(
  logs: Logs,
  rooms: readonly ReadRoom[],
  place: Place | undefined,
): Promise<Map<Room, Position>> {
  const from = new Map<Room, Position>()
  for (const { room, rule } of rooms) {
    const position = place?.[logs.indexOf(room)] ?? nowhere
    from.set(room, rule.recover === 'kept' ? position : await withoutReading(logs, room, position))
  }
  return from
}

async function withoutReading(logs: Logs, room: Room, position: Position): Promise<Position> {
  if (position.epoch !== logs.epochs[logs.indexOf(room)]) return nowhere
  const page = await logs.of(room).replay(new Map([[room, position]]), { entries: 1, bytes: 1 })
  if (page.gaps.size > 0 || page.entries.length > 0) return nowhere
  return { epoch: position.epoch, seq: page.upTo }
}
