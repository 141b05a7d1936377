import { roomOf } from '../../broker.ts'
import { type Maybe, whenReady } from '../../maybe.ts'
import type { SocketPort } from '../client.ts'
import type { PlainPeer } from './peer.ts'

/** A lenient client comes in: it gets its socket, is in its own rooms, hears `greet`, and only then the application. */
export function enter(client: PlainPeer, greet: (() => void) | undefined): Maybe<void> {
  return whenReady(client.namespace.admit(client, undefined), (socket) =>
    whenReady(joinOwnRooms(client, socket), () => {
      if (!client.outbox.alive) return
      client.socket = socket
      greet?.()
      socket.announce()
    }),
  )
}

function joinOwnRooms({ namespace, rooms }: PlainPeer, socket: SocketPort): Maybe<void> {
  const { name } = namespace
  const own = [roomOf(name, socket.id), roomOf(name, name), ...rooms.open()]
  return own.reduce<Maybe<void>>((before, room) => whenReady(before, () => rooms.join(room, false)), undefined)
}
