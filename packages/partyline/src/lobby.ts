import { RequestError } from '@partyline/protocol'
import type { Server, Socket } from '@partyline/server'

/** The room in which everybody meets who has not chosen another one. */
export const lobby = 'lobby'

type Acknowledge = (position: unknown) => void

/**
 * The namespace `/`: what is said as the event `message` is published in the lobby, and a client that knows nothing but
 * text, or speaks Socket.IO, is in the lobby from the start, so that a page of five lines is a chat.
 */
export function serveLobby(io: Server): void {
  io.on('connection', (socket) => {
    socket.on('message', (...args: unknown[]) => publish(io, socket, args))
    if (isJoinedAtOnce(socket)) return socket.join(lobby)
  })
}

async function publish(io: Server, socket: Socket, args: readonly unknown[]): Promise<void> {
  const acknowledge = args.at(-1)
  const isAsked = typeof acknowledge === 'function'
  const said = isAsked ? args.slice(0, -1) : args
  if (said.length !== 1)
    throw new RequestError('invalid', 'a message here has one argument; "publish" takes it as data')
  const position = await io.publish(lobby, said[0], { from: socket.user })
  if (isAsked) (acknowledge as Acknowledge)(position)
}

/** A Socket.IO client, or a plain one that offered no sub-protocol; unless it says that it will subscribe by itself. */
function isJoinedAtOnce({ protocol, transport, handshake }: Socket): boolean {
  const { headers, query } = handshake
  const isStrict = protocol === 'plain' && (transport === 'polling' || headers['sec-websocket-protocol'] !== undefined)
  return !isStrict && query.subscribe !== 'none'
}
