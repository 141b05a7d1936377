import type { Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** An echo server of a test: where it is, and its end. */
export interface EchoServer {
  readonly url: string
  stop(): Promise<void>
}

/** Lets an HTTP server listen on a free port of loopback. Stopping it drops what is still connected. */
export async function listenOnLoopback(server: Server): Promise<EchoServer> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `ws://127.0.0.1:${port}/`,
    stop: async () => {
      const isClosed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const socket of sockets) socket.destroy()
      await isClosed
    },
  }
}
