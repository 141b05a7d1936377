import { describe, expect, it } from 'vitest'
import type { ClientPort } from '../src/protocols/client.ts'
import { Socket } from '../src/socket.ts'
import { serve } from './served.ts'
import { connect } from './test-client.ts'

describe('compress(false)', () => {
  it('stands in what a broadcast publishes, and in nothing else', async () => {
    const { io, url } = await serve()
    const client = await connect(url)
    await client.rest()
    const [socket] = await io.fetchSockets()
    const seen: unknown[] = []
    const { hub } = io.sockets
    const { publish, publishVolatile } = hub
    hub.publish = (draft) => {
      seen.push([draft.event, draft.compress])
      return publish.call(hub, draft)
    }
    hub.publishVolatile = (draft) => {
      seen.push([draft.event, draft.compress])
      publishVolatile.call(hub, draft)
    }
    io.compress(false).emit('all')
    io.compress(true).emit('all, compressed')
    io.to('a').compress(false).emit('room')
    io.volatile.compress(false).emit('volatile')
    socket?.compress(false).broadcast.emit('others')
    socket?.broadcast.emit('others again')
    expect(seen).toEqual([
      ['all', false],
      ['all, compressed', undefined],
      ['room', false],
      ['volatile', false],
      ['others', false],
      ['others again', undefined],
    ])
  })

  it('is for the next that is said to one client, with and without an acknowledgement', async () => {
    const { io } = await serve()
    const seen: unknown[] = []
    const port = {
      recoverable: false,
      sendEvent: (event: string, _args: unknown, _id: unknown, compress: unknown) => seen.push([event, compress]),
      sendVolatile: (event: string, _args: unknown, compress: unknown) => seen.push([event, compress]),
    } as unknown as ClientPort
    const socket = new Socket(io.sockets, port, 'id', undefined)
    socket.connected = true
    socket.compress(false).emit('plain')
    socket.emit('next')
    socket.compress(false).emit('asked', () => {})
    void socket.compress(false).emitWithAck('promised')
    socket.compress(false).volatile.emit('volatile')
    socket.volatile.emit('volatile again')
    socket.compress(false).send('text')
    expect(() => socket.compress(false).emit('connect')).toThrow(TypeError)
    socket.emit('after what threw')
    expect(seen).toEqual([
      ['plain', false],
      ['next', true],
      ['asked', false],
      ['promised', false],
      ['volatile', false],
      ['volatile again', true],
      ['message', false],
      ['after what threw', true],
    ])
  })
})
