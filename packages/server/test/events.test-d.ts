// Looked at by the compiler (`npm run check`) and never run.

import { expectTypeOf } from 'vitest'
import { type BroadcastOperator, type DefaultEventsMap, type Namespace, Server, type Socket } from '../src/index.ts'
import type { PublicationRecord } from '../src/namespace.ts'

interface ClientEvents {
  chat: (text: string, urgent: boolean) => void
  save: (value: { n: number }, ack: (saved: boolean) => void) => void
  message: (text: string) => void
}

interface ServerEvents {
  news: (title: string, stars: number) => void
  ping2: () => void
  question: (text: string, ack: (answer: number, comment: string) => void) => void
  done: (ack: () => void) => void
  message: (text: string) => void
}

interface NodeEvents {
  rebalance: (share: number) => void
}

interface Data {
  score: number
}

type TypedServer = Server<ClientEvents, ServerEvents, NodeEvents, Data>
type TypedSocket = Socket<ClientEvents, ServerEvents, NodeEvents, Data>

/** Listeners get their arguments and the acknowledgement. */
export function listening(io: TypedServer, socket: TypedSocket): void {
  io.on('connection', (each) => {
    expectTypeOf(each).toEqualTypeOf<TypedSocket>()
  })
  socket.on('chat', (text, urgent) => {
    expectTypeOf(text).toEqualTypeOf<string>()
    expectTypeOf(urgent).toEqualTypeOf<boolean>()
  })
  socket.once('save', async (value, ack) => {
    expectTypeOf(value).toEqualTypeOf<{ n: number }>()
    expectTypeOf(ack).toEqualTypeOf<(saved: boolean) => void>()
  })
  socket.on('disconnect', (reason) => {
    expectTypeOf(reason).toExtend<string>()
  })
  socket.on('error', (error) => {
    expectTypeOf(error).toEqualTypeOf<Error>()
  })
  socket.prependListener('chat', (text) => {
    expectTypeOf(text).toEqualTypeOf<string>()
  })
  socket.use(([event, ...args], next) => {
    expectTypeOf(event).toEqualTypeOf<string>()
    // biome-ignore lint/suspicious/noExplicitAny: what a client says is anything
    expectTypeOf(args).toEqualTypeOf<any[]>()
    next(new Error('no'))
  })
  // @ts-expect-error: no such event
  socket.on('unknown', () => {})
  // @ts-expect-error: the text is a string
  socket.on('chat', (text: number) => text)
}

/** What is emitted is checked, by a socket, a namespace and a broadcast. */
export function emitting(io: TypedServer, socket: TypedSocket): void {
  for (const target of [socket, socket.volatile, socket.compress(false)]) {
    expectTypeOf(target.emit('news', 'title', 5)).toEqualTypeOf<boolean>()
    target.emit('ping2')
    // @ts-expect-error: no such event
    target.emit('unknown')
    // @ts-expect-error: one argument is missing
    target.emit('news', 'title')
    // @ts-expect-error: the stars are a number
    target.emit('news', 'title', 'five')
    // @ts-expect-error: what clients say, the server does not
    target.emit('chat', 'text', true)
  }
  for (const target of [io.to('room'), io.volatile, io.local, socket.broadcast, socket.to('a'), socket.local]) {
    expectTypeOf(target.emit('news', 'title', 5)).toEqualTypeOf<boolean>()
    // @ts-expect-error: no such event
    target.emit('unknown')
    // @ts-expect-error: one argument is missing
    target.emit('news', 'title')
  }
  socket.emit('question', 'text', (answer, comment) => {
    expectTypeOf(answer).toEqualTypeOf<number>()
    expectTypeOf(comment).toEqualTypeOf<string>()
  })
}

/** A server and a namespace emit what asks for no acknowledgement; the rest wants a `timeout()` first. */
export function emittingToAll(io: TypedServer): void {
  for (const target of [io, io.of('/ops')]) {
    expectTypeOf(target.emit('news', 'title', 5)).toEqualTypeOf<boolean>()
    target.emit('ping2')
    // @ts-expect-error: it asks for an acknowledgement
    target.emit('question', 'text', () => {})
    // @ts-expect-error: no such event
    target.emit('unknown')
    // @ts-expect-error: one argument is missing
    target.emit('news', 'title')
  }
}

/** `send` is the event `message`, and there is none where the map has none. */
export function sending(io: TypedServer, socket: TypedSocket): void {
  for (const target of [io, io.of('/ops'), io.to('a'), socket]) {
    target.send('text')
    target.write('text')
    // @ts-expect-error: the text is a string
    target.send(5)
  }
  const other = new Server<ClientEvents, { news: () => void }>()
  // @ts-expect-error: no event `message`
  other.send('text')
  // @ts-expect-error: no event `message`
  other.to('a').send('text')
}

/** Acknowledgements of a broadcast come together: the first argument of each answer. */
export function askingMany(io: TypedServer, socket: TypedSocket): void {
  for (const target of [io.timeout(500), io.to('a').timeout(500), io.of('/ops').timeout(500), socket.to('a')]) {
    target.emit('question', 'text', (error, responses) => {
      expectTypeOf(error).toEqualTypeOf<Error | null>()
      expectTypeOf(responses).toEqualTypeOf<number[]>()
    })
    target.emit('news', 'title', 5)
    expectTypeOf(target.emitWithAck('question', 'text')).resolves.toEqualTypeOf<number[]>()
    // @ts-expect-error: nobody answers this one
    void target.emitWithAck('news', 'title')
    // @ts-expect-error: the answers are numbers
    target.emit('question', 'text', (_error, responses: string[]) => responses)
  }
}

/** `emitWithAck` takes all arguments but the last, and answers what that gets. */
export function asking(socket: TypedSocket): void {
  expectTypeOf(socket.emitWithAck('question', 'text')).resolves.toEqualTypeOf<number>()
  expectTypeOf(socket.emitWithAck('done')).resolves.toEqualTypeOf<void>()
  // @ts-expect-error: the text is missing
  void socket.emitWithAck('question')
  // @ts-expect-error: no such event
  void socket.emitWithAck('unknown')
  // @ts-expect-error: nobody answers this one
  void socket.emitWithAck('news', 'title', 5)
}

/** With a timeout the acknowledgement gets an error first. */
export function askingForAWhile(socket: TypedSocket): void {
  socket.timeout(500).emit('question', 'text', (error, answer, comment) => {
    expectTypeOf(error).toEqualTypeOf<Error | null>()
    expectTypeOf(answer).toEqualTypeOf<number>()
    expectTypeOf(comment).toEqualTypeOf<string>()
  })
  socket
    .timeout(500)
    .compress(false)
    .volatile.emit('question', 'text', (error, answer) => {
      expectTypeOf(error).toEqualTypeOf<Error | null>()
      expectTypeOf(answer).toEqualTypeOf<number>()
    })
  socket.timeout(500).emit('news', 'title', 5)
  expectTypeOf(socket.timeout(500).emitWithAck('question', 'text')).resolves.toEqualTypeOf<number>()
  // @ts-expect-error: the answer is a number
  socket.timeout(500).emit('question', 'text', (_error, answer: string) => answer)
}

/** Data, namespaces and what is fetched have the types of the server. */
export function namespaces(io: TypedServer, socket: TypedSocket): void {
  expectTypeOf(socket.data).toEqualTypeOf<Data>()
  expectTypeOf(io.of('/ops')).toEqualTypeOf<Namespace<ClientEvents, ServerEvents, NodeEvents, Data>>()
  expectTypeOf(io.sockets).toEqualTypeOf<Namespace<ClientEvents, ServerEvents, NodeEvents, Data>>()
  expectTypeOf(socket.nsp.to('a')).toEqualTypeOf<BroadcastOperator<ServerEvents, TypedSocket>>()
  io.of('/ops', (each) => {
    expectTypeOf(each).toEqualTypeOf<TypedSocket>()
  })
  expectTypeOf(io.fetchSockets()).resolves.toEqualTypeOf<TypedSocket[]>()
  expectTypeOf(io.to('a').except('b')).toEqualTypeOf<BroadcastOperator<ServerEvents, TypedSocket>>()
  expectTypeOf(io.in('a').fetchSockets()).resolves.toEqualTypeOf<TypedSocket[]>()
  expectTypeOf(io.history('a')).resolves.toHaveProperty('publications').toEqualTypeOf<PublicationRecord[]>()
  io.use((each, next) => {
    expectTypeOf(each).toEqualTypeOf<TypedSocket>()
    next(new Error('no'))
  })
}

/** What servers tell each other is listened to on the server. */
export function betweenServers(io: TypedServer): void {
  io.on('rebalance', (share) => {
    expectTypeOf(share).toEqualTypeOf<number>()
  })
  io.on('new_namespace', (namespace) => {
    expectTypeOf(namespace.name).toEqualTypeOf<string>()
  })
  // @ts-expect-error: no such event
  io.on('unknown', () => {})
}

/** What is left out is as in Socket.IO. */
export function defaults(): void {
  expectTypeOf<Server<ClientEvents>>().toEqualTypeOf<
    // biome-ignore lint/suspicious/noExplicitAny: it is the default
    Server<ClientEvents, ClientEvents, DefaultEventsMap, any>
  >()
  // biome-ignore lint/suspicious/noExplicitAny: it is the default
  expectTypeOf<Socket>().toEqualTypeOf<Socket<DefaultEventsMap, DefaultEventsMap, DefaultEventsMap, any>>()
}

/** Without types everything goes. */
export function untyped(): void {
  const io = new Server()
  io.on('connection', (socket) => {
    socket.on('anything', (a, b) => {
      expectTypeOf(a).toBeAny()
      expectTypeOf(b).toBeAny()
    })
    socket.emit('anything', 1, 'two', () => {})
    expectTypeOf(socket.emitWithAck('anything', 1)).resolves.toBeAny()
    expectTypeOf(socket.data.anything).toBeAny()
    socket.timeout(1).emit('anything', 1, (error: Error | null, value: string) => [error, value])
  })
  io.to('a').emit('anything', 1)
  io.emit('anything', 1)
  io.send('anything', 1)
  io.timeout(1).emit('anything', 1, (error: Error | null, responses: string[]) => [error, responses])
  expectTypeOf(io.timeout(1).emitWithAck('anything', 1)).resolves.items.toBeAny()
  io.on('whatever other servers say', (...args) => args)
}
