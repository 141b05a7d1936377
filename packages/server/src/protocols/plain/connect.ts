import { type ConnectPacket, encodeGap, encodeWelcome } from '@partyline/protocol'
import { nameOf, type Position, type Room } from '../../broker.ts'
import type { Session } from '../../sessions.ts'
import type { SocketPort } from '../client.ts'
import { identifyFirst } from './authenticate.ts'
import type { PlainPeer } from './peer.ts'
import { isGapped, type Return, returnsOf } from './returns.ts'

/**
 * The answer to a strict client's `connect`: its session where it proves one, its socket, and then in one step its rooms,
 * `welcome` and the cursor that brings what was missed.
 */
export async function connectStrict(client: PlainPeer, packet: ConnectPacket): Promise<void> {
  const { context, namespace, handshake, rooms } = client
  if (packet.token) handshake.auth.token = packet.token
  if (packet.name !== undefined) handshake.auth.name = packet.name
  // A session proves who one is, too, as long as what its token said holds.
  const bySession = !handshake.auth.token && packet.session !== undefined
  const who = bySession ? undefined : await identifyFirst(client)
  const claimed =
    packet.session === undefined
      ? undefined
      : await context.sessions.claim(packet.session, namespace.name, client, who?.user.id)
  if (claimed === 'taken_over') return client.onTakenOver()
  if (claimed === undefined && bySession) await identifyFirst(client)
  rooms.session = claimed
  if (who !== undefined) client.setUser(who.user, who.expiresAt)
  else if (claimed !== undefined) client.setUser(claimed.user, claimed.expiresAt)
  client.setName(packet.name)
  if (!client.outbox.alive) return rooms.suspend() // the line broke while the claim was on its way
  const socket = await namespace.admit(client, claimed)
  if (!client.outbox.alive) return
  rooms.session ??= context.sessions.open(socket.id, namespace.name, client.user, socket.data, client)
  rooms.session.expiresAt = client.expiresAt
  try {
    await comeIn(client, socket, rooms.session, packet, claimed !== undefined)
  } catch (error) {
    if (claimed === undefined) await rooms.end() // nobody was told of it, so nobody comes back for it
    throw error
  }
}

async function comeIn(
  client: PlainPeer,
  socket: SocketPort,
  session: Session,
  packet: ConnectPacket,
  restored: boolean,
): Promise<void> {
  const { hub, sessions } = client.context
  const returns = await returnsOf(client, socket.id, session, packet)
  for (const { room } of returns) await hub.follow(room)
  const gapped = await isGapped(client, returns)
  if (!sessions.holds(session, client)) return // a later connection has it, and its rooms
  session.rooms.clear()
  for (const { room, asked, joined } of returns) session.rooms.set(room, { joined: joined ?? hub.logs.place(), asked })
  await sessions.save(session)
  if (!client.outbox.alive || !sessions.holds(session, client)) return
  // From here on in one turn: no publication comes between the joins, the welcome and the cursor.
  client.socket = socket
  const early = client.rooms.open()
  for (const { room, asked, joined } of returns) client.rooms.enter(room, joined ?? hub.logs.place(), asked)
  for (const room of early) if (!session.rooms.has(room)) client.rooms.enter(room, hub.logs.place(), false)
  const recovered = !gapped && isAllBack(packet, returns, restored)
  client.outbox.say(welcomeText(client, socket, session, returns, recovered))
  const from = new Map<Room, Position>()
  for (const each of returns) {
    if (each.from !== undefined) from.set(each.room, each.from)
    if (each.gapTo !== undefined) client.outbox.say(encodeGap(nameOf(each.room), hub.logs.epoch, each.gapTo))
  }
  if (from.size > 0) client.outbox.read(from)
  socket.announce()
}

/** Whether the client came with something, and all of it is there again. */
function isAllBack({ session, rooms }: ConnectPacket, returns: readonly Return[], restored: boolean): boolean {
  if (session === undefined && rooms === undefined) return false
  const names = new Set(returns.map(({ room }) => nameOf(room)))
  return (session === undefined || restored) && [...(rooms?.keys() ?? [])].every((name) => names.has(name))
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
    ...(client.expiresAt === undefined ? undefined : { expiresAt: client.expiresAt }),
  })
}
