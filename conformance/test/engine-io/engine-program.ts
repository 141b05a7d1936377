import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type Place, places } from '../../src/engine-io/places.ts'

/** What both servers have, as far as the suite's program uses it. */
interface IoServer {
  on(event: 'connection', listener: (socket: IoSocket) => void): unknown
  readonly engine: IoEngine
  attach(server: unknown): unknown
  close(): unknown
}

interface IoSocket {
  readonly conn: { close(): unknown }
  on(event: string, listener: (...args: never[]) => void): unknown
  emit(event: string, ...args: unknown[]): unknown
  compress(on: boolean): IoSocket
}

type Headers = Record<string, string | string[]>
type Query = Readonly<Record<string, string>>

interface IoEngine {
  generateId: (request: never) => unknown
  use(
    middleware: (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void,
  ): unknown
  on(event: 'initial_headers' | 'headers', listener: (headers: Headers) => void): unknown
}

/** The options of each place, in the words of `places`. */
export const placeOptions: Readonly<Record<Place, object>> = {
  main: { pingInterval: 100_000_000, maxHttpBufferSize: 100_000 },
  brisk: { pingInterval: 300, pingTimeout: 200 },
  steady: { pingInterval: 150, pingTimeout: 6_000, upgradeTimeout: 400 },
  guarded: {
    allowRequest: (request: IncomingMessage, decide: (message: string | null, isAllowed: boolean) => void) => {
      const deny = queryOf(request).deny
      setImmediate(() => decide(deny || null, deny === undefined))
    },
  },
  named: { initialPacket: 'welcome' },
  cookie: { cookie: true },
  'own cookie': { cookie: { name: 'node', path: false, httpOnly: false, sameSite: 'strict', maxAge: 60 } },
  'one origin': {
    cors: {
      origin: 'http://page.example',
      credentials: true,
      methods: ['GET', 'POST'],
      allowedHeaders: ['x-one', 'x-two'],
      exposedHeaders: ['x-three'],
      maxAge: 60,
    },
  },
  'any origin': { cors: { origin: '*' } },
  'mirrored origin': { cors: { origin: true, optionsSuccessStatus: 200 } },
  'listed origins': { cors: { origin: ['http://page.example', /^http:\/\/.*\.friend\.example$/] } },
  'no upgrades': { allowUpgrades: false },
  'polling only': { transports: ['polling'] },
  'websocket only': { transports: ['websocket'] },
  uncompressed: { httpCompression: false },
  threshold: { httpCompression: { threshold: 100 } },
  mortal: {},
}

/** All places, each a server of its own in this process. */
export interface EnginePlaces {
  readonly urls: Readonly<Record<Place, string>>
  stop(): Promise<void>
}

export async function startPlaces(create: (options: object) => IoServer): Promise<EnginePlaces> {
  const started = await Promise.all(
    (Object.keys(places) as Place[]).map(async (place) => [place, await startPlace(create, place)] as const),
  )
  return {
    urls: Object.fromEntries(started.map(([place, { url }]) => [place, url])) as Record<Place, string>,
    stop: async () => {
      await Promise.all(started.map(([, server]) => server.stop()))
    },
  }
}

async function startPlace(
  create: (options: object) => IoServer,
  place: Place,
): Promise<{ url: string; stop(): Promise<void> }> {
  const server = createServer((_request, response) => response.writeHead(404).end())
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  const io = create({ serveClient: false, ...placeOptions[place] })
  io.attach(server)
  if (place === 'guarded') guard(io.engine)
  if (place === 'named') name(io.engine)
  io.on('connection', (socket) => speak(socket, io))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/socket.io/`,
    stop: async () => {
      const isClosed = new Promise<void>((resolve) => (server.listening ? server.close(() => resolve()) : resolve()))
      io.close()
      for (const socket of sockets) socket.destroy()
      await isClosed
    },
  }
}

/** The program: see `program`. */
function speak(socket: IoSocket, io: IoServer): void {
  socket.on('echo', (...args: unknown[]) => socket.emit('echo', ...args))
  socket.on('burst', (count: number) => {
    for (let n = 0; n < count; n++) socket.emit('n', n)
  })
  socket.on('large', (length: number, compress = true) => socket.compress(compress).emit('large', 'x'.repeat(length)))
  socket.on('hang up', () => socket.conn.close())
  socket.on('say and hang up', () => {
    socket.emit('last words')
    socket.conn.close()
  })
  socket.on('stop', () => io.close())
}

function guard(engine: IoEngine): void {
  engine.use((request, response, next) => {
    response.setHeader('x-guard', 'on')
    if (queryOf(request).fail === undefined) next()
    else next(new Error('it fails'))
  })
}

function name(engine: IoEngine): void {
  engine.generateId = async (request: IncomingMessage) => {
    if (queryOf(request).anonymous !== undefined) throw new Error('no id')
    const letters = Array.from({ length: 20 }, () => 'abcdefghijklmnopqrstuvwxyz'[Math.floor(Math.random() * 26)])
    return `id-${letters.join('')}`
  }
  engine.on('initial_headers', (headers) => {
    headers['x-first'] = 'yes'
    headers['set-cookie'] = 'first=1'
  })
  engine.on('headers', (headers) => {
    headers['x-each'] = 'yes'
  })
}

const queryOf = ({ url = '' }: IncomingMessage): Query => Object.fromEntries(new URL(url, 'http://here').searchParams)
