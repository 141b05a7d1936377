// Looked at by the compiler (`npm run check`) and never run: programs as they were written for Socket.IO's types.

import type { IncomingMessage } from 'node:http'
import type { RequestHandler } from 'express'
import { expectTypeOf } from 'vitest'
import {
  type BroadcastOperator,
  type DefaultEventsMap,
  type DisconnectReason,
  type Event,
  type ExtendedError,
  type Namespace,
  type RemoteSocket,
  Server,
  type ServerOptions,
  Socket,
} from '../src/index.ts'

interface ClientEvents {
  chat: (text: string) => void
  save: (value: { n: number }, ack: (saved: boolean) => void) => void
}

interface ServerEvents {
  news: (title: string) => void
  question: (text: string, ack: (answer: number) => void) => void
}

interface NodeEvents {
  rebalance: (share: number) => void
  load: (ack: (load: number) => void) => void
}

interface Data {
  score: number
}

type TypedServer = Server<ClientEvents, ServerEvents, NodeEvents, Data>
type TypedSocket = Socket<ClientEvents, ServerEvents, NodeEvents, Data>

/** The same names can be imported, and made with the same arguments. */
export function names(): void {
  const options: Partial<ServerOptions> = { cors: { origin: 'https://page.example' }, pingInterval: 1_000 }
  expectTypeOf(new Server(3000, options)).toEqualTypeOf<Server>()
  expectTypeOf(new Server<ClientEvents, ServerEvents, NodeEvents, Data>(options)).toEqualTypeOf<TypedServer>()
  expectTypeOf(new Server().sockets).toExtend<Namespace>()
  expectTypeOf<InstanceType<typeof BroadcastOperator<ServerEvents, TypedSocket>>>().toHaveProperty('emitWithAck')
  expectTypeOf<DefaultEventsMap>().toHaveProperty('anything')
  expectTypeOf(Socket.prototype).toExtend<Socket>()
}

/** A middleware passes an error with data on, and gets a socket of the server's. */
export function middlewares(io: TypedServer): void {
  io.use((socket, next) => {
    expectTypeOf(socket).toEqualTypeOf<TypedSocket>()
    const error: ExtendedError = new Error('no')
    error.data = { code: 7 }
    next(error)
  })
  io.of('/ops').use(async (socket, next) => {
    const token: string = socket.handshake.auth.token
    const cookie: string | undefined = socket.handshake.headers.cookie
    const from: string | undefined = socket.handshake.query.from
    next([token, cookie, from].includes('') ? new Error('no') : undefined)
  })
  io.on('connection', (socket) => {
    socket.use((event: Event, next) => {
      expectTypeOf(event[0]).toEqualTypeOf<string>()
      next()
    })
  })
}

/** Express's middlewares go before Engine.IO's requests, and what they put there is found on `socket.request`. */
export function engine(io: Server, session: RequestHandler): void {
  io.engine.use(session)
  io.engine.use((request, response, next) => {
    expectTypeOf(request).toEqualTypeOf<IncomingMessage>()
    response.setHeader('X-Frame-Options', 'SAMEORIGIN')
    next()
  })
  io.engine.generateId = async (request) => request.url ?? ''
  io.engine.on('connection_error', (error) => [error.req, error.code, error.message, error.context])
  io.engine.on('initial_headers', (headers, request) => [headers, request])
  expectTypeOf(io.engine.clientsCount).toEqualTypeOf<number>()
  io.on('connection', (socket) => {
    const { views } = (socket.request as IncomingMessage & { session: { views: number } }).session
    expectTypeOf(views).toEqualTypeOf<number>()
    expectTypeOf(socket.conn.transport.name).toEqualTypeOf<'polling' | 'websocket'>()
    socket.conn.once('upgrade', () => socket.conn.transport.name)
    socket.conn.on('packet', ({ type, data }) => [type, data])
    socket.conn.on('close', (reason) => reason)
    socket.conn.close()
  })
}

/** What servers tell each other is typed by the third map; answers come together. */
export function betweenServers(io: TypedServer): void {
  for (const target of [io, io.of('/ops')]) {
    expectTypeOf(target.serverSideEmit('rebalance', 5)).toEqualTypeOf<boolean>()
    target.serverSideEmit('load', (error, loads) => {
      expectTypeOf(error).toEqualTypeOf<Error | null>()
      expectTypeOf(loads).toEqualTypeOf<number[]>()
    })
    expectTypeOf(target.serverSideEmitWithAck('load')).resolves.toEqualTypeOf<number[]>()
    // @ts-expect-error: the share is a number
    target.serverSideEmit('rebalance', 'five')
    // @ts-expect-error: no such event
    target.serverSideEmit('unknown')
    target.once('rebalance', (share) => expectTypeOf(share).toEqualTypeOf<number>())
    target.prependListener('connection', (socket) => expectTypeOf(socket).toEqualTypeOf<TypedSocket>())
    target.addListener('connect', (socket) => expectTypeOf(socket).toEqualTypeOf<TypedSocket>())
    // @ts-expect-error: no such event
    target.once('unknown', () => {})
  }
}

/** Namespaces by a pattern have the types of their server. */
export function dynamicNamespaces(io: TypedServer): void {
  const parent = io.of(/^\/x-\d+$/)
  parent.on('connection', (socket) => expectTypeOf(socket).toEqualTypeOf<TypedSocket>())
  parent.emit('news', 'title')
  // @ts-expect-error: the title is a string
  parent.emit('news', 5)
  // @ts-expect-error: it asks for an acknowledgement
  parent.emit('question', 'text', () => {})
  io.of((name, auth, next) => {
    expectTypeOf(name).toEqualTypeOf<string>()
    next(null, auth.token === 'good')
  }).use((socket, next) => {
    expectTypeOf(socket).toEqualTypeOf<TypedSocket>()
    next()
  })
}

/** Acknowledgements of a broadcast want `timeout()`; of one socket not. */
export async function acknowledgements(io: TypedServer, socket: TypedSocket): Promise<void> {
  const many: number[] = await io.to('room').timeout(1_000).emitWithAck('question', 'text')
  const one: number = await socket.timeout(1_000).emitWithAck('question', 'text')
  socket.timeout(1_000).emit('question', 'text', (error, answer) => [error?.message, answer.toFixed(), many, one])
  // @ts-expect-error: only after `timeout()`
  io.emitWithAck('question', 'text')
}

/** Rooms are read of the adapter, sockets are fetched with their data. */
export async function rooms(io: TypedServer): Promise<void> {
  const members: Set<string> | undefined = io.sockets.adapter.rooms.get('room')
  const all: Map<string, Set<string>> = io.of('/').adapter.sids
  const fetched: RemoteSocket<ServerEvents, Data>[] = await io.in('room').fetchSockets()
  for (const socket of fetched) {
    expectTypeOf(socket.data).toEqualTypeOf<Data>()
    socket.emit('news', 'title')
    // @ts-expect-error: no such event
    socket.emit('unknown')
    void socket.join(['a', 'b'])
    socket.disconnect(true)
  }
  expectTypeOf([members, all]).toBeArray()
}

/** Why a socket ends has a type; a second argument may be named. */
export function endings(socket: TypedSocket): void {
  socket.on('disconnecting', (reason, description) => {
    expectTypeOf(reason).toEqualTypeOf<DisconnectReason>()
    expectTypeOf(description).toBeUnknown()
  })
  socket.on('disconnect', (reason: DisconnectReason) => reason === 'ping timeout')
}

/** Listeners that answer promises, and a socket that is handed on, as programs are divided into files. */
export function handlers(io: TypedServer): void {
  const register = (server: TypedServer, socket: TypedSocket): void => {
    const save = async (value: { n: number }, ack: (saved: boolean) => void): Promise<void> => {
      server.to('room').emit('news', `${value.n}`)
      ack(true)
    }
    socket.on('save', save)
    socket.off('save', save)
  }
  io.on('connection', (socket) => register(io, socket))
}
