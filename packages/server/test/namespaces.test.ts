import type { Socket as StockSocket } from 'socket.io-client'
import { describe, expect, it } from 'vitest'
import type { Server, Socket } from '../src/index.ts'
import { once, open, serve } from './served.ts'
import { arrival, comeStock, dialStock, ways } from './stock-client.ts'
import { connect } from './test-client.ts'

/** A client of two namespaces over one connection, and its sockets. */
async function inBoth(
  io: Server,
  url: string,
  names: readonly [string, string],
): Promise<{ clients: [StockSocket, StockSocket]; sockets: [Socket, Socket] }> {
  const told = names.map((name) => once(io.of(name), 'connection') as Promise<[Socket]>)
  const first = await comeStock(`${url}${names[0]}`)
  const second = first.io.socket(names[1])
  const [[a], [b]] = (await Promise.all(told)) as [[Socket], [Socket]]
  if (!second.connected) await arrival(second)
  return { clients: [first, second], sockets: [a, b] }
}

describe('the namespaces of a server', () => {
  it('are named with or without a slash, and are one each', async () => {
    const { io } = await serve()
    expect(io.of('')).toBe(io.sockets)
    expect(io.of('/')).toBe(io.sockets)
    expect(io.of('chat')).toBe(io.of('/chat'))
    expect(io.of('/chat').name).toBe('/chat')
  })

  it('are told by new_namespace, each once', async () => {
    const { io } = await serve()
    const told: string[] = []
    io.on('new_namespace', ({ name }) => told.push(name))
    io.of('/a')
    io.of('/a')
    io.of('/')
    io.of('/b')
    expect(told).toEqual(['/a', '/b'])
  })

  it('take a function for a listener to connections', async () => {
    const { io, url } = await serve()
    const names: string[] = []
    io.of('/chat', (socket) => names.push(socket.nsp.name))
    await comeStock(`${url}/chat`)
    expect(names).toEqual(['/chat'])
  })

  it.each([[5], [null], [undefined], [{}]])('are not named by %j', async (name) => {
    const { io } = await serve()
    expect(() => io.of(name as never)).toThrow('a namespace is named by a string, a RegExp or a function')
  })
})

describe.each(ways)('a Socket.IO client by %s', (_, way) => {
  it('is in several namespaces over one connection, as a socket of its own in each', async () => {
    const { io, url } = await serve()
    for (const name of ['/', '/ops']) {
      io.of(name).on('connection', (socket) => {
        socket.on('where', (answer: (name: string) => void) => answer(socket.nsp.name))
      })
    }
    const root = await comeStock(url, way)
    const ops = root.io.socket('/ops')
    await arrival(ops)
    expect(await Promise.all([root.emitWithAck('where'), ops.emitWithAck('where')])).toEqual(['/', '/ops'])
    expect(ops.id).not.toBe(root.id)
    const [one, other] = [io.sockets.sockets.get(root.id as string), io.of('/ops').sockets.get(ops.id as string)]
    expect(one?.conn).toBe(other?.conn)
    expect(io.engine.clientsCount).toBe(1)
  })

  it('is told of a namespace that is not there, and stays in the others', async () => {
    const { io, url } = await serve()
    io.on('connection', (socket) => {
      socket.on('still here', (answer: () => void) => answer())
    })
    const root = await comeStock(url, way)
    const other = root.io.socket('/nowhere')
    await expect(arrival(other)).rejects.toThrow('Invalid namespace')
    await root.emitWithAck('still here')
    expect([root.connected, other.connected]).toEqual([true, false])
  })

  it('is refused by a middleware with its message and its data, and is in no room', async () => {
    const { io, url } = await serve()
    const connections: unknown[] = []
    io.on('connection', (socket) => connections.push(socket))
    io.use((socket, next) => {
      void socket.join('room')
      expect([socket.connected, socket.disconnected]).toEqual([false, true])
      next(Object.assign(new Error('not you'), { data: { code: 7, why: ['a'] } }))
    })
    const client = dialStock(url, way)
    const error = await arrival(client).catch((refused) => refused)
    expect([error.message, error.data]).toEqual(['not you', { code: 7, why: ['a'] }])
    expect(connections).toEqual([])
    expect(await io.in('room').fetchSockets()).toEqual([])
    expect(io.stats.rooms).toBe(0)
  })

  it('shows what it said to each namespace, and where it comes from', async () => {
    const { io, url } = await serve()
    const auths: unknown[] = []
    for (const name of ['/', '/ops']) {
      io.of(name).use(({ handshake, nsp }, next) => {
        const { auth, query, address, secure, xdomain } = handshake
        auths.push([nsp.name, auth, query.from, query.EIO, address, secure, xdomain])
        next()
      })
    }
    const root = await comeStock(url, { ...way, auth: { token: 'one' }, query: { from: 'test' } })
    await arrival(root.io.socket('/ops', { auth: (tell: (auth: object) => void) => tell({ token: 'two' }) }))
    const shared = ['test', '4', '127.0.0.1', false, false]
    expect(auths).toEqual([
      ['/', { token: 'one' }, ...shared],
      ['/ops', { token: 'two' }, ...shared],
    ])
  })
})

describe('a middleware of a namespace', () => {
  it.each<[string, (next: (error?: Error) => void) => void | Promise<void>, string]>([
    ['no data', (next) => next(new Error('no')), 'no'],
    [
      'a rejection',
      async () => {
        throw new Error('secret')
      },
      'our fault',
    ],
    [
      'a throw',
      () => {
        throw new Error('secret')
      },
      'our fault',
    ],
  ])('refuses with %s', async (_, refuse, message) => {
    const { io, url, log } = await serve()
    io.use((_socket, next) => refuse(next))
    const error = await arrival(dialStock(url)).catch((refused) => refused)
    expect(error.message).toContain(message)
    expect(error.message).not.toContain('secret')
    expect(error.data).toBeUndefined()
    expect(log.length).toBe(message === 'no' ? 0 : 1)
  })

  it('is asked in its own namespace alone, one after the other', async () => {
    const { io, url } = await serve()
    const asked: string[] = []
    io.use((_socket, next) => {
      asked.push('/')
      next()
    })
    io.of('/ops').use((_socket, next) => {
      asked.push('/ops first')
      setImmediate(next)
    })
    io.of('/ops').use(async (_socket, next) => {
      asked.push('/ops second')
      next()
    })
    await comeStock(`${url}/ops`)
    expect(asked).toEqual(['/ops first', '/ops second'])
  })
})

describe('leaving one of several namespaces', () => {
  it('by the client leaves the others', async () => {
    const { io, url } = await serve()
    const { clients, sockets } = await inBoth(io, url, ['/', '/ops'])
    const gone = once(sockets[1], 'disconnect')
    clients[1].disconnect()
    expect((await gone)[0]).toBe('client namespace disconnect')
    expect([sockets[0].connected, clients[0].connected, io.engine.clientsCount]).toEqual([true, true, 1])
    clients[1].connect()
    await arrival(clients[1])
    expect(clients[1].connected).toBe(true)
  })

  it('by the server leaves the others; events that were on their way do no harm', async () => {
    const { io, url } = await serve()
    const { clients, sockets } = await inBoth(io, url, ['/', '/ops'])
    const gone = once(clients[1], 'disconnect')
    sockets[1].disconnect()
    clients[1].emit('on its way', 1)
    expect((await gone)[0]).toBe('io server disconnect')
    sockets[0].on('still here', (answer: () => void) => answer())
    await clients[0].emitWithAck('still here')
    expect(io.engine.clientsCount).toBe(1)
  })

  it('for good ends them all, and the connection', async () => {
    const { io, url } = await serve()
    const { clients, sockets } = await inBoth(io, url, ['/', '/ops'])
    const told = [...clients, ...sockets].map((each) => once(each, 'disconnect'))
    sockets[1].disconnect(true)
    const reasons = (await Promise.all(told)).map(([reason]) => reason)
    expect(reasons).toEqual([...Array(2).fill('io server disconnect'), ...Array(2).fill('server namespace disconnect')])
    await expect.poll(() => io.engine.clientsCount).toBe(0)
  })
})

describe('rooms of the same name in two namespaces', () => {
  it('have nothing to do with each other', async () => {
    const { io, url } = await serve()
    const { clients, sockets } = await inBoth(io, url, ['/a', '/b'])
    for (const socket of sockets) await socket.join('room')
    const heard: string[] = []
    for (const client of clients) client.onAny((event: string) => heard.push(`${client === clients[0]} ${event}`))
    io.of('/a').to('room').emit('one')
    io.of('/b').emit('two')
    io.emit('three')
    const ends = clients.map((client) => once(client, 'end'))
    for (const socket of sockets) socket.emit('end')
    await Promise.all(ends)
    expect(heard.sort()).toEqual(['false end', 'false two', 'true end', 'true one'])
    expect((await io.of('/a').in('room').fetchSockets()).map(({ id }) => id)).toEqual([sockets[0].id])
  })
})

describe('a namespace that plain clients are in too', () => {
  it('brings an emit to all of them', async () => {
    const { io, url } = await serve({ rooms: { lobby: open } })
    const stock = await comeStock(`${url}/ops`).catch(() => undefined)
    expect(stock).toBeUndefined()
    io.of('/ops')
    const plain = await connect(`${url}/partyline/ops`)
    const client = await comeStock(`${url}/ops`)
    const told = once(client, 'news')
    io.of('/ops').emit('news', 1)
    expect(await told).toEqual([1])
    expect(await plain.take()).toMatchObject({ type: 'news', data: 1 })
  })
})

describe('serverSideEmit, where there is one server', () => {
  it('reaches nobody, and is answered by nobody', async () => {
    const { io } = await serve()
    const heard: unknown[] = []
    for (const each of [io, io.of('/ops')]) {
      each.on('rebalance', () => heard.push('heard'))
      expect(each.serverSideEmit('rebalance', 1)).toBe(true)
      expect(
        await new Promise((resolve) => each.serverSideEmit('rebalance', 1, (...answer: unknown[]) => resolve(answer))),
      ).toEqual([null, []])
      expect(await each.serverSideEmitWithAck('rebalance', 1)).toEqual([])
    }
    expect(heard).toEqual([])
  })

  it.each(['connect', 'connection', 'new_namespace'])('throws for "%s"', async (event) => {
    const { io } = await serve()
    expect(() => io.serverSideEmit(event)).toThrow(`"${event}" is a reserved event name`)
    await expect(io.serverSideEmitWithAck(event)).rejects.toThrow(`"${event}" is a reserved event name`)
  })
})
