import { type ConnectPacket, RequestError } from '@partyline/protocol'
import { nameOf, type Place, type Position, type Room, roomOf } from '../../broker.ts'
import { nowhere } from '../../hub/logs.ts'
import { isSocketId } from '../../ids.ts'
import type { Session } from '../../sessions.ts'
import { ownRooms } from '../client-rooms.ts'
import { hasGap } from '../gaps.ts'
import type { PlainPeer } from './peer.ts'

/** A room that a client comes back to, or comes to with a position. */
export interface Return {
  readonly room: Room
  readonly asked: boolean
  /** Where it joined first; undefined where it joins now. */
  readonly joined: Place | undefined
  /** From where it reads on; undefined where it reads from now on. */
  readonly from: Position | undefined
  /** It has missed something before `from` that it may not have: told so, up to this seq. */
  readonly gapTo?: number
}

/** The rooms it is in from now on: its own, its session's, and those it lists. Rights are looked at again. */
export async function returnsOf(
  client: PlainPeer,
  id: string,
  session: Session,
  packet: ConnectPacket,
): Promise<Return[]> {
  const { namespace, context } = client
  const { maxRoomsPerClient } = context
  if ((packet.rooms?.size ?? 0) > maxRoomsPerClient + ownRooms) {
    throw new RequestError('too_many', `a client may be in ${maxRoomsPerClient} rooms`)
  }
  const listed = new Map<Room, Position>()
  for (const [name, position] of packet.rooms ?? []) {
    const room = roomOf(namespace.name, name)
    listed.set(room, context.hub.logs.fromClient(room, position))
  }
  const members = new Map<Room, { joined: Place | undefined; asked: boolean }>(session.rooms)
  const own = [id, namespace.name].map((name) => roomOf(namespace.name, name))
  for (const room of [...own, ...client.rooms.early]) {
    if (!members.has(room)) members.set(room, { joined: undefined, asked: false })
  }
  const returns: Return[] = []
  for (const [room, { joined, asked }] of members) {
    const back = await returnTo(client, room, asked, joined, listed.get(room))
    if (back !== undefined) returns.push(back)
    listed.delete(room)
  }
  for (const [room, position] of listed) {
    if (returns.length - ownRooms >= maxRoomsPerClient) break
    const come = await returnTo(client, room, true, undefined, position)
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
  const own = name === namespace.name || isSocketId(name)
  if (!own && namespace.rules.of(name).recover === 'kept') return { room, asked, joined, from: listed }
  // `own`: what it was a member for. A stranger has a gap; who stands before its joining has one up to there.
  if (member === undefined) return { room, asked, joined, from: nowhere }
  const { logs } = context.hub
  const isLater = listed.seq >= member.seq && listed.epoch === logs.epochs[logs.indexOf(room)]
  if (isLater) return { room, asked, joined, from: listed }
  return { room, asked, joined, from: member, gapTo: member.seq }
}

/** Whether something of what was missed cannot be replayed: `welcome` says so before the replay begins. */
export async function isGapped({ context }: PlainPeer, returns: readonly Return[]): Promise<boolean> {
  if (returns.some(({ gapTo }) => gapTo !== undefined)) return true
  const from = new Map<Room, Position>()
  for (const each of returns) if (each.from !== undefined) from.set(each.room, each.from)
  return hasGap(context.hub.logs, from)
}
