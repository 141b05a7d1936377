import { createServer, type Server as HttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import express from 'express'
import fastify from 'fastify'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Server } from '../src/index.ts'
import { open, serve } from './served.ts'
import { come, connect } from './test-client.ts'

const rooms = { lobby: open }

describe('a server', () => {
  it('answers a bare text by the application handler', async () => {
    const { io, url } = await serve()
    io.on('connection', (socket) => {
      socket.on('message', (text) => socket.send(`Echo: ${text}`))
    })
    const client = await connect(url)
    client.say('Hello Server!')
    expect(await client.take()).toBe('Echo: Hello Server!')
  })

  it('brings a publication to all members of a room, the sender too, by whichever form they came', async () => {
    const { url } = await serve({ rooms })
    const lenient = await connect(`${url}/?name=Ada`)
    const bare = await connect(`${url}/partyline/`)
    const { client: strict } = await come(url)
    for (const each of [lenient, bare, strict]) await each.ask({ type: 'subscribe', room: 'lobby' })
    lenient.say({ type: 'publish', room: 'lobby', data: 'hi', id: 2 })
    const expected = { type: 'message', room: 'lobby', seq: 1, from: { name: 'Ada' }, data: 'hi' }
    for (const each of [lenient, bare, strict]) expect(await each.take()).toMatchObject(expected)
    expect(await lenient.take()).toMatchObject({ type: 'ack', id: 2, data: { seq: 1 } })
    expect([lenient, bare, strict].map(({ frames }) => frames.at(-1)).slice(1)).toEqual(
      Array(2).fill(bare.frames.at(-1)),
    )
  })

  it('closes everybody with 1001, and keeps nothing and no timer', async () => {
    const { io, url } = await serve({ rooms })
    const reasons: unknown[] = []
    io.on('connection', (socket) => {
      socket.on('disconnect', (reason) => reasons.push(reason))
    })
    const [lenient, strict, silent] = [await connect(url), await come(url), await connect(url, { strict: true })]
    await lenient.ask({ type: 'subscribe', room: 'lobby' })
    let told: unknown = 'nothing'
    await io.close((error) => {
      told = error
    })
    for (const each of [lenient, strict.client, silent]) expect((await each.closed).code).toBe(1001)
    expect(told).toBeUndefined()
    expect(reasons).toEqual(['server shutting down', 'server shutting down'])
    expect(io.stats).toMatchObject({ clients: { total: 0 }, rooms: 0, sessions: 0, presenceRooms: 0 })
    expect(io.httpServer?.listening).toBe(false)
  })

  it('says what was said before it closes', async () => {
    const { io, url } = await serve()
    const client = await connect(url)
    await client.rest()
    io.emit('last words', 1)
    await io.close()
    expect(await client.take()).toMatchObject({ type: 'last words', data: 1 })
  })

  it('cuts off who does not answer its close', async () => {
    const { io, url } = await serve({ closeTimeoutMs: 50 })
    const client = await connect(url)
    client.socket.pause()
    await io.close()
    expect(io.stats.clients.total).toBe(0)
  })

  it('counts who is here and what is kept', async () => {
    const { io, url } = await serve({ rooms })
    const [lenient, strict] = [await connect(url), await come(url)]
    for (const each of [lenient, strict.client]) await each.ask({ type: 'subscribe', room: 'lobby' })
    await io.publish('lobby', 'x')
    await strict.client.rest()
    expect(io.stats).toMatchObject({
      clients: {
        total: 2,
        byTransport: { websocket: 2, sse: 0, longPoll: 0 },
        byProtocol: { lenient: 1, strict: 1, http: 0 },
      },
      rooms: 4, // the lobby, the namespace's and two of their own
      sessions: 1,
      publications: 1,
      deliveries: 2,
      presenceRooms: 1,
      kept: { rooms: 1, entries: 1, seq: 1 },
    })
  })

  it('logs a failure with an id, the place and the stack', async () => {
    const { io, log } = await serve()
    const id = io.report(new Error('boom'), 'somewhere')
    expect(log).toEqual([
      {
        level: 'error',
        fields: { id, where: 'somewhere', error: expect.stringContaining('boom') },
        text: `${id}: somewhere failed`,
      },
    ])
  })

  it('closes with 1009 what is larger than it takes', async () => {
    const { url } = await serve({ maxPayloadBytes: 100 })
    const client = await connect(url)
    client.say('x'.repeat(101))
    expect((await client.closed).code).toBe(1009)
  })
})

const quiet = { logger: { warn: () => {}, error: () => {} } }

/** Resolves with the address of a server of ours once it listens. */
async function urlOf(io: Server): Promise<string> {
  onTestFinished(() => io.close())
  const http = io.httpServer as HttpServer
  if (!http.listening) await new Promise((resolve) => http.once('listening', resolve))
  return `ws://127.0.0.1:${(http.address() as AddressInfo).port}`
}

describe('a server is made', () => {
  it.each<[string, () => Server]>([
    ['with a port', () => new Server(0)],
    ['with a port and options', () => new Server(0, quiet)],
    ['with a port that is text', () => new Server('0', quiet)],
    ['with an HTTP server', () => new Server(createServer().listen(0, '127.0.0.1'))],
    ['with an HTTP server and options', () => new Server(createServer().listen(0, '127.0.0.1'), quiet)],
    ['with nothing, and listens', () => new Server().listen(0)],
    ['with options, and listens', () => new Server(quiet).listen(0)],
    ['with undefined and options, and listens', () => new Server(undefined, quiet).listen('0')],
    [
      'with options, and is attached to a server',
      () => new Server(quiet).attach(createServer().listen(0, '127.0.0.1')),
    ],
    ['with options, and listens on a server', () => new Server(quiet).listen(createServer().listen(0, '127.0.0.1'))],
    ['with options, and is attached to a port', () => new Server(quiet).attach(0)],
    ['with options, and is attached to a port that is text', () => new Server(quiet).attach('0')],
  ])('%s', async (_, make) => {
    const io = make()
    const url = await urlOf(io)
    const client = await connect(`${url}/partyline/`)
    expect(await client.rest()).toEqual([])
    expect(io.stats.clients.total).toBe(1)
  })

  it('with an HTTPS server', () => {
    const https = createHttpsServer()
    expect(new Server(https).httpServer).toBe(https)
  })

  it('and has the options of both its arguments', () => {
    expect(new Server({ heartbeatMs: 5 }).options.heartbeatMs).toBe(5)
    expect(new Server(undefined, { heartbeatMs: 5 }).options.heartbeatMs).toBe(5)
    expect(new Server(createServer(), { heartbeatMs: 5 }).options.heartbeatMs).toBe(5)
    expect(() => new Server({ heartbeatMs: -1 })).toThrow(TypeError)
  })

  it.each<[string, () => unknown]>([
    ['an Express application', () => new Server(express() as never)],
    ['an Express application, later', () => new Server().attach(express() as never)],
    ['a Fastify application', () => new Server(fastify() as never)],
    ['a function', () => new Server((() => {}) as never)],
    ['an object that only listens', () => new Server({ listen: () => {} } as never)],
  ])('but not with %s: the error says what to pass', (_, make) => {
    expect(make).toThrow(/http\.createServer\(app\).*app\.server/)
  })

  it.each([-1, 65_536, 1.5, Number.NaN, 'eighty', '', '/tmp/socket'])('but not with the port %j', (port) => {
    expect(() => new Server(port)).toThrow(/a port is a number from 0 to 65535/)
  })

  it('but not with options behind it', () => {
    const io = new Server(quiet)
    expect(() => io.listen(0, { cors: {} } as never)).toThrow(/options go to the constructor/)
    expect(() => io.attach(createServer(), { cors: {} } as never)).toThrow(/options go to the constructor/)
    expect(io.httpServer).toBeUndefined()
  })
})

describe('a namespace', () => {
  it('is made once, by any of its names, and told of', () => {
    const io = new Server(quiet)
    const made: string[] = []
    io.on('new_namespace', ({ name }) => made.push(name))
    expect(io.of('chat')).toBe(io.of('/chat'))
    expect([io.of(''), io.of('/')]).toEqual([io.sockets, io.sockets])
    expect(made).toEqual(['/chat'])
    expect(() => io.of(7 as never)).toThrow(TypeError)
  })

  it('may be given its listener at once', async () => {
    const { io, url } = await serve()
    io.of('/chat', (socket) => socket.emit('hello', socket.nsp.name))
    expect(await (await connect(`${url}/chat`)).take()).toEqual({ type: 'hello', data: '/chat' })
  })
})

describe('saying message', () => {
  it('may ask for acknowledgements, by a socket and by a broadcast', async () => {
    const { io, url } = await serve()
    const client = await connect(url)
    await client.rest()
    const [socket] = await io.fetchSockets()
    const answers: unknown[] = []
    socket?.send('one', (answer: unknown) => answers.push(answer))
    io.timeout(60_000).send('two', (error: unknown, responses: unknown) => answers.push(error, responses))
    for (let i = 0; i < 2; i++) {
      const { type, data, id } = await client.take()
      expect(type).toBe('message')
      client.say({ type: 'ack', id, data: `${data}!` })
    }
    await client.rest()
    expect(answers).toEqual(['one!', null, ['two!']])
  })
})
