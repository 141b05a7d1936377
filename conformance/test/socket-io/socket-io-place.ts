import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type ApplicationServer, type SocketIoPlace, serveSocketIo, socketIoPlaces } from '../../src/socket-io/index.ts'
import type { Acquaintances } from '../../src/socket-io/known.ts'

/** The options of each place, in the words of `socketIoPlaces`. */
const options: Readonly<Record<SocketIoPlace, object>> = {
  main: { pingInterval: 100_000_000 },
  brisk: { pingInterval: 300 },
  impatient: { connectTimeout: 1_000, pingInterval: 300 },
}

/** What is done with a server, whoever wrote it. */
export interface IoServer {
  attach(server: unknown): unknown
  close(): unknown
}

export type CreateIo = (options: object) => IoServer

/** The application on one server of this process. */
export interface StartedPlace {
  readonly url: string
  readonly io: IoServer
  readonly acquaintances: Acquaintances
  stop(): Promise<void>
}

export async function startPlace(create: CreateIo, place: SocketIoPlace): Promise<StartedPlace> {
  const server = createServer((_request, response) => response.writeHead(404).end())
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  const io = create({ serveClient: false, ...options[place] })
  io.attach(server)
  const acquaintances = serveSocketIo(io as unknown as ApplicationServer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/socket.io/`,
    io,
    acquaintances,
    stop: async () => {
      const isClosed = new Promise<void>((resolve) => (server.listening ? server.close(() => resolve()) : resolve()))
      io.close()
      for (const socket of sockets) socket.destroy()
      await isClosed
    },
  }
}

/** The application at all places, each a server of its own. */
export interface StartedPlaces {
  readonly urls: Readonly<Record<SocketIoPlace, string>>
  stop(): Promise<void>
}

export async function startPlaces(create: CreateIo): Promise<StartedPlaces> {
  const names = Object.keys(socketIoPlaces) as SocketIoPlace[]
  const started = await Promise.all(names.map(async (name) => [name, await startPlace(create, name)] as const))
  return {
    urls: Object.fromEntries(started.map(([name, { url }]) => [name, url])) as Record<SocketIoPlace, string>,
    stop: async () => {
      await Promise.all(started.map(([, place]) => place.stop()))
    },
  }
}
