import type { Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import WebSocket from 'ws'
import { Server, type Socket } from '../src/index.ts'

/** A client of a server that does this with each socket; it says, and waits for so many answers. */
async function talk(onConnection: (socket: Socket) => void) {
  const io = new Server({ logger: { warn: () => {}, error: () => {} } })
  io.on('connection', onConnection)
  await new Promise<void>((resolve) => io.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => io.close())
  const { port } = (io.httpServer as HttpServer).address() as AddressInfo
  const socket = new WebSocket(`ws://127.0.0.1:${port}`)
  onTestFinished(() => socket.terminate())
  const heard: unknown[] = []
  socket.on('message', (data) => heard.push(JSON.parse(String(data))))
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  return async (message: object, answers = 1): Promise<unknown[]> => {
    const before = heard.length
    socket.send(JSON.stringify(message))
    await expect.poll(() => heard.length).toBe(before + answers)
    return heard.slice(before)
  }
}

describe('a listener to any event', () => {
  it('hears every event with its arguments, before its own listeners', async () => {
    const told: unknown[] = []
    const say = await talk((socket) => {
      socket.on('save', (...args: unknown[]) => {
        told.push(['own', ...args])
        socket.emit('done', told.length)
      })
      socket.onAny((event, ...args) => told.push(['any', event, ...args]))
    })
    await say({ type: 'save', args: [1, { a: 2 }] })
    expect(told).toEqual([
      ['any', 'save', 1, { a: 2 }],
      ['own', 1, { a: 2 }],
    ])
  })

  it('gets the acknowledgement at the end, and makes no event unknown', async () => {
    const say = await talk((socket) => {
      socket.onAny((event, value, acknowledge) => acknowledge(`${event}: ${value}`))
    })
    expect(await say({ type: 'whatever', data: 1, id: 7 })).toEqual([{ type: 'ack', id: 7, data: 'whatever: 1' }])
  })

  it('is taken off, and then an event nobody listens to is unknown again', async () => {
    const say = await talk((socket) => {
      const listener = (): void => void socket.emit('heard')
      socket.onAny(listener)
      socket.on('stop', () => {
        socket.offAny(listener)
        socket.emit('stopped')
      })
    })
    expect(await say({ type: 'whatever' })).toEqual([{ type: 'heard' }])
    await say({ type: 'stop' }, 2)
    expect(await say({ type: 'whatever' })).toMatchObject([{ type: 'error', error: { code: 'unknown_event' } }])
  })

  it.each(['$disconnect', '$newListener', 'disconnecting'])('does not hear %s, a name of Socket.IO', async (type) => {
    const told: string[] = []
    const say = await talk((socket) => {
      socket.onAny((event) => told.push(event))
    })
    await say({ type })
    expect(told).toEqual([])
  })

  it('that throws is answered as any other handler that does', async () => {
    const say = await talk((socket) => {
      socket.onAny(() => {
        throw new TypeError('secret')
      })
    })
    const [answer] = await say({ type: 'whatever', id: 1 })
    expect(answer).toMatchObject({ type: 'ack', id: 1, error: { code: 'internal' } })
    expect(JSON.stringify(answer)).not.toContain('secret')
  })
})
