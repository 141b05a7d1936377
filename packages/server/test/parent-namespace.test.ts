import { describe, expect, it } from 'vitest'
import type { NamespaceMatch, Socket } from '../src/index.ts'
import { once, serve } from './served.ts'
import { arrival, comeStock, dialStock, ways } from './stock-client.ts'
import { connect, refusal } from './test-client.ts'

const names = (children: Iterable<{ name: string }>): string[] => [...children].map(({ name }) => name)

describe('a namespace by a RegExp', () => {
  it.each(ways)(
    'is made when a client asks for it, with what the parent listens to and asks, by %s',
    async (_, way) => {
      const { io, url } = await serve()
      const told: string[] = []
      const parent = io.of(/^\/x-\d+$/)
      parent.use((socket, next) => {
        told.push(`middleware ${socket.nsp.name}`)
        next()
      })
      parent.on('connection', (socket) => told.push(`connection ${socket.nsp.name}`))
      io.on('new_namespace', ({ name }) => told.push(`new ${name}`))
      const client = await comeStock(`${url}/x-101`, way)
      expect(told).toEqual(['new /x-101', 'middleware /x-101', 'connection /x-101'])
      expect(names(parent.children)).toEqual(['/x-101'])
      expect(io.of('/x-101').sockets.has(client.id as string)).toBe(true)
    },
  )

  it('is made by its name in the program, too', async () => {
    const { io } = await serve()
    const parent = io.of(/^\/x-\d+$/g)
    for (const name of ['/x-1', '/x-2', '/x-1']) expect(parent.children.has(io.of(name))).toBe(true)
    expect(names(parent.children)).toEqual(['/x-1', '/x-2'])
    io.of('/y')
    expect(parent.children.size).toBe(2)
  })

  it('is not made for other names', async () => {
    const { io, url } = await serve()
    io.of(/^\/x-\d+$/)
    await expect(comeStock(`${url}/x-a`)).rejects.toThrow('Invalid namespace')
  })

  it('does not stand above one that is there', async () => {
    const { io, url } = await serve()
    const own = io.of('/x-1')
    const parent = io.of(/^\/x-\d+$/)
    await comeStock(`${url}/x-1`)
    expect([own.sockets.size, parent.children.size]).toEqual([1, 0])
  })

  it('is reached by plain clients, and with them by what is said in all children', async () => {
    const { io, url } = await serve()
    const parent = io.of(/^\/x-\d+$/)
    const plain = await connect(`${url}/partyline/x-7`)
    const stock = await comeStock(`${url}/x-8`)
    expect(names(parent.children)).toEqual(['/x-7', '/x-8'])
    const told = once(stock, 'news')
    parent.emit('news', 1)
    expect(await told).toEqual([1])
    expect(await plain.take()).toMatchObject({ type: 'news', data: 1 })
    expect((await refusal(`${url}/partyline/y`)).status).toBe(404)
  })
})

describe('a namespace by a function', () => {
  it('is made where the function says so, which is told the name and the auth', async () => {
    const { io, url } = await serve()
    const asked: unknown[] = []
    const parent = io.of((name, auth, next) => {
      asked.push([name, { ...auth }])
      setImmediate(() => next(null, auth.token === 'good'))
    })
    const client = await comeStock(`${url}/any`, { auth: { token: 'good' } })
    await expect(comeStock(`${url}/other`, { auth: { token: 'bad' } })).rejects.toThrow('Invalid namespace')
    expect(asked).toEqual([
      ['/any', { token: 'good' }],
      ['/other', { token: 'bad' }],
    ])
    expect(names(parent.children)).toEqual(['/any'])
    await comeStock(`${url}/any`)
    expect(asked.length).toBe(2)
    expect(client.connected).toBe(true)
  })

  it.each<[string, NamespaceMatch]>([
    ['an error', (_name, _auth, next) => next(new Error('no'), true)],
    [
      'a throw',
      () => {
        throw new Error('no')
      },
    ],
  ])('is not made where the function answers with %s', async (_, match) => {
    const { io, url } = await serve()
    const parent = io.of(match)
    await expect(comeStock(`${url}/any`)).rejects.toThrow('Invalid namespace')
    expect(parent.children.size).toBe(0)
  })

  it('is asked in the order of registration, until one says yes', async () => {
    const { io, url } = await serve()
    const asked: string[] = []
    const parents = ['first', 'second', 'third'].map((which) =>
      io.of((_name, _auth, next) => {
        asked.push(which)
        next(null, which !== 'first')
      }),
    )
    await comeStock(`${url}/any`)
    expect(asked).toEqual(['first', 'second'])
    expect(parents.map(({ children }) => children.size)).toEqual([0, 1, 0])
  })

  it('is one for two who ask at the same time', async () => {
    const { io, url } = await serve()
    const waiting: (() => void)[] = []
    const parent = io.of((_name, _auth, next) => {
      waiting.push(() => next(null, true))
      if (waiting.length === 2) for (const go of waiting) go()
    })
    await Promise.all([comeStock(`${url}/any`), comeStock(`${url}/any`)])
    expect(parent.children.size).toBe(1)
    expect(io.of('/any').sockets.size).toBe(2)
  })
})

describe('a parent of namespaces', () => {
  it('says in all children what is said in it, to the rooms and without those that are excepted', async () => {
    const { io, url } = await serve()
    const parent = io.of(/^\/x-\d+$/)
    parent.on('connection', async (socket) => {
      await socket.join(`room of ${socket.handshake.auth.as}`)
    })
    const heard: string[] = []
    const clients = []
    for (const [name, as] of [
      ['/x-1', 'a'],
      ['/x-2', 'a'],
      ['/x-2', 'b'],
    ] as const) {
      const client = await comeStock(`${url}${name}`, { auth: { as } })
      client.onAny((event: string) => heard.push(`${name} ${as}: ${event}`))
      clients.push(client)
    }
    const outside = await comeStock(url)
    outside.onAny((event: string) => heard.push(`outside: ${event}`))
    parent.emit('to all')
    parent.to('room of a').emit('to a')
    parent.except('room of a').emit('not to a')
    parent.in(['room of a', 'room of b']).except('room of b').send('to a again')
    const ends = [...clients, outside].map((client) => once(client, 'end'))
    parent.emit('end')
    io.emit('end')
    await Promise.all(ends)
    expect(heard.filter((each) => !each.endsWith(': end')).sort()).toEqual([
      '/x-1 a: message',
      '/x-1 a: to a',
      '/x-1 a: to all',
      '/x-2 a: message',
      '/x-2 a: to a',
      '/x-2 a: to all',
      '/x-2 b: not to a',
      '/x-2 b: to all',
    ])
    expect((await parent.fetchSockets()).length).toBe(3)
    expect((await parent.in('room of b').fetchSockets()).map(({ id }) => id)).toEqual([clients[2]?.id])
  })

  it('asks for acknowledgements in all children', async () => {
    const { io, url } = await serve()
    const parent = io.of(/^\/x-\d+$/)
    for (const n of [1, 2]) {
      const client = await comeStock(`${url}/x-${n}`)
      client.on('question', (answer: (n: number) => void) => answer(n))
    }
    expect((await parent.timeout(10_000).emitWithAck('question')).sort()).toEqual([1, 2])
  })

  it('gives children what it has when they are made, in its order', async () => {
    const { io, url } = await serve()
    const told: string[] = []
    const parent = io.of(/^\/x-\d+$/, () => told.push('of'))
    parent.on('connect', () => told.push('connect'))
    await comeStock(`${url}/x-1`)
    parent.on('connection', () => told.push('later'))
    await comeStock(`${url}/x-1`)
    await comeStock(`${url}/x-2`)
    expect(told).toEqual(['connect', 'of', 'connect', 'of', 'connect', 'of', 'later'])
  })

  it('gives a listener for once to each child', async () => {
    const { io, url } = await serve()
    const told: string[] = []
    const parent = io.of(/^\/x-\d+$/)
    parent.once('connection', (socket: Socket) => told.push(socket.nsp.name))
    for (const name of ['/x-1', '/x-1', '/x-2']) await comeStock(`${url}${name}`)
    expect(told).toEqual(['/x-1', '/x-2'])
  })

  it('has a name of its own that is no namespace', async () => {
    const { io, url } = await serve()
    const [one, other] = [io.of(/^\/x$/), io.of(/^\/y$/)]
    expect(one.name).toMatch(/^\/_\d+$/)
    expect(other.name).not.toBe(one.name)
    await expect(comeStock(`${url}${one.name}`)).rejects.toThrow('Invalid namespace')
  })
})

describe('a child namespace', () => {
  it('goes with its last socket where cleanupEmptyChildNamespaces is on, and can be made again', async () => {
    const { io, url } = await serve({ cleanupEmptyChildNamespaces: true })
    const parent = io.of(/^\/x-\d+$/)
    const told: string[] = []
    io.on('new_namespace', ({ name }) => told.push(name))
    const [one, other] = [await comeStock(`${url}/x-1`), await comeStock(`${url}/x-1`)]
    one.disconnect()
    const child = io.of('/x-1')
    await expect.poll(() => child.sockets.size).toBe(1)
    expect(parent.children.size).toBe(1)
    other.disconnect()
    await expect.poll(() => parent.children.size).toBe(0)
    const again = await comeStock(`${url}/x-1`)
    expect(told).toEqual(['/x-1', '/x-1'])
    expect(io.of('/x-1')).not.toBe(child)
    expect(io.of('/x-1').sockets.has(again.id as string)).toBe(true)
  })

  it('goes where its only client was not let in', async () => {
    const { io, url } = await serve({ cleanupEmptyChildNamespaces: true })
    const parent = io.of(/^\/x-\d+$/)
    parent.use((_socket, next) => next(new Error('no')))
    await expect(comeStock(`${url}/x-1`)).rejects.toThrow('no')
    await expect.poll(() => parent.children.size).toBe(0)
  })

  it('goes where its only client went away while it was coming in', async () => {
    const { io, url } = await serve({ cleanupEmptyChildNamespaces: true })
    const parent = io.of(/^\/x-\d+$/)
    const asked = new Promise<() => void>((resolve) => {
      parent.use((_socket, next) => resolve(next))
    })
    const client = dialStock(`${url}/x-1`)
    const letIn = await asked
    expect(parent.children.size).toBe(1)
    client.io.engine.close()
    await expect.poll(() => io.engine.clientsCount).toBe(0)
    letIn()
    await expect.poll(() => parent.children.size).toBe(0)
  })

  it('stays while somebody is coming in', async () => {
    const { io, url } = await serve({ cleanupEmptyChildNamespaces: true })
    const parent = io.of(/^\/x-\d+$/)
    const waiting: (() => void)[] = []
    parent.use((socket, next) => {
      if (socket.handshake.auth.slow === true) waiting.push(next)
      else next()
    })
    const quick = await comeStock(`${url}/x-1`)
    const slow = dialStock(`${url}/x-1`, { auth: { slow: true } })
    const comes = arrival(slow)
    await expect.poll(() => waiting.length).toBe(1)
    const child = io.of('/x-1')
    const left = once(child.sockets.get(quick.id as string) as Socket, 'disconnect')
    quick.disconnect()
    await left
    waiting[0]?.()
    await comes
    expect(io.of('/x-1')).toBe(child)
    expect(child.sockets.has(slow.id as string)).toBe(true)
  })

  it('goes with its last plain client, too', async () => {
    const { io, url } = await serve({ cleanupEmptyChildNamespaces: true })
    const parent = io.of(/^\/x-\d+$/)
    const plain = await connect(`${url}/partyline/x-1`)
    expect(parent.children.size).toBe(1)
    await plain.close(1000)
    await expect.poll(() => parent.children.size).toBe(0)
  })

  it('stays where the option is off, and one that was made by its name stays in any case', async () => {
    const stays = async (cleanupEmptyChildNamespaces: boolean, name: string): Promise<boolean> => {
      const { io, url } = await serve({ cleanupEmptyChildNamespaces })
      const own = io.of('/own')
      io.of(/^\/x-\d+$/)
      const told = once(io.of(name), 'connection')
      const client = await comeStock(`${url}${name}`)
      const [socket] = (await told) as [Socket]
      const gone = once(socket, 'disconnect')
      client.disconnect()
      await gone
      return io.of('/own') === own && io.of(name) === socket.nsp
    }
    expect(await stays(false, '/x-1')).toBe(true)
    expect(await stays(true, '/own')).toBe(true)
  })
})
