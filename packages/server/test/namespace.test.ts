import { RequestError } from '@partyline/protocol'
import { describe, expect, it } from 'vitest'
import type { Socket } from '../src/index.ts'
import { open, serve } from './served.ts'
import { come, connect, refusal } from './test-client.ts'

const rooms = { lobby: open }

describe('a middleware', () => {
  it('is asked in the order of registration, before connection is told', async () => {
    const { io, url } = await serve()
    const order: string[] = []
    io.use((socket, next) => {
      order.push(`first ${socket.connected}`)
      next()
    })
    io.use(async (_socket, next) => {
      await null
      order.push('second')
      next()
    })
    io.on('connection', (socket) => {
      order.push(`connection ${socket.connected}`)
    })
    const client = await connect(url)
    await client.rest()
    expect(order).toEqual(['first false', 'second', 'connection true'])
  })

  it('may put something on the request, where it is found later', async () => {
    const { io, url } = await serve()
    io.use((socket, next) => {
      Object.assign(socket.request, { session: { user: 'ada' } })
      next()
    })
    const connected = new Promise<Socket>((resolve) => io.on('connection', resolve))
    await connect(url)
    expect((await connected).request).toHaveProperty('session', { user: 'ada' })
  })

  it('sees of a plain client what it sees of others: auth, query, headers, address', async () => {
    const { io, url } = await serve()
    const seen: unknown[] = []
    io.use((socket, next) => {
      const { auth, query, headers, address } = socket.handshake
      seen.push([{ ...auth }, { ...query }, headers['x-test'], address])
      expect(socket.request.headers.host).toBe(socket.handshake.headers.host)
      expect(socket.request.socket.remoteAddress).toBe('127.0.0.1')
      next()
    })
    await connect(`${url}/?token=t&name=Ada&x=1`, { headers: { 'X-Test': 'yes', Authorization: 'Bearer header' } })
    await come(`${url}/?token=url`, { token: 'connect', name: 'Bob' })
    expect(seen).toEqual([
      [{ token: 'header', name: 'Ada' }, { token: 't', name: 'Ada', x: '1' }, 'yes', '127.0.0.1'],
      [{ token: 'connect', name: 'Bob' }, { token: 'url' }, undefined, '127.0.0.1'],
    ])
  })

  it('may let a client into a room while it is still coming in, and a session knows of it', async () => {
    const { io, url } = await serve()
    io.use((socket, next) => {
      next()
      queueMicrotask(() => void socket.join('late'))
    })
    const { client, welcome } = await come(url)
    client.drop()
    await expect.poll(() => io.stats.clients.total).toBe(0)
    io.to('late').emit('missed', 1)
    const back = await come(url, { session: welcome.session })
    expect(back.welcome).toMatchObject({ id: welcome.id, rooms: ['late'], recovered: true })
    expect((await back.client.take()).data).toBe(1)
  })

  it.each([
    ['an error', new Error('go away'), 'forbidden', 4503],
    ['a code of ours', Object.assign(new Error('who are you?'), { code: 'unauthorized' }), 'unauthorized', 4503],
    ['a code of its own', Object.assign(new Error('x'), { code: 'E42' }), 'forbidden', 4503],
    ['a refusal', new RequestError('unavailable', 'later'), 'unavailable', 1013],
    ['a refusal for now', new RequestError('too_many', 'full'), 'too_many', 1013],
    ['a refusal of what was sent', new RequestError('invalid', 'no such thing'), 'invalid', 1002],
  ])('refuses with %s, which the client is told before the close', async (_, error, code, closeCode) => {
    const { io, url, log } = await serve()
    let connections = 0
    io.use((_socket, next) => next(error))
    io.on('connection', () => void connections++)
    for (const strict of [false, true]) {
      const client = await connect(url, { strict })
      if (strict) client.say({ type: 'connect' })
      expect(await client.take()).toEqual({
        type: 'error',
        error: { code, message: error.message },
        request: 'connect',
      })
      expect((await client.closed).code).toBe(closeCode)
    }
    expect([connections, io.stats.clients.total, io.sockets.sockets.size]).toEqual([0, 0, 0])
    expect(log.filter(({ level }) => level === 'error')).toEqual([])
  })

  it('may say when to come back, which stands in the close reason, too', async () => {
    const { io, url } = await serve()
    io.use((_socket, next) => next(new RequestError('rate_limited', 'not so fast', undefined, undefined, 1_500)))
    const client = await connect(url)
    const error = { code: 'rate_limited', message: 'not so fast', retryAfterMs: 1_500 }
    expect(await client.take()).toEqual({ type: 'error', error, request: 'connect' })
    expect(await client.closed).toEqual({ code: 1013, reason: 'retry=1500 not so fast' })
  })

  it.each<[string, () => void | Promise<void>]>([
    [
      'throws',
      () => {
        throw new Error('database')
      },
    ],
    ['rejects', () => Promise.reject(new Error('database'))],
  ])('that %s refuses the client with 1011, and is logged', async (_, fails) => {
    const { io, url, log } = await serve()
    io.use(() => fails())
    const client = await connect(url)
    const { error } = await client.take()
    expect(error.code).toBe('internal')
    expect(error.message).not.toContain('database')
    expect((await client.closed).code).toBe(1011)
    expect(log).toMatchObject([{ level: 'error', fields: { error: expect.stringContaining('database') } }])
  })

  it('that is not asked because an earlier one refused is not asked', async () => {
    const { io, url } = await serve()
    let asked = 0
    io.use((_socket, next) => next(new Error('no')))
    io.use((_socket, next) => {
      asked++
      next()
    })
    await (await connect(url)).closed
    expect(asked).toBe(0)
  })

  it('may wait: what the client says meanwhile is worked on afterwards, in order', async () => {
    const { io, url } = await serve({ rooms })
    const gate: (() => void)[] = []
    io.use((_socket, next) => void gate.push(next))
    io.on('connection', (socket) => {
      socket.on('early', (n) => socket.emit('heard', n))
    })
    const client = await connect(url)
    for (let i = 0; i < 3; i++) client.say({ type: 'early', data: i })
    await expect.poll(() => gate.length, { interval: 5 }).toBe(1)
    gate[0]?.()
    for (let i = 0; i < 3; i++) expect(await client.take()).toMatchObject({ type: 'heard', data: i })
  })

  it('may wait for a client that goes: it is never in', async () => {
    const { io, url } = await serve()
    const gate: (() => void)[] = []
    let connections = 0
    io.use((socket, next) => {
      void socket.join('x')
      gate.push(next)
    })
    io.on('connection', () => void connections++)
    const client = await connect(url)
    await expect.poll(() => gate.length, { interval: 5 }).toBe(1)
    client.drop()
    await expect.poll(() => io.stats.clients.total, { interval: 5 }).toBe(0)
    gate[0]?.()
    const next = await connect(url)
    await expect.poll(() => gate.length, { interval: 5 }).toBe(2)
    expect([connections, io.stats.rooms, io.sockets.sockets.size]).toEqual([0, 0, 0])
    gate[1]?.()
    await next.rest()
    expect(connections).toBe(1)
  })

  it('may let the client into rooms: in them it is once it is in', async () => {
    const { io, url } = await serve({ rooms })
    io.use((socket, next) => {
      void socket.join(['vip', 'lobby', 'not this'])
      void socket.leave('not this')
      expect([...socket.rooms]).toEqual([])
      next()
    })
    const seen: unknown[] = []
    io.on('connection', (socket) => void seen.push([...socket.rooms]))
    const lenient = await connect(url)
    await lenient.rest()
    const strict = await come(url)
    expect(strict.welcome.rooms).toEqual(['vip', 'lobby'])
    io.to('vip').emit('news', 1)
    for (const each of [lenient, strict.client]) expect(await each.take()).toMatchObject({ type: 'news', room: 'vip' })
    expect(seen).toEqual([
      [expect.any(String), 'vip', 'lobby'],
      [strict.welcome.id, 'vip', 'lobby'],
    ])
  })

  it('leaves no trace of rooms where it refuses', async () => {
    const { io, url } = await serve({ rooms })
    io.use((socket, next) => {
      void socket.join('vip')
      next(new Error('no'))
    })
    await (await connect(url)).closed
    expect([io.stats.rooms, io.stats.presenceRooms]).toEqual([0, 0])
  })

  it('says nothing to a client that is not in yet', async () => {
    const { io, url } = await serve()
    const asked: Promise<unknown>[] = []
    io.use((socket, next) => {
      socket.emit('early', 1)
      asked.push(socket.emitWithAck('asked too early').catch((error) => error.message))
      next()
    })
    const { client } = await come(url)
    expect(await client.rest()).toEqual([])
    expect(await Promise.all(asked)).toEqual(['socket has been disconnected'])
  })
})

describe('a namespace', () => {
  it('is the path of the URL, below the prefix too', async () => {
    const { io, url } = await serve()
    const came: string[] = []
    for (const name of ['/', '/ops', 'chat']) io.of(name).on('connection', (socket) => void came.push(socket.nsp.name))
    for (const path of ['', '/', '/ops', '/partyline', '/partyline/', '/partyline/ops', '/chat?name=x', '/%6fps']) {
      await connect(url + path)
    }
    expect(came).toEqual(['/', '/', '/ops', '/', '/', '/ops', '/chat', '/ops'])
    expect(io.of('chat')).toBe(io.of('/chat'))
    expect(io.of('/')).toBe(io.sockets)
  })

  it('that is not there is answered 404, with those that are', async () => {
    const { io, url } = await serve()
    io.of('/ops')
    for (const path of ['/other', '/partyline/other', '/ops/', '/__proto__']) {
      const { status, body } = await refusal(url + path)
      expect(status).toBe(404)
      expect(body).toContain('/, /ops')
    }
  })

  it('has rooms, rules, sockets and middlewares of its own', async () => {
    const { io, url } = await serve({ rooms })
    const ops = io.of('/ops', { rooms: { alarms: open } })
    ops.use((socket, next) => next(socket.handshake.auth.token === 'let me in' ? undefined : new Error('no')))
    const root = await connect(url)
    expect((await (await connect(`${url}/ops`)).closed).code).toBe(4503)
    const operator = await connect(`${url}/ops?token=let%20me%20in`)
    for (const [client, own, other] of [
      [root, 'lobby', 'alarms'],
      [operator, 'alarms', 'lobby'],
    ] as const) {
      expect(await client.ask({ type: 'subscribe', room: own })).toMatchObject({ data: { room: own } })
      expect(await client.ask({ type: 'subscribe', room: other })).toMatchObject({ error: { code: 'unknown_room' } })
    }
    expect([io.sockets.sockets.size, ops.sockets.size]).toEqual([1, 1])
    await ops.publish('lobby', 'not for /')
    ops.emit('ops only', 1)
    io.emit('root only', 2)
    ops.to('alarms').emit('alarm', 3)
    expect((await root.rest()).map(({ type }) => type)).toEqual(['root only'])
    expect((await operator.rest()).map(({ type, room }) => [type, room])).toEqual([
      ['ops only', '/ops'],
      ['alarm', 'alarms'],
    ])
  })

  it('uses the rules of the server where it has none', async () => {
    const { io, url } = await serve({ rooms })
    io.of('/ops')
    const client = await connect(`${url}/ops`)
    expect(await client.ask({ type: 'subscribe', room: 'lobby' })).toMatchObject({ data: { room: 'lobby' } })
  })

  it('publishes and has history without asking the rules', async () => {
    const { io } = await serve()
    expect(await io.publish('inner', { a: 1 })).toEqual({ epoch: expect.any(String), seq: 1 })
    expect(await io.publish('inner', 'x', { volatile: true })).toEqual({})
    await io.publish('inner', 2, { event: 'history', from: { id: 'ada', name: 'Ada' } })
    const { publications, more } = await io.history('inner', { limit: 10 })
    expect(publications).toMatchObject([
      { room: 'inner', seq: 1, event: 'message', from: null, data: { a: 1 } },
      { room: 'inner', seq: 2, event: 'history', from: { id: 'ada', name: 'Ada' }, data: 2 },
    ])
    expect(more).toBe(false)
  })
})

describe('connection', () => {
  it('is told once for each client, under both its names, and off takes it back', async () => {
    const { io, url } = await serve()
    const told: string[] = []
    const listener = (socket: Socket) => void told.push(socket.id)
    io.on('connection', listener)
    io.on('connect', () => void told.push('connect'))
    io.once('connection', () => void told.push('once'))
    await (await connect(url)).rest()
    io.off('connection', listener)
    await (await connect(url)).rest()
    expect(told).toEqual(['connect', expect.any(String), 'once', 'connect'])
  })

  it('whose handler throws or rejects harms nobody, and is logged', async () => {
    const { io, url, log } = await serve()
    io.on('connection', () => {
      throw new Error('sync')
    })
    io.on('connection', async () => {
      throw new Error('async')
    })
    io.on('connection', (socket) => void socket.on('x', (ack) => ack('fine')))
    const client = await connect(url)
    expect(await client.ask({ type: 'x', args: [] })).toEqual({ data: 'fine' })
    expect(log.map(({ level, fields }) => [level, fields.where])).toEqual(
      Array(2).fill(['error', '/: the handler of "connection"']),
    )
  })

  it('may disconnect the client at once', async () => {
    const { io, url } = await serve()
    const reasons: unknown[] = []
    io.on('connection', (socket) => {
      socket.on('disconnect', (reason) => reasons.push(reason))
      socket.disconnect()
      expect(socket.connected).toBe(false)
    })
    const lenient = await connect(url)
    expect(await lenient.closed).toMatchObject({ code: 1000 })
    const strict = await connect(url, { strict: true })
    strict.say({ type: 'connect' })
    expect(await strict.closed).toMatchObject({ code: 1000 })
    expect(reasons).toEqual(Array(2).fill('server namespace disconnect'))
    expect([io.sockets.sockets.size, io.stats.sessions, io.stats.rooms]).toEqual([0, 0, 0])
  })
})
