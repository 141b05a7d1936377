import { io as dial, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client'
import { afterEach } from 'vitest'
import { once } from './served.ts'

export type StockOptions = Partial<ManagerOptions & SocketOptions>

const opened = new Set<Socket>()
afterEach(() => {
  for (const socket of opened) socket.disconnect()
  opened.clear()
})

/** How a stock client may travel. */
export const ways: readonly (readonly [string, StockOptions])[] = [
  ['polling', { transports: ['polling'] }],
  ['WebSocket', { transports: ['websocket'] }],
  ['polling and then WebSocket', {}],
]

/** The client of the package `socket.io-client`, on a connection of its own; it does not come back by itself. */
export function dialStock(url: string, options: StockOptions = {}): Socket {
  const socket = dial(url.replace(/^ws/, 'http'), { forceNew: true, reconnection: false, ...options })
  opened.add(socket)
  return socket
}

/** The same, once it is in. Rejects where it is refused. */
export async function comeStock(url: string, options: StockOptions = {}): Promise<Socket> {
  const socket = dialStock(url, options)
  await arrival(socket)
  return socket
}

/** Resolves when it is in, rejects where it is refused. */
export function arrival(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('connect_error', reject)
  })
}

/** Resolves when it has changed to a WebSocket, where it means to. */
export async function settled(socket: Socket): Promise<void> {
  const { engine } = socket.io
  const { transports = [] } = socket.io.opts
  if (transports.length === 1 || engine.transport.name === 'websocket') return
  await once(engine, 'upgrade')
}

/** Everything that it hears from now on. */
export function record(socket: Socket): unknown[][] {
  const heard: unknown[][] = []
  socket.onAny((...event: unknown[]) => heard.push(event))
  return heard
}

/** Resolves when everything that was said to it until now has come. */
export async function caughtUp(
  socket: Socket,
  io: { to(id: string): { emit(event: string): unknown } },
): Promise<void> {
  const heard = once(socket, 'caught up')
  io.to(socket.id as string).emit('caught up')
  await heard
}
