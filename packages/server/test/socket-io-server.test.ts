import { createServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Decoder, Encoder, type Packet } from 'socket.io-parser'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Server, type Socket } from '../src/index.ts'
import { start } from './both-servers.ts'
import { once, serve } from './served.ts'
import { arrival, comeStock, dialStock, ways } from './stock-client.ts'
import { connect } from './test-client.ts'

describe('the settings of a server', () => {
  it('are read as with Socket.IO', () => {
    const io = new Server({ path: '/other/', serveClient: false, connectTimeout: 7 })
    expect([io.path(), io.serveClient(), io.connectTimeout()]).toEqual(['/other', false, 7])
    const plain = new Server()
    expect([plain.path(), plain.serveClient(), plain.connectTimeout()]).toEqual(['/socket.io', true, 45_000])
    expect([new Server({ path: false }).path(), new Server({ path: false }).serveClient()]).toEqual(['', false])
  })

  it('are not changed later: they are options', () => {
    const io = new Server()
    for (const set of [io.path, io.serveClient, io.connectTimeout]) {
      expect(() => Reflect.apply(set, io, ['/other'])).toThrow('options go to the constructor')
    }
  })
})

describe('what tools read of a server', () => {
  it('is its namespaces, of each the server, and of a socket the connection', async () => {
    const { io, url } = await serve()
    io.of('/ops')
    expect([...io._nsps.keys()]).toEqual(['/', '/ops'])
    expect(io._nsps.get('/ops')).toBe(io.of('/ops'))
    expect(io.of('/ops').server).toBe(io)
    const told = once(io, 'connection')
    await comeStock(url)
    const [socket] = (await told) as [Socket]
    expect(socket.client.id).toBe(socket.conn.id)
    expect(io.of('/ops').server.engine.clientsCount).toBe(1)
  })

  it('has of a plain client a connection of the same shape', async () => {
    const { io, url } = await serve()
    const told = once(io, 'connection')
    const client = await connect(url)
    const [socket] = (await told) as [Socket]
    const { id, readyState, transport, upgraded, upgrading, remoteAddress, request } = socket.conn
    expect([id, readyState, upgraded, upgrading, remoteAddress]).toEqual([socket.id, 'open', false, false, '127.0.0.1'])
    expect(transport).toEqual({ name: 'websocket', writable: true, protocol: 0 })
    expect(request).toBe(socket.request)
    expect(() => socket.conn.send('text')).toThrow('socket.send')
    const gone = once(socket, 'disconnect')
    socket.conn.close()
    expect(await gone).toEqual(['forced close'])
    await client.closed
    expect(socket.conn.readyState).toBe('closed')
  })
})

describe('closing a server', () => {
  it.each(['ours', 'reference'] as const)('ends sockets, the engine and the HTTP server: %s', async (which) => {
    const { io, url } = await start(which, {})
    const told = once(io, 'connection')
    const client = await comeStock(url)
    const [socket] = (await told) as [Socket]
    const reasons = [once(socket, 'disconnect'), once(client, 'disconnect')]
    const error = await new Promise((resolve) => void io.close(resolve))
    expect([error, io.httpServer?.listening]).toEqual([undefined, false])
    const [server, stock] = (await Promise.all(reasons)).map(([reason]) => reason)
    expect(server).toBe('server shutting down')
    expect(stock).toMatch(/^transport (close|error)$/)
    expect(io.engine.clientsCount).toBe(0)
  })

  it.each(['ours', 'reference'] as const)('says where the HTTP server was not listening: %s', async (which) => {
    const { io } = await start(which, {})
    await io.close()
    const error = await new Promise<NodeJS.ErrnoException>((resolve) => void io.close(resolve as () => void))
    expect(error.code).toBe('ERR_SERVER_NOT_RUNNING')
  })

  it('lets clients with reconnection come to the next server', async () => {
    const { io, url } = await start('ours', {})
    const client = dialStock(url, { reconnection: true, reconnectionDelay: 10, reconnectionDelayMax: 20 })
    await arrival(client)
    await io.close()
    const next = new Server(createServer())
    onTestFinished(() => next.close())
    const again = once(client, 'connect')
    next.httpServer?.listen(Number(new URL(url).port), '127.0.0.1')
    await again
    expect(next.sockets.sockets.has(client.id as string)).toBe(true)
  })
})

describe('a port', () => {
  it.each([0, '0'])('may be given in place of a server: %j', async (port) => {
    const io = new Server(port)
    onTestFinished(() => io.close())
    const server = io.httpServer as HttpServer
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    expect((await fetch(`${url}/elsewhere`)).status).toBe(404)
    expect((await comeStock(url)).connected).toBe(true)
  })
})

/** A parser of an application's own, in the shape of `socket.io-msgpack-parser`: what it says is one binary message. */
class BinaryEncoder {
  encode(packet: Packet): Buffer[] {
    return [Buffer.from(JSON.stringify(packet)).map((byte) => byte ^ 0x55) as Buffer]
  }
}

class BinaryDecoder extends Decoder {
  override add(bytes: Buffer | ArrayBuffer): void {
    const text = Buffer.from(bytes as ArrayBuffer)
      .map((byte) => byte ^ 0x55)
      .toString()
    this.emitReserved('decoded', JSON.parse(text))
  }

  override destroy(): void {}
}

describe.each<[string, unknown]>([
  ['socket.io-parser itself', { Encoder, Decoder }],
  ['one that speaks bytes alone', { Encoder: BinaryEncoder, Decoder: BinaryDecoder }],
])('the option parser with %s', (_, parser) => {
  it.each(ways)('is what both sides speak, by %s', async (_way, way) => {
    const { io, url } = await serve({ parser })
    io.on('connection', (socket) => {
      socket.on('question', (value: unknown, ack: (...answer: unknown[]) => void) => ack(value, socket.rooms.size))
      socket.join('room')
    })
    const client = await comeStock(url, { ...way, parser })
    const told = once(client, 'news')
    expect(await client.timeout(10_000).emitWithAck('question', { a: [1] })).toEqual({ a: [1] })
    io.to('room').emit('news', 1, { two: 2 })
    expect(await told).toEqual([1, { two: 2 }])
    await expect(comeStock(`${url}/nowhere`, { ...way, parser })).rejects.toThrow('Invalid namespace')
    expect(client.connected).toBe(true)
  })
})

describe('connectTimeout', () => {
  it('ends a connection that is in no namespace by then, and no other', async () => {
    const { io, url } = await serve({ connectTimeout: 2_000 })
    const stays = await comeStock(url)
    const silent = await connect(`${url}/socket.io/?EIO=4&transport=websocket`)
    await silent.closed
    expect([stays.connected, io.engine.clientsCount]).toEqual([true, 1])
  })
})
