import { describe, expect, it } from 'vitest'
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

  it('has the options of both its arguments', () => {
    expect(new Server({ heartbeatMs: 5 }).options.heartbeatMs).toBe(5)
    expect(new Server(undefined, { heartbeatMs: 5 }).options.heartbeatMs).toBe(5)
    expect(() => new Server({ heartbeatMs: -1 })).toThrow(TypeError)
  })

  it('closes with 1009 what is larger than it takes', async () => {
    const { url } = await serve({ maxPayloadBytes: 100 })
    const client = await connect(url)
    client.say('x'.repeat(101))
    expect((await client.closed).code).toBe(1009)
  })
})
