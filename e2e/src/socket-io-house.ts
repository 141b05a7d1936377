import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type DisconnectReason, Server, type ServerOptions, type Socket } from '@partyline/server'
import { onTestFinished } from 'vitest'

type Answer = (...args: unknown[]) => void

/** Who left, and why, as the server was told. */
export interface Leave {
  readonly id: string
  readonly namespace: string
  readonly reason: DisconnectReason
}

export interface House {
  readonly io: Server
  readonly port: number
  readonly url: string
  /** In the order in which they left. */
  readonly left: readonly Leave[]
  close(): Promise<void>
}

/** A Socket.IO application as people write them, with something of everything in it, on a port of its own. */
export async function startHouse(options: ServerOptions = {}): Promise<House> {
  const httpServer = createServer((_request, response) => response.writeHead(404).end())
  const io = new Server(httpServer, { closeTimeoutMs: 1_000, ...options })
  const left: Leave[] = []
  const close = () => io.close()
  io.on('connection', (socket) => serve(io, socket))
  io.of('/news').on('connection', (socket) => {
    socket.emit('welcome', 'the news', socket.handshake.auth)
    socket.on('echo', (...args) => answered(args) || socket.emit('echo', ...args))
    socket.on('say', (text: string) => void io.of('/news').emit('said', text))
  })
  io.of('/closed').use((_socket, next) =>
    next(Object.assign(new Error('not today'), { data: { code: 7, until: '9:00' } })),
  )
  for (const namespace of ['/', '/news']) {
    io.of(namespace).on('connection', (socket) => {
      socket.on('disconnect', (reason) => left.push({ id: socket.id, namespace, reason }))
    })
  }
  httpServer.listen(0, '127.0.0.1')
  await once(httpServer, 'listening')
  onTestFinished(close)
  const { port } = httpServer.address() as AddressInfo
  return { io, port, url: `http://127.0.0.1:${port}`, left, close }
}

/** Answers with what was sent, where an answer is wanted. */
function answered(args: readonly unknown[]): boolean {
  const answer = args.at(-1)
  if (typeof answer !== 'function') return false
  ;(answer as Answer)(...args.slice(0, -1))
  return true
}

function serve(io: Server, socket: Socket): void {
  socket.emit('welcome', 'the house', socket.handshake.auth)
  socket.on('echo', (...args) => answered(args) || socket.emit('echo', ...args))
  socket.on('measure', (one: Buffer, other: { deep: Buffer }, answer: Answer) =>
    answer([one, other.deep].map(Buffer.isBuffer), Buffer.concat([one, other.deep]), { length: one.length }),
  )
  socket.on('ask me', () =>
    socket.timeout(20_000).emit('question', 20, Buffer.from([1, 2]), (error: Error | null, ...answers: unknown[]) => {
      socket.emit('your answer', error === null ? answers : String(error))
    }),
  )
  socket.on('join', async (room: string, answer: Answer) => {
    await socket.join(room)
    answer([...socket.rooms].filter((each) => each !== socket.id))
  })
  socket.on('leave', async (room: string, answer: Answer) => {
    await socket.leave(room)
    answer([...socket.rooms].filter((each) => each !== socket.id))
  })
  socket.on('say', (room: string, text: string) => void io.to(room).emit('said', text))
  socket.on('shout', (text: string) => void socket.broadcast.emit('said', text))
  socket.on('announce', (text: string) => void io.emit('said', text))
  socket.on('count', (count: number) => {
    for (let number = 1; number <= count; number++) socket.emit('number', number)
  })
  socket.on('kick me', () => void socket.disconnect())
  socket.on('kick all of me', () => void socket.disconnect(true))
}
