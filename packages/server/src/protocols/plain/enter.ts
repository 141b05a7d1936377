import { roomOf } from '../../broker.ts'
import type { Maybe } from '../../maybe.ts'
import type { SocketPort } from '../client.ts'
import type { PlainPeer } from './peer.ts'

/**
 * A lenient client comes in: it gets its socket, is in its own rooms, hears `greet`, and only then the application. Where
 * nothing takes its time it is done at once, without a closure a step: a server that has begun meets its crowd cold.
 */
export function enter(client: PlainPeer, greet: (() => void) | undefined): Maybe<void> {
  const admitted = client.namespace.admit(client, undefined)
  if (admitted instanceof Promise) return admitted.then((socket) => comeIn(client, socket, greet))
  return comeIn(client, admitted, greet)
}

function comeIn(client: PlainPeer, socket: SocketPort, greet: (() => void) | undefined): Maybe<void> {
  const { name } = client.namespace
  const early = client.rooms.open()
  const own = [roomOf(name, socket.id), roomOf(name, name)]
  const joined = joinAll(client, early.length === 0 ? own : [...own, ...early], 0)
  if (joined instanceof Promise) return joined.then(() => announce(client, socket, greet))
  return announce(client, socket, greet)
}

/** One after the other, from this one on. */
function joinAll(client: PlainPeer, rooms: readonly string[], from: number): Maybe<void> {
  for (let i = from; i < rooms.length; i++) {
    const joined = client.rooms.join(rooms[i] as string, false)
    if (joined instanceof Promise) return joined.then(() => joinAll(client, rooms, i + 1))
  }
}

function announce(client: PlainPeer, socket: SocketPort, greet: (() => void) | undefined): void {
  if (!client.outbox.alive) return
  client.socket = socket
  greet?.()
  socket.announce()
}
