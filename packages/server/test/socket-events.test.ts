import { RequestError } from '@partyline/protocol'
import { describe, expect, it } from 'vitest'
import type { EventMiddleware, Socket } from '../src/index.ts'
import { serve } from './served.ts'
import { connect } from './test-client.ts'

/** A lenient client, and what its server logs, after this has been done with its socket. */
async function talk(onConnection: (socket: Socket) => void) {
  const { io, url, log } = await serve()
  io.on('connection', onConnection)
  return { io, log, client: await connect(url) }
}

describe('a middleware of a socket', () => {
  it('is asked for every event in the order of registration, behind listeners to any event and before its own', async () => {
    const order: unknown[] = []
    const { client } = await talk((socket) => {
      socket.on('e', (value) => void order.push(['own', value]))
      socket.use(([event, value], next) => {
        order.push(['first', event, value])
        next()
      })
      socket.use((_packet, next) => {
        order.push('second')
        next()
      })
      socket.onAny(() => void order.push('any'))
    })
    client.say({ type: 'e', data: 1 })
    await client.rest()
    expect(order).toEqual(['any', ['first', 'e', 1], 'second', ['own', 1]])
  })

  it('may change the event, its arguments and its name', async () => {
    const { client } = await talk((socket) => {
      socket.use((packet, next) => {
        packet[0] = packet[0].toLowerCase()
        packet[1] *= 2
        next()
      })
      socket.on('double', (n, ack) => ack(n))
    })
    expect(await client.ask({ type: 'DOUBLE', data: 21 })).toEqual({ data: 42 })
  })

  it('may answer in place of the handler', async () => {
    let called = 0
    const { client } = await talk((socket) => {
      socket.use((packet) => packet.at(-1)('from the middleware'))
      socket.on('e', () => void called++)
    })
    expect(await client.ask({ type: 'e', data: 1 })).toEqual({ data: 'from the middleware' })
    expect(called).toBe(0)
  })

  it('sees events that nobody listens to, which stay unknown', async () => {
    const seen: string[] = []
    const { client } = await talk((socket) => {
      socket.use(([event], next) => {
        seen.push(event)
        next()
      })
    })
    expect(await client.ask({ type: 'nothing' })).toMatchObject({ error: { code: 'unknown_event' } })
    client.say({ type: 'nothing' })
    expect(await client.take()).toMatchObject({ error: { code: 'unknown_event' }, request: 'nothing' })
    expect(seen).toEqual(['nothing', 'nothing'])
  })

  it('comes before the schema', async () => {
    const { client } = await talk((socket) => {
      socket.use((packet, next) => {
        packet[1] = String(packet[1])
        next()
      })
      socket.on('e', { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } }, (value, ack) =>
        ack(typeof value),
      )
    })
    expect(await client.ask({ type: 'e', data: 5 })).toEqual({ data: 'string' })
  })

  it.each([
    ['an error', new Error('not now'), { code: 'forbidden', message: 'not now' }],
    [
      'a code of ours',
      Object.assign(new Error('who?'), { code: 'unauthorized' }),
      { code: 'unauthorized', message: 'who?' },
    ],
    [
      'a refusal',
      new RequestError('rate_limited', 'slow', undefined, undefined, 5),
      { code: 'rate_limited', message: 'slow', retryAfterMs: 5 },
    ],
  ])('refuses with %s: the client is told, and so are listeners of error', async (_, error, told) => {
    const errors: Error[] = []
    let called = 0
    const { client, log } = await talk((socket) => {
      socket.use((_packet, next) => next(error))
      socket.on('e', () => void called++)
      socket.on('error', (each) => void errors.push(each))
    })
    expect(await client.ask({ type: 'e' })).toEqual({ error: told })
    client.say({ type: 'e' })
    expect(await client.take()).toEqual({ type: 'error', error: told, request: 'e' })
    expect(await client.rest()).toEqual([])
    expect(errors.map(({ message }) => message)).toEqual([error.message, error.message])
    expect([called, log]).toEqual([0, []])
  })

  it.each<[string, EventMiddleware]>([
    [
      'throws',
      () => {
        throw new Error('database')
      },
    ],
    ['rejects', () => Promise.reject(new Error('database'))],
  ])('that %s is our fault, and logged', async (_, middleware) => {
    const { client, log } = await talk((socket) => {
      socket.use(middleware)
      socket.on('e', () => {})
    })
    const { error } = await client.ask({ type: 'e' })
    expect(error.code).toBe('internal')
    expect(error.message).not.toContain('database')
    expect(log).toMatchObject([{ level: 'error', fields: { error: expect.stringContaining('database') } }])
  })

  it('that is asynchronous keeps the order', async () => {
    const heard: unknown[] = []
    let open = (): void => {}
    const opened = new Promise<void>((resolve) => {
      open = resolve
    })
    const { client } = await talk((socket) => {
      socket.use(async ([, value], next) => {
        if (value === 1) await opened
        next()
      })
      socket.on('e', (value) => void heard.push(value))
    })
    for (const data of [1, 2, 3]) client.say({ type: 'e', data })
    await client.rest()
    expect(heard).toEqual([])
    open()
    await expect.poll(() => heard.length).toBe(3)
    expect(heard).toEqual([1, 2, 3])
  })

  it('that never says next drops the event, and holds up none', async () => {
    const heard: unknown[] = []
    const { client } = await talk((socket) => {
      socket.use(([, value], next) => {
        if (value !== 'dropped') next()
      })
      socket.use(async ([, value], next) => {
        if (value !== 'dropped later') next()
      })
      socket.on('e', (value) => void heard.push(value))
    })
    for (const data of ['dropped', 'dropped later', 'kept']) client.say({ type: 'e', data })
    await expect.poll(() => heard.length).toBe(1)
    expect(heard).toEqual(['kept'])
  })

  it('that says next twice is heard once', async () => {
    let called = 0
    const { client } = await talk((socket) => {
      socket.use((_packet, next) => {
        next()
        next(new Error('too late'))
      })
      socket.on('e', () => void called++)
    })
    client.say({ type: 'e' })
    expect(await client.rest()).toEqual([])
    expect(called).toBe(1)
  })

  it('must be a function', async () => {
    let thrown: unknown
    const { client } = await talk((socket) => {
      try {
        socket.use('none' as never)
      } catch (error) {
        thrown = error
      }
    })
    await client.rest()
    expect(thrown).toBeInstanceOf(TypeError)
  })
})

describe('listeners of a socket', () => {
  it('are named, counted and taken off as an EventEmitter’s', async () => {
    const { client, io } = await talk(() => {})
    await client.rest()
    const [socket] = await io.fetchSockets()
    if (socket === undefined) throw new Error('no socket')
    const [one, two] = [() => {}, () => {}]
    socket.addListener('a', one).prependListener('a', two).once('b', one)
    expect([socket.listeners('a'), socket.listenerCount('a'), socket.eventNames()]).toEqual([[two, one], 2, ['a', 'b']])
    socket.removeListener('a', two)
    expect(socket.listeners('a')).toEqual([one])
    socket.removeAllListeners('a')
    expect([socket.listenerCount('a'), socket.listenerCount('b')]).toEqual([0, 1])
    socket.removeAllListeners()
    expect(socket.eventNames()).toEqual([])
  })

  it('to any event come in their order', async () => {
    const heard: string[] = []
    const { client } = await talk((socket) => {
      const gone = () => void heard.push('gone')
      const last = () => void heard.push('last')
      socket.onAny(last).onAny(gone)
      socket.prependAny(() => void heard.push('first'))
      socket.offAny(gone)
      expect(socket.listenersAny().length).toBe(2)
    })
    client.say({ type: 'e' })
    await client.rest()
    expect(heard).toEqual(['first', 'last'])
  })
})

describe('a listener to all that is said to a client', () => {
  it('hears what is said to it, to its rooms and to all, once, without acknowledgements', async () => {
    const { client, io } = await talk((socket) => void socket.join(['a', 'b']))
    const other = await connect(`ws://127.0.0.1:${new URL(client.socket.url).port}/`)
    for (const each of [client, other]) await each.rest()
    const [socket, second] = await io.fetchSockets()
    if (socket === undefined || second === undefined) throw new Error('no sockets')
    const heard: unknown[] = []
    socket.onAnyOutgoing((...args) => void heard.push(args))
    socket.emit('one', 1)
    socket.volatile.emit('two', 2)
    socket.emit('three', 3, () => {})
    void socket.emitWithAck('four', 4).catch(() => {})
    socket.send('five')
    io.to(['a', 'b']).emit('six', 6)
    io.emit('seven', 7)
    io.volatile.emit('eight', 8)
    io.in('a')
      .timeout(60_000)
      .emit('nine', 9, () => {})
    io.to('c').emit('not in there')
    io.except('a').emit('excepted')
    second.emit('to another')
    socket.broadcast.emit('to others')
    await io.publish('a', 'published')
    expect(heard).toEqual([
      ['one', 1],
      ['two', 2],
      ['three', 3],
      ['four', 4],
      ['message', 'five'],
      ['six', 6],
      ['seven', 7],
      ['eight', 8],
      ['nine', 9],
    ])
  })

  it('comes and goes, and what it throws is logged and nothing else', async () => {
    const { client, io, log } = await talk(() => {})
    await client.rest()
    const [socket] = await io.fetchSockets()
    if (socket === undefined) throw new Error('no socket')
    const heard: string[] = []
    const last = () => void heard.push('last')
    socket.onAnyOutgoing(() => {
      throw new Error('in a listener')
    })
    socket.onAnyOutgoing(async () => {
      throw new Error('later in a listener')
    })
    socket.onAnyOutgoing(last)
    socket.prependAnyOutgoing(() => void heard.push('first'))
    expect(socket.listenersAnyOutgoing().length).toBe(4)
    socket.emit('e', 1)
    expect(await client.take()).toEqual({ type: 'e', data: 1 })
    expect(heard).toEqual(['first', 'last'])
    await expect.poll(() => log.length).toBe(2)
    socket.offAnyOutgoing(last)
    expect(socket.listenersAnyOutgoing()).not.toContain(last)
    socket.offAnyOutgoing()
    socket.emit('e', 2)
    expect([heard.length, socket.listenersAnyOutgoing()]).toEqual([2, []])
  })

  it('is forgotten when the client goes', async () => {
    const { client, io } = await talk((socket) => void socket.onAnyOutgoing(() => {}))
    await client.rest()
    expect(io.sockets.outgoing.any).toBe(true)
    client.drop()
    await expect.poll(() => io.stats.clients.total).toBe(0)
    expect(io.sockets.outgoing.any).toBe(false)
  })
})
