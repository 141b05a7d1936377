// Looked at by the compiler (`npm run check`) and never run.

import { type } from 'arktype'
import * as v from 'valibot'
import { expectTypeOf } from 'vitest'
import { z } from 'zod'
import type { Server, Socket } from '../src/index.ts'

interface ClientEvents {
  save: (value: unknown, ack: (saved: boolean) => void) => void
  chat: (text: unknown) => void
}

/** A listener with a schema gets the schema's output, whatever library it is of. */
export function ofEachLibrary(io: Server): void {
  io.on('connection', (socket) => {
    socket.on('zod', z.object({ text: z.string(), at: z.string().transform(Number) }), (data, ack) => {
      expectTypeOf(data).toEqualTypeOf<{ text: string; at: number }>()
      expectTypeOf(ack).parameter(0).toBeAny()
      expectTypeOf(ack).returns.toBeVoid()
    })
    socket.on('valibot', v.object({ text: v.string() }), (data) => {
      expectTypeOf(data).toEqualTypeOf<{ text: string }>()
    })
    socket.once('arktype', type({ 'text?': 'string' }), (data) => {
      expectTypeOf(data).toEqualTypeOf<{ text?: string }>()
    })
    socket.on('several', [z.string(), v.number()], (room, count, ack) => {
      expectTypeOf(room).toEqualTypeOf<string>()
      expectTypeOf(count).toEqualTypeOf<number>()
      ack('done')
    })
    socket.on('none', [], (ack) => ack())
    // @ts-expect-error: the output is a string
    socket.on('zod', z.string(), (data: number) => data)
    // @ts-expect-error: no schema
    socket.on('zod', { parse: () => 1 }, () => {})
    // @ts-expect-error: a schema alone is no listener
    socket.on('zod', z.string())
  })
}

/** The acknowledgement is the one of the event's own signature. */
export function ofTypedEvents(socket: Socket<ClientEvents>): void {
  socket.on('save', z.object({ n: z.number() }), (data, ack) => {
    expectTypeOf(data).toEqualTypeOf<{ n: number }>()
    expectTypeOf(ack).toEqualTypeOf<(saved: boolean) => void>()
  })
  socket.on('chat', z.string(), (text) => {
    expectTypeOf(text).toEqualTypeOf<string>()
  })
  // @ts-expect-error: no such event
  socket.on('unknown', z.string(), () => {})
}
