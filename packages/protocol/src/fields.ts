// The fields that messages have in common, each checked once here. `null` counts as absent in optional ones.

import { reviveBinary } from './binary.ts'
import { RequestError } from './errors.ts'
import { isName, isReservedName } from './name.ts'
import { isPosition, isSeq, type Position } from './position.ts'

/** A handler is called with its arguments spread, and the stack holds only so many. */
export const maxArguments = 256

type Fields = Record<string, unknown>

/** The arguments: `args` where there is one, else `data`, else none. */
export function argumentsOf(fields: Fields, binary: boolean): unknown[] {
  const list = fields.args ?? undefined
  if (list === undefined) {
    const data = fields.data
    return data === undefined ? [] : [binary ? reviveBinary(data) : data]
  }
  if (!Array.isArray(list)) throw new RequestError('invalid', '"args" must be an array')
  if (list.length > maxArguments) throw new RequestError('invalid', `more than ${maxArguments} arguments`)
  if (binary) reviveBinary(list)
  return list as unknown[]
}

/** The arguments of an application's event: as above, but where there is neither, the rest of the object is the one argument. */
export function payloadOf(fields: Fields, strict: boolean, binary: boolean): unknown[] {
  if ((fields.args ?? fields.data) !== undefined) return argumentsOf(fields, binary)
  // Rest properties are defined, not assigned: an own `__proto__` stays one.
  const { type: _type, id: _id, ...rest } = fields
  if (strict) delete rest.key
  return [binary ? reviveBinary(rest) : rest]
}

export function roomOf(fields: Fields): string {
  const room = fields.room
  if (isName(room)) return room
  throw new RequestError('invalid', '"room" must be a string of 1 to 256 bytes without control characters')
}

/** The event of a publication; none is `message`. Names of the protocol's own are refused, so that no answer of the server's can be forged. */
export function publishedEventOf(fields: Fields): string {
  const event = fields.event ?? 'message'
  if (!isName(event)) {
    throw new RequestError('invalid', '"event" must be a string of 1 to 256 bytes without control characters')
  }
  if (isReservedName(event)) throw new RequestError('invalid', 'this event name is reserved')
  return event
}

export function keyOf(fields: Fields): string | undefined {
  const key = fields.key
  if (key === undefined || key === null) return undefined
  if (isName(key)) return key
  throw new RequestError('invalid', '"key" must be a string of 1 to 256 bytes without control characters')
}

export function flagOf(fields: Fields, name: string): boolean {
  const flag = fields[name] ?? false
  if (typeof flag === 'boolean') return flag
  throw new RequestError('invalid', `"${name}" must be true or false`)
}

export function textOf(fields: Fields, name: string): string | undefined {
  const text = fields[name] ?? undefined
  if (text === undefined || typeof text === 'string') return text
  throw new RequestError('invalid', `"${name}" must be a string`)
}

/** The name that a guest gives itself: the same rule as for other names. */
export function guestNameOf(fields: Fields): string | undefined {
  const name = fields.name ?? undefined
  if (name === undefined || isName(name)) return name
  throw new RequestError('invalid', '"name" must be a string of 1 to 256 bytes without control characters')
}

export function seqOf(fields: Fields, name: string): number | undefined {
  const seq = fields[name] ?? undefined
  if (seq === undefined || isSeq(seq)) return seq
  throw new RequestError('invalid', `"${name}" must be an integer from 0`)
}

/** How many are asked for: at least one; the server caps it. */
export function limitOf(fields: Fields): number | undefined {
  const limit = seqOf(fields, 'limit')
  if (limit === 0) throw new RequestError('invalid', '"limit" must be an integer from 1')
  return limit
}

export function sinceOf(fields: Fields): Position | undefined {
  const since = fields.since ?? undefined
  if (since === undefined) return undefined
  return positionOf(since, 'since')
}

/** The positions a client comes back with, room by room. */
export function positionsOf(fields: Fields): ReadonlyMap<string, Position> | undefined {
  const rooms = fields.rooms ?? undefined
  if (rooms === undefined) return undefined
  if (typeof rooms !== 'object' || Array.isArray(rooms)) {
    throw new RequestError('invalid', '"rooms" must be an object of {"epoch","seq"} by room')
  }
  const positions = new Map<string, Position>()
  for (const [room, position] of Object.entries(rooms as object)) {
    if (!isName(room)) throw new RequestError('invalid', 'a room in "rooms" is not a valid name')
    positions.set(room, positionOf(position, 'rooms'))
  }
  return positions
}

function positionOf(value: unknown, name: string): Position {
  if (isPosition(value)) return { epoch: value.epoch, seq: value.seq }
  throw new RequestError('invalid', `"${name}": a position is {"epoch": string, "seq": integer from 0}`)
}
