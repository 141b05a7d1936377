// Looked at by the compiler (`npm run check`) and never run.

import { expectTypeOf } from 'vitest'
import { type BroadcastOperator, type Namespace, Server, type Socket } from '../src/index.ts'
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

interface Data {
  score: number
}

type TypedServer = Server<ClientEvents, ServerEvents, Data>
type TypedSocket = Socket<ClientEvents, ServerEvents, Data>

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
  // @ts-expect-error: no such event
  socket.on('unknown', () => {})
  // @ts-expect-error: the text is a string
  socket.on('chat', (text: number) => text)
}

/** What is emitted is checked, by a socket, a namespace and a broadcast. */
export function emitting(io: TypedServer, socket: TypedSocket): void {
  for (const target of [socket, io, io.of('/ops'), io.to('room'), socket.broadcast, socket.to('a'), io.volatile]) {
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
  socket.volatile.emit('news', 'title', 5)
  socket.send('text')
  // @ts-expect-error: the text is a string
  socket.send(5)
  socket.emit('question', 'text', (answer, comment) => {
    expectTypeOf(answer).toEqualTypeOf<number>()
    expectTypeOf(comment).toEqualTypeOf<string>()
  })
}

/** `emitWithAck` takes all arguments but the last, and answers what that gets. */
export function asking(socket: TypedSocket): void {
  expectTypeOf(socket.emitWithAck('question', 'text')).resolves.toEqualTypeOf<number>()
  expectTypeOf(socket.emitWithAck('done')).resolves.toEqualTypeOf<void>()
  // @ts-expect-error: the text is missing
  void socket.emitWithAck('question')
  // @ts-expect-error: no such event
  void socket.emitWithAck('unknown')
}

/** With a timeout the acknowledgement gets an error first. */
export function askingForAWhile(socket: TypedSocket): void {
  socket.timeout(500).emit('question', 'text', (error, answer, comment) => {
    expectTypeOf(error).toEqualTypeOf<Error | null>()
    expectTypeOf(answer).toEqualTypeOf<number>()
    expectTypeOf(comment).toEqualTypeOf<string>()
  })
  socket.timeout(500).emit('news', 'title', 5)
  expectTypeOf(socket.timeout(500).emitWithAck('question', 'text')).resolves.toEqualTypeOf<number>()
  // @ts-expect-error: the answer is a number
  socket.timeout(500).emit('question', 'text', (_error, answer: string) => answer)
}

/** Data, namespaces and what is fetched have the types of the server. */
export function namespaces(io: TypedServer, socket: TypedSocket): void {
  expectTypeOf(socket.data.score).toEqualTypeOf<number>()
  expectTypeOf(io.of('/ops')).toEqualTypeOf<Namespace<ClientEvents, ServerEvents, Data>>()
  expectTypeOf(io.fetchSockets()).resolves.toEqualTypeOf<TypedSocket[]>()
  expectTypeOf(io.to('a').except('b')).toEqualTypeOf<BroadcastOperator<ServerEvents, TypedSocket>>()
  expectTypeOf(io.in('a').fetchSockets()).resolves.toEqualTypeOf<TypedSocket[]>()
  expectTypeOf(io.history('a')).resolves.toHaveProperty('publications').toEqualTypeOf<PublicationRecord[]>()
  io.use((each, next) => {
    expectTypeOf(each).toEqualTypeOf<TypedSocket>()
    next(new Error('no'))
  })
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
}
