import { RequestError } from '@partyline/protocol'
import { describe, expect, it } from 'vitest'
import type { Socket } from '../src/index.ts'
import { open, serve } from './served.ts'
import { StillClock } from './suites/still-clock.ts'
import { come, connect } from './test-client.ts'

const rooms = { lobby: open }

/** A server with one client that is in, and its socket. */
async function pair(options: { clock?: StillClock; strict?: boolean } = {}) {
  const { clock, strict = false } = options
  const served = await serve({ rooms, ...(clock === undefined ? undefined : { clock }) })
  const came = new Promise<Socket>((resolve) => served.io.once('connection', resolve))
  const client = strict ? (await come(served.url)).client : await connect(served.url)
  return { ...served, client, socket: await came }
}

describe('a socket', () => {
  it('has its own room and those it joined', async () => {
    const { socket } = await pair()
    expect([...socket.rooms]).toEqual([socket.id])
    void socket.join('a')
    void socket.join(['b', 'c', 'a'])
    void socket.leave('b')
    expect([...socket.rooms]).toEqual([socket.id, 'a', 'c'])
    expect([socket.connected, socket.disconnected]).toEqual([true, false])
    expect([socket.protocol, socket.transport]).toEqual(['plain', 'websocket'])
    expect(socket.user.id).toMatch(/^guest:/)
  })

  it('tells disconnecting while it is in its rooms, and disconnect when it is not', async () => {
    const { io, client, socket } = await pair()
    void socket.join('a')
    const told: unknown[] = []
    for (const event of ['disconnecting', 'disconnect'] as const) {
      socket.on(event, (reason) => told.push([event, reason, socket.rooms.size, socket.connected]))
    }
    client.drop()
    await expect.poll(() => told.length, { interval: 5 }).toBe(2)
    expect(told).toEqual([
      ['disconnecting', 'transport close', 2, true],
      ['disconnect', 'transport close', 0, false],
    ])
    expect([io.sockets.sockets.size, io.stats.rooms]).toEqual([0, 0])
  })

  it.each([
    ['transport close', (client: Awaited<ReturnType<typeof connect>>) => client.drop()],
    ['transport close', (client: Awaited<ReturnType<typeof connect>>) => void client.close(1001)],
    ['client namespace disconnect', (client: Awaited<ReturnType<typeof connect>>) => void client.close(1000)],
    ['client namespace disconnect', (client: Awaited<ReturnType<typeof connect>>) => void client.close()],
  ])('that goes is disconnected by "%s"', async (reason, go) => {
    const { client, socket } = await pair()
    const gone = new Promise((resolve) => socket.on('disconnect', resolve))
    go(client)
    expect(await gone).toBe(reason)
  })

  it('that answers no ping is disconnected by "ping timeout"', async () => {
    const clock = new StillClock()
    const { client, socket } = await pair({ clock })
    client.socket.pause()
    const reasons: unknown[] = []
    socket.on('disconnect', (reason) => void reasons.push(reason))
    for (let s = 0; s < 50 && socket.connected; s++) {
      clock.pass(1_000)
      await new Promise(setImmediate) // the ping leaves
    }
    expect(reasons).toEqual(['ping timeout'])
  })

  it('is disconnected by the server', async () => {
    const { client, socket } = await pair()
    const gone = new Promise((resolve) => socket.on('disconnect', resolve))
    expect(socket.disconnect()).toBe(socket)
    expect(await gone).toBe('server namespace disconnect')
    expect(await client.closed).toMatchObject({ code: 1000 })
    expect(socket.disconnect(true).connected).toBe(false)
  })

  it('does nothing any more once it has gone', async () => {
    const { io, client, socket } = await pair({ strict: true })
    client.drop()
    await expect.poll(() => socket.connected, { interval: 5 }).toBe(false)
    await socket.join('a')
    await socket.leave('a')
    expect(socket.emit('x')).toBe(true)
    expect(socket.volatile.emit('x')).toBe(true)
    expect([socket.rooms.size, io.stats.rooms]).toEqual([0, 0])
    await expect(socket.emitWithAck('x')).rejects.toThrow('socket has been disconnected')
    const errors: unknown[] = []
    socket.timeout(1_000).emit('x', (error: Error | null) => errors.push(error?.message))
    socket.emit('x', () => errors.push('never'))
    expect(errors).toEqual(['socket has been disconnected'])
  })

  it('does not reach into the session of the client that came back', async () => {
    const { io, url } = await serve({ rooms })
    const sockets: Socket[] = []
    io.on('connection', (socket) => void sockets.push(socket))
    const { client, welcome } = await come(url)
    client.drop()
    await expect.poll(() => io.stats.clients.total, { interval: 5 }).toBe(0)
    const back = await come(url, { session: welcome.session })
    await back.client.ask({ type: 'subscribe', room: 'lobby' })
    await sockets[0]?.join('lobby') // a handler of the old connection that comes late
    back.client.drop()
    await expect.poll(() => io.stats.clients.total, { interval: 5 }).toBe(0)
    expect((await come(url, { session: welcome.session })).welcome.rooms).toEqual(['lobby'])
  })
})

describe('listening', () => {
  it('is on, once and off', async () => {
    const { client, socket } = await pair()
    const heard: string[] = []
    const listener = () => void heard.push('on')
    socket.on('x', listener).once('x', () => void heard.push('once'))
    for (let i = 0; i < 2; i++) client.say({ type: 'x' })
    await client.rest()
    socket.off('x', listener)
    expect(await client.ask({ type: 'x' })).toMatchObject({ error: { code: 'unknown_event' } })
    expect(heard).toEqual(['on', 'once', 'on'])
  })

  it('to any event knows every event, and comes before its own listeners', async () => {
    const { client, socket } = await pair()
    const heard: unknown[] = []
    const any = (event: string, ...args: unknown[]) =>
      void heard.push([event, ...args.filter((arg) => typeof arg !== 'function')])
    socket.onAny(any)
    socket.on('x', (value) => void heard.push(value))
    client.say({ type: 'x', data: 1 })
    client.say({ type: '__proto__', data: 2 })
    client.say('bare')
    await client.rest()
    expect(heard).toEqual([['x', 1], 1, ['__proto__', 2], ['message', 'bare']])
    socket.offAny(any)
    expect(await client.ask({ type: 'y' })).toMatchObject({ error: { code: 'unknown_event' } })
  })

  it('misses nothing that comes in the same turn as the connection', async () => {
    const { io, url } = await serve()
    io.on('connection', (socket) => {
      socket.on('x', (n, ack) => ack(n))
    })
    const client = await connect(url)
    expect(await client.ask({ type: 'x', data: 1 })).toEqual({ data: 1 })
  })
})

describe('a handler that fails', () => {
  const failures: [string, () => unknown][] = [
    [
      'throws',
      () => {
        throw new Error('secret words')
      },
    ],
    [
      'rejects',
      async () => {
        throw new Error('secret words')
      },
    ],
  ]

  it.each(failures)(
    'and %s is one client’s error: told by the id of the log line, and others live',
    async (_, fails) => {
      const { io, url, log } = await serve()
      io.on('connection', (socket) => {
        socket.on('save', () => fails() as never)
      })
      const [client, other] = [await connect(url), await connect(url)]
      const { error } = await client.ask({ type: 'save', data: 'attacker bytes' })
      expect(error.code).toBe('internal')
      expect(error.message).not.toContain('secret words')
      expect(log).toEqual([
        {
          level: 'error',
          text: expect.stringContaining('the handler of "save" failed'),
          fields: {
            id: expect.any(String),
            where: 'the handler of "save"',
            error: expect.stringContaining('secret words'),
          },
        },
      ])
      expect(error.message).toContain(log[0]?.fields.id)
      expect(JSON.stringify(log)).not.toContain('attacker bytes')
      for (const each of [client, other]) expect(await each.rest()).toEqual([])
    },
  )

  it.each(failures)('and %s is told without an id, too', async (_, fails) => {
    const { io, url, log } = await serve()
    io.on('connection', (socket) => {
      socket.on('save', () => fails() as never)
    })
    const client = await connect(url)
    client.say({ type: 'save', data: 'x' })
    expect(await client.take()).toMatchObject({ type: 'error', error: { code: 'internal' }, request: 'save' })
    expect(log.length).toBe(1)
    expect(await client.rest()).toEqual([])
  })

  it('may refuse with a code and words for the client, which are not logged', async () => {
    const { io, url, log } = await serve()
    io.on('connection', (socket) => {
      socket.on('save', () => {
        throw new RequestError('too_large', 'at most 10')
      })
    })
    const client = await connect(url)
    const error = { code: 'too_large', message: 'at most 10' }
    expect(await client.ask({ type: 'save' })).toEqual({ error })
    client.say({ type: 'save' })
    expect(await client.take()).toEqual({ type: 'error', error, request: 'save' })
    expect(log).toEqual([])
  })

  it('when the client has gone is logged', async () => {
    const { io, url, log } = await serve()
    const reject: ((error: Error) => void)[] = []
    io.on('connection', (socket) => {
      socket.on('save', () => new Promise<void>((_, no) => void reject.push(no)))
      socket.on('disconnect', () => {
        throw new Error('in disconnect')
      })
    })
    const client = await connect(url)
    client.say({ type: 'save' })
    await client.rest()
    client.drop()
    await expect.poll(() => log.length, { interval: 5 }).toBe(1)
    reject[0]?.(new Error('too late'))
    await expect.poll(() => log.length, { interval: 5 }).toBe(2)
    expect(log.map(({ fields }) => String(fields.where))).toEqual([
      expect.stringContaining('the handler of "disconnect"'),
      expect.stringContaining('the handler of "save"'),
    ])
  })

  it('whatever it throws is survived', async () => {
    const { io, url, log } = await serve()
    const thrown = [undefined, null, 'text', 5, Object.create(null)]
    io.on('connection', (socket) => {
      socket.on('save', (i) => {
        throw thrown[i]
      })
    })
    const client = await connect(url)
    for (let i = 0; i < thrown.length; i++) {
      expect(await client.ask({ type: 'save', data: i })).toMatchObject({ error: { code: 'internal' } })
    }
    expect(log.length).toBe(thrown.length)
  })
})

describe('an acknowledgement of a client', () => {
  it('answers a callback, or a promise', async () => {
    const { client, socket } = await pair()
    const called: unknown[][] = []
    socket.emit('one', 1, (...args: unknown[]) => void called.push(args))
    const promise = socket.emitWithAck('two', 2)
    const [one, two] = [await client.take(), await client.take()]
    expect([one, two]).toMatchObject([
      { type: 'one', data: 1 },
      { type: 'two', data: 2 },
    ])
    client.say({ type: 'ack', id: two.id, args: ['b', 'c'] })
    client.say({ type: 'ack', id: one.id, args: ['d', 'e'] })
    expect(await promise).toBe('b')
    await client.rest()
    expect(called).toEqual([['d', 'e']])
  })

  it('may fail after a time', async () => {
    const clock = new StillClock()
    const { client, socket } = await pair({ clock })
    const called: unknown[] = []
    socket.timeout(500).emit('x', (error: Error | null, value: unknown) => void called.push([error?.message, value]))
    const promise = socket.timeout(500).emitWithAck('y')
    const rejected = expect(promise).rejects.toThrow('operation has timed out')
    const { id } = await client.take()
    clock.pass(500)
    await rejected
    client.say({ type: 'ack', id, data: 'late' })
    await client.rest()
    expect(called).toEqual([['operation has timed out', undefined]])
    socket.timeout(500).emit('z', (error: Error | null, value: unknown) => void called.push([error, value]))
    client.say({ type: 'ack', id: (await client.take(({ type }) => type === 'z')).id, data: 'in time' })
    await client.rest()
    expect(called[1]).toEqual([null, 'in time'])
  })

  it('does not come from a client that goes', async () => {
    const { client, socket } = await pair()
    const called: unknown[] = []
    socket.emit('x', () => void called.push('plain'))
    socket.timeout(60_000).emit('x', (error: Error | null) => void called.push(error?.message))
    const promise = socket.emitWithAck('y')
    const rejected = expect(promise).rejects.toThrow('socket has been disconnected')
    client.drop()
    await rejected
    expect(called).toEqual(['socket has been disconnected'])
  })

  it('that is a refusal is no answer', async () => {
    const { client, socket } = await pair()
    const called: unknown[] = []
    const refused = expect(socket.emitWithAck('x')).rejects.toMatchObject({ code: 'forbidden', message: 'I will not' })
    socket.timeout(60_000).emit('y', (error: Error | null) => void called.push(error?.message))
    socket.emit('z', () => void called.push('never'))
    const error = { code: 'forbidden', message: 'I will not' }
    for (let i = 0; i < 3; i++) client.say({ type: 'ack', id: (await client.take()).id, error })
    await refused
    await client.rest()
    expect(called).toEqual(['I will not'])
  })
})

describe('saying something', () => {
  it.each(['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener'])(
    'under the reserved name %s throws',
    async (event) => {
      const { io, socket } = await pair()
      for (const target of [socket, io, io.to('x'), socket.broadcast]) {
        expect(() => (target as { emit(event: string): unknown }).emit(event)).toThrow(TypeError)
      }
      expect(() => socket.emitWithAck(event)).toThrow(TypeError)
    },
  )

  it('goes out in the order in which it was said, in one turn', async () => {
    for (const strict of [false, true]) {
      const { io, client, socket } = await pair({ strict })
      socket.emit('a', 1)
      io.emit('b', 2)
      socket.emit('c', 3, () => {})
      io.to(socket.id).emit('d', 4)
      socket.send('e')
      await client.take((heard) => heard === 'e' || heard.type === 'message')
      const types = client.frames.map(String).map((frame) => (frame.startsWith('{') ? JSON.parse(frame).type : frame))
      expect(types.filter((type) => type !== 'welcome')).toEqual(['a', 'b', 'c', 'd', strict ? 'message' : 'e'])
    }
  })

  it('volatile is dropped only where it cannot be written', async () => {
    const { client, socket } = await pair()
    expect(socket.volatile.emit('tick', 1)).toBe(true)
    expect(await client.take()).toEqual({ type: 'tick', data: 1 })
    socket.emit('next', 2) // the flag was for one emit
    expect(await client.take()).toEqual({ type: 'next', data: 2 })
  })

  it('volatile to a client that does not read is dropped, and the rest is not', async () => {
    const { client, socket } = await pair()
    client.socket.pause()
    const text = 'x'.repeat(1_000_000)
    for (let i = 0; i < 10; i++) socket.emit('large', text)
    await new Promise(setImmediate)
    socket.volatile.emit('tick', 1)
    socket.emit('last', 2)
    client.socket.resume()
    await client.take((heard) => heard.type === 'last')
    const types = client.frames.map((frame) => JSON.parse(String(frame)).type)
    expect(types).toEqual([...Array(10).fill('large'), 'last'])
  })
})
