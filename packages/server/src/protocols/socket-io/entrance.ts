import { RequestError } from '@partyline/protocol'
import { nameOf, type Place, type Position, type Room, roomOf } from '../../broker.ts'
import { type Maybe, whenReady } from '../../maybe.ts'
import type { Session, SessionRoom } from '../../sessions.ts'
import { hasGap } from '../gaps.ts'
import type { SocketIoClient } from './socket-io-client.ts'

/** What somebody was in who comes back, and cannot have all that it missed. */
export interface Former {
  readonly rooms: ReadonlyMap<Room, SessionRoom>
  readonly from: Map<Room, Position>
  readonly place: Place | undefined
}

/**
 * A client that comes for the first time, or cannot be recovered: middlewares are asked, and it is in its own rooms.
 * `former`: the rooms that it had asked for it is in again, hears what can be heard of them, and of what is missing.
 */
export function enterAnew(client: SocketIoClient, former?: Former): Maybe<void> {
  const { context, namespace, rooms } = client
  return whenReady(namespace.admit(client, undefined), (socket) => {
    if (context.recovery !== undefined && client.outbox.alive) {
      rooms.session = context.sessions.open(socket.id, namespace.name, client.user, socket.data, client)
    }
    const own = [roomOf(namespace.name, socket.id), roomOf(namespace.name, namespace.name), ...rooms.open()]
    const joined = own.reduce<Maybe<void>>(
      (before, room) => whenReady(before, () => rooms.join(room, false)),
      undefined,
    )
    return whenReady(joined, () => {
      if (!client.welcome(socket)) {
        socket.abandoned()
        return rooms.end()
      }
      for (const [room, { joined, asked }] of former?.rooms ?? []) rooms.enter(room, joined, asked)
      if (former !== undefined && former.from.size > 0) client.outbox.read(former.from, former.place)
      socket.announce()
    })
  })
}

/** What a client brings of connection state recovery: `pid`, its session's secret, and the offset of the last event it has had. */
export function broughtBy(client: SocketIoClient): { pid: string; offset: string | undefined } | undefined {
  const { pid, offset } = client.handshake.auth
  if (client.context.recovery === undefined || typeof pid !== 'string') return undefined
  return { pid, offset: typeof offset === 'string' ? offset : undefined }
}

/**
 * A client that comes back: as the same socket, in its rooms, and with all that it missed. CONNECT stands before that.
 * False where it has no session here; where something is missing, what it was in.
 */
export async function enterAgain(
  client: SocketIoClient,
  pid: string,
  offset: string | undefined,
): Promise<boolean | Former> {
  const { context, namespace, rooms } = client
  const { hub, sessions, recovery } = context
  const { logs } = hub
  const place =
    offset === undefined || recovery === undefined ? undefined : logs.parsePlace(recovery.offsets.placeOf(offset))
  if (offset !== undefined && place === undefined) return false
  const session = await sessions.claim(pid, namespace.name, client, client.identity?.user.id)
  if (session === undefined || session === 'taken_over') return false
  client.restore(session)
  await leaveForbidden(client, session)
  const from = positionsOf(client, session.rooms, place)
  for (const room of session.rooms.keys()) await hub.follow(room)
  if (await hasGap(logs, from)) {
    await sessions.end(session, client)
    const asked = new Map([...session.rooms].filter(([, room]) => room.asked))
    return { rooms: asked, from: positionsOf(client, asked, place), place }
  }
  rooms.session = session
  const socket = await namespace.admit(client, session, recovery?.skipMiddlewares)
  if (!client.outbox.alive || !sessions.holds(session, client)) {
    socket.abandoned()
    return true
  }
  // From here on in one turn: no publication comes between the joins, CONNECT and the cursor.
  for (const room of rooms.open()) if (!session.rooms.has(room)) rooms.enter(room, logs.place(), false)
  for (const [room, { joined, asked }] of session.rooms) rooms.enter(room, joined, asked)
  if (!client.welcome(socket)) {
    socket.abandoned()
    await rooms.suspend() // it can still come back
    return true
  }
  if (from.size > 0) client.outbox.read(from, place)
  socket.announce()
  return true
}

/** Rooms that it had asked for, and may not be in any more. */
async function leaveForbidden({ context, namespace, user }: SocketIoClient, { rooms }: Session): Promise<void> {
  for (const [room, { asked }] of [...rooms]) {
    if (!asked) continue
    try {
      await context.requests.allow(namespace, nameOf(room), 'subscribe', user)
    } catch (error) {
      if (!(error instanceof RequestError)) throw error
      rooms.delete(room)
    }
  }
}

/** From where each of its rooms is read: where the client stands, but not before it joined. */
function positionsOf(
  { context }: SocketIoClient,
  rooms: ReadonlyMap<Room, SessionRoom>,
  place: Place | undefined,
): Map<Room, Position> {
  const { logs } = context.hub
  const from = new Map<Room, Position>()
  for (const [room, { joined }] of rooms) {
    const index = logs.indexOf(room)
    const member = joined[index] as Position
    const reader = place?.[index]
    from.set(
      room,
      reader === undefined || reader.epoch !== member.epoch ? (reader ?? member) : logs.later(index, member, reader),
    )
  }
  return from
}
