import { type ConnectPacket, encodeWelcome, RequestError } from '@partyline/protocol'
import { nameOf, type Place, type Position, type Room, roomOf } from '../../broker.ts'
import type { Session } from '../../sessions.ts'
import type { SocketPort } from '../client.ts'
import { ownRooms } from '../client-rooms.ts'
import type { PlainPeer } from './peer.ts'

/** A room that a client comes back to, or comes to with a position. */
interface Return {
  readonly room: Room
  readonly asked: boolean
  /** Where it joined first; undefined where it joins now. */
  readonly joined: Place | undefined
  /** From where it reads on; undefined where it reads from now on. */
  readonly from: Position | undefined
}

/**
 * The answer to a strict client's `connect`: its session where it proves one, its socket, and then in one step its rooms,
 * `welcome` and the cursor that brings what was missed.
 */
export async function connectStrict(client: PlainPeer, packet: ConnectPacket): Promise<void> {
  const { context, namespace, handshake, rooms } = client
  if (packet.token !== undefined) handshake.auth.token = packet.token
  if (packet.name !== undefined) handshake.auth.name = packet.name
  client.setName(packet.name)
  const claimed =
    packet.session === undefined ? undefined : await context.sessions.claim(packet.session, namespace.name, client)
  if (claimed === 'taken_over') return client.onTakenOver()
  if (claimed !== undefined) client.user = claimed.user
  rooms.session = claimed
  if (!client.outbox.alive) return rooms.suspend() // the line broke while the claim was on its way
  const socket = await namespace.admit(client, claimed)
  if (!client.outbox.alive) return
  rooms.session ??= context.sessions.open(socket.id, namespace.name, client.user, socket.data, client)
  await comeIn(client, socket, rooms.session, packet)
}

async function comeIn(client: PlainPeer, socket: SocketPort, session: Session, packet: ConnectPacket): Promise<void> {
  const { hub, sessions } = client.context
  const returns = await returnsOf(client, socket.id, session, packet)
  for (const { room } of returns) await hub.follow(room)
  const gapped = await hasGap(client, returns)
  session.rooms.clear()
  for (const { room, asked, joined } of returns) session.rooms.set(room, { joined: joined ?? hub.logs.place(), asked })
  await sessions.save(session)
  if (!client.outbox.alive || !sessions.holds(session, client)) return
  // From here on in one turn: no publication comes between the joins, the welcome and the cursor.
  client.socket = socket
  for (const { room, asked, joined } of returns) client.rooms.enter(room, joined ?? hub.logs.place(), asked)
  const cameBack = packet.session !== undefined || packet.rooms !== undefined
  client.outbox.say(welcomeText(client, socket, session, returns, cameBack && !gapped))
  const from = new Map<Room, Position>()
  for (const each of returns) if (each.from !== undefined) from.set(each.room, each.from)
  if (from.size > 0) {
    client.outbox.read(from)
  }
  socket.announce()
}

function welcomeText(
  client: PlainPeer,
  socket: SocketPort,
  session: Session,
  returns: readonly Return[],
  recovered: boolean,
): string {
  const { context, namespace, user } = client
  const { heartbeatMs, maxPayloadBytes } = context
  const names = returns.map(({ room }) => nameOf(room))
  const rooms = names.filter((name) => name !== socket.id && name !== namespace.name)
  const epoch = context.hub.logs.epoch
  return encodeWelcome({
    id: socket.id,
    session: session.secret,
    epoch,
    rooms,
    recovered,
    user,
    heartbeatMs,
    maxPayloadBytes,
  })
}

/** The rooms it is in from now on: its own, its session's, and those it lists. Rights are looked at again. */
async function returnsOf(client: PlainPeer, id: string, session: Session, packet: ConnectPacket): Promise<Return[]> {
  const { namespace, context } = client
  const listed = new Map<Room, Position>()
  for (const [name, position] of packet.rooms ?? []) {
    const room = roomOf(namespace.name, name)
    listed.set(room, context.hub.logs.fromClient(room, position))
  }
  const members = new Map<Room, { joined: Place | undefined; asked: boolean }>(session.rooms)
  const ownRoom = roomOf(namespace.name, id)
  for (const room of [ownRoom, roomOf(namespace.name, namespace.name), ...client.rooms.open()]) {
    if (!members.has(room)) members.set(room, { joined: undefined, asked: false })
  }
  const returns: Return[] = []
  for (const [room, { joined, asked }] of members) {
    const back = await returnTo(client, room, asked, joined, listed.get(room), ownRoom)
    if (back !== undefined) returns.push(back)
    listed.delete(room)
  }
  for (const [room, position] of listed) {
    if (returns.length - ownRooms >= context.maxRoomsPerClient) break
    const come = await returnTo(client, room, true, undefined, position, ownRoom)
    if (come !== undefined) returns.push(come)
  }
  return returns
}

const at = (client: PlainPeer, room: Room, joined: Place | undefined): Position | undefined =>
  joined?.[client.context.hub.logs.indexOf(room)]

/** Undefined where it may no longer join: the room is then missing in `welcome.rooms`. */
async function returnTo(
  client: PlainPeer,
  room: Room,
  asked: boolean,
  joined: Place | undefined,
  listed: Position | undefined,
  ownRoom: Room,
): Promise<Return | undefined> {
  const { namespace, context, user } = client
  const name = nameOf(room)
  try {
    if (asked) await context.requests.allow(namespace, name, 'subscribe', user)
  } catch (error) {
    if (error instanceof RequestError) return undefined
    throw error
  }
  const member = at(client, room, joined)
  if (listed === undefined) return { room, asked, joined, from: member }
  const own = name === namespace.name || room === ownRoom
  if (!own && namespace.rules.of(name).recover === 'kept') return { room, asked, joined, from: listed }
  // `own`: not further back than it was a member, and a stranger has a gap
  const { logs } = context.hub
  const from = member === undefined ? { epoch: '', seq: 0 } : logs.later(logs.indexOf(room), listed, member)
  return { room, asked, joined, from }
}

/** Whether something of what was missed cannot be replayed: `welcome` says so before the replay begins. */
async function hasGap(client: PlainPeer, returns: readonly Return[]): Promise<boolean> {
  const { logs } = client.context.hub
  for (const [index, log] of logs.all.entries()) {
    const since = new Map<Room, Position>()
    for (const { room, from } of returns) if (from !== undefined && logs.indexOf(room) === index) since.set(room, from)
    if (since.size > 0 && (await log.replay(since, { entries: 1, bytes: 1 })).gaps.size > 0) return true
  }
  return false
}
