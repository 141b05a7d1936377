import { describe, expect, it } from 'vitest'
import type { Server, ServerOptions, Socket } from '../src/index.ts'
import { start } from './both-servers.ts'
import { once } from './served.ts'
import { comeStock } from './stock-client.ts'
import { connect, type TestClient } from './test-client.ts'

interface End {
  readonly io: Server
  readonly socket: Socket
  readonly client: TestClient
}

/** What ends a socket, and what it is told then. */
const ends: [title: string, end: (end: End) => unknown, reason: string, options?: ServerOptions][] = [
  // npm's server says `forced close` in the two cases of `forced server close`, where nothing waits to be written
  ['the line breaks', ({ client }) => client.drop(), 'transport close'],
  ['the client closes its WebSocket', ({ client }) => client.socket.close(1000), 'transport close'],
  ['the client leaves the namespace', ({ client }) => client.say('41'), 'client namespace disconnect'],
  ['the server disconnects it', ({ socket }) => socket.disconnect(), 'server namespace disconnect'],
  ['the server disconnects it for good', ({ socket }) => socket.disconnect(true), 'server namespace disconnect'],
  ['the server disconnects all', ({ io }) => io.disconnectSockets(true), 'server namespace disconnect'],
  ['the server closes its connection', ({ socket }) => socket.conn.close(), 'forced close'],
  ['the client sends no packet of Socket.IO’s', ({ client }) => client.say('4abc'), 'forced close'],
  ['the client sends an event without JSON', ({ client }) => client.say('42["unfinished'), 'forced close'],
  [
    'the client sends text in place of an attachment',
    twice('451-["x",{"_placeholder":true,"num":0}]', '42["y"]'),
    'forced close',
  ],
  ['the client connects twice', ({ client }) => client.say('40'), 'forced server close'],
  ['the client speaks where it is not', ({ client }) => client.say('42/nowhere,["x"]'), 'forced server close'],
  ['the client sends no packet of Engine.IO’s', ({ client }) => client.say('x'), 'parse error'],
  ['the client pings', ({ client }) => client.say('2'), 'transport error'],
  ['the client answers no ping', () => {}, 'ping timeout', { pingInterval: 50, pingTimeout: 50 }],
  ['the server closes', ({ io }) => void io.close(), 'server shutting down'],
]

function twice(...packets: string[]): (end: End) => void {
  return ({ client }) => {
    for (const packet of packets) client.say(packet)
  }
}

async function reasonsOf(
  which: 'ours' | 'reference',
  end: (end: End) => unknown,
  options: ServerOptions,
): Promise<unknown> {
  const { io, url } = await start(which, options)
  const told = once(io, 'connection')
  const client = await connect(`${url}/socket.io/?EIO=4&transport=websocket`)
  client.say('40')
  const [socket] = (await told) as [Socket]
  await client.take((packet) => `${packet}`.startsWith('40'))
  const reasons = [once(socket, 'disconnecting'), once(socket, 'disconnect')]
  end({ io, socket, client })
  return (await Promise.all(reasons)).map(([reason]) => reason)
}

describe('a Socket.IO socket', () => {
  it.each(ends)('is told why it ends where %s', async (...[, end, reason, options = {}]) => {
    expect(await reasonsOf('ours', end, options)).toEqual([reason, reason])
    const theirs = reason === 'forced server close' ? 'forced close' : reason
    expect(await reasonsOf('reference', end, options)).toEqual([theirs, theirs])
  })

  it.each<[string, object]>([
    ['polling', { transports: ['polling'] }],
    ['WebSocket', { transports: ['websocket'] }],
  ])('is told that its client closed its connection, by %s', async (_, way) => {
    for (const which of ['ours', 'reference'] as const) {
      const { io, url } = await start(which, {})
      const told = once(io, 'connection')
      const client = await comeStock(url, way)
      const [socket] = (await told) as [Socket]
      const gone = once(socket, 'disconnect')
      client.io.engine.close()
      expect((await gone)[0]).toMatch(/^transport (close|error)$/)
    }
  })

  it('tells an error of its protocol before it ends', async () => {
    for (const which of ['ours', 'reference'] as const) {
      const { io, url } = await start(which, {})
      const told = once(io, 'connection')
      const client = await connect(`${url}/socket.io/?EIO=4&transport=websocket`)
      client.say('40')
      const [socket] = (await told) as [Socket]
      const order: unknown[] = []
      socket.on('error', (error) => order.push(error instanceof Error))
      const gone = once(socket, 'disconnect')
      client.say('4abc')
      order.push(...(await gone).slice(0, 1))
      expect(order).toEqual([true, 'forced close'])
    }
  })
})
