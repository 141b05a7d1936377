import { describe, expect, it } from 'vitest'
import type { Server, Socket } from '../src/index.ts'
import { open, serve } from './served.ts'
import { come, connect, type TestClient } from './test-client.ts'

/** Sockets by the names of their clients, in rooms of these letters. */
async function crowd(members: Record<string, string>) {
  const { io, url, log } = await serve({ rooms: { lobby: open } })
  const clients: Record<string, TestClient> = {}
  const sockets: Record<string, Socket> = {}
  io.on('connection', (socket) => {
    sockets[socket.user.name] = socket
    void socket.join([...(members[socket.user.name] ?? '')])
  })
  for (const name of Object.keys(members)) {
    clients[name] = await connect(`${url}/?name=${name}`)
    await clients[name].rest()
  }
  /** Who has heard what, by name. */
  const heard = async (): Promise<Record<string, string[]>> => {
    const all: Record<string, string[]> = {}
    for (const [name, client] of Object.entries(clients)) {
      const events = (await client.rest()).map(({ type }) => type)
      if (events.length > 0) all[name] = events
    }
    return all
  }
  return { io, url, log, clients, sockets: sockets as Record<'a' | 'b' | 'c' | 'd', Socket>, heard }
}

describe('a broadcast', () => {
  const members = { a: 'XY', b: 'X', c: 'Y', d: '' }

  it.each<[string, (io: Server, sockets: Record<'a' | 'b' | 'c' | 'd', Socket>) => unknown, string]>([
    ['everybody', (io) => io.emit('e'), 'abcd'],
    ['a room', (io) => io.to('X').emit('e'), 'ab'],
    ['a room, by its other name', (io) => io.in('X').emit('e'), 'ab'],
    ['several rooms, each once', (io) => io.to('X').to('Y').emit('e'), 'abc'],
    ['several rooms in one', (io) => io.to(['X', 'Y', 'X']).emit('e'), 'abc'],
    ['a room that is empty', (io) => io.to('Z').emit('e'), ''],
    ['all but a room', (io) => io.except('X').emit('e'), 'cd'],
    ['a room but another', (io) => io.to('X').except('Y').emit('e'), 'b'],
    ['rooms but a socket', (io, { a }) => io.to(['X', 'Y']).except(a.id).emit('e'), 'bc'],
    ['one socket', (io, { d }) => io.to(d.id).emit('e'), 'd'],
    ['two sockets', (io, { a, d }) => io.to([a.id, d.id]).emit('e'), 'ad'],
    ['others', (_, { a }) => a.broadcast.emit('e'), 'bcd'],
    ['others in a room', (_, { a }) => a.to('X').emit('e'), 'b'],
    ['others, who are in a room one is not in', (_, { d }) => d.to('X').emit('e'), 'ab'],
    ['others in rooms', (_, { a }) => a.in(['X', 'Y']).emit('e'), 'bc'],
    ['others but a room', (_, { d }) => d.except('X').emit('e'), 'c'],
    ['others, volatile', (_, { a }) => a.volatile.to('X').emit('e'), 'b'],
    ['all, volatile', (io) => io.volatile.emit('e'), 'abcd'],
    ['a room, volatile', (io) => io.to('X').volatile.emit('e'), 'ab'],
    ['a room, local', (io) => io.local.to('X').emit('e'), 'ab'],
    ['a room, not compressed', (io) => io.compress(false).to('X').emit('e'), 'ab'],
    ['others, local', (_, { a }) => a.local.emit('e'), 'bcd'],
    ['a room but another, volatile', (io) => io.volatile.to('X').except('Y').emit('e'), 'b'],
  ])('to %s', async (_, emit, whom) => {
    const { io, sockets, heard } = await crowd(members)
    expect(emit(io, sockets)).toBe(true)
    expect(await heard()).toEqual(Object.fromEntries([...whom].map((name) => [name, ['e']])))
  })

  it('names the first of its rooms that the reader is in, and no other', async () => {
    const { io, clients } = await crowd(members)
    io.to(['X', 'Y']).emit('e', 1)
    expect(await clients.a?.take()).toMatchObject({ type: 'e', room: 'X', data: 1 })
    const told = await clients.c?.take()
    expect(told).toMatchObject({ type: 'e', room: 'Y' })
    expect(JSON.stringify(told)).not.toContain('X')
  })

  it('is not changed by what is made of it', async () => {
    const { io, heard } = await crowd(members)
    const toX = io.to('X')
    toX.to('Y')
    toX.except('Y')
    expect(toX.volatile).not.toBe(toX)
    toX.emit('e')
    expect(await heard()).toEqual({ a: ['e'], b: ['e'] })
  })

  it('sends message', async () => {
    const { io, clients } = await crowd({ a: 'X', b: '' })
    io.send('all')
    io.to('X').send('X')
    expect(await clients.a?.rest()).toEqual(['all', 'X'])
    expect(await clients.b?.rest()).toEqual(['all'])
  })

  it('is a publication of the server’s, in order with all others', async () => {
    const { io, clients } = await crowd({ a: '' })
    await clients.a?.ask({ type: 'subscribe', room: 'lobby' })
    io.to('lobby').emit('one')
    await io.publish('lobby', 2)
    io.to('lobby').emit('three', 3, 4)
    expect(await clients.a?.rest()).toMatchObject([
      { type: 'one', room: 'lobby', seq: 1, from: null },
      { type: 'message', room: 'lobby', seq: 2, from: null, data: 2 },
      { type: 'three', room: 'lobby', seq: 3, from: null, args: [3, 4] },
    ])
  })
})

describe('the sockets addressed', () => {
  const members = { a: 'XY', b: 'X', c: 'Y', d: '' }
  const names = (sockets: { user: { name: string } }[]) => sockets.map(({ user }) => user.name).join('')

  it('are fetched', async () => {
    const { io, sockets } = await crowd(members)
    expect(names(await io.fetchSockets())).toBe('abcd')
    expect(names(await io.in('X').fetchSockets())).toBe('ab')
    expect(names(await io.in(['X', 'Y']).except('X').fetchSockets())).toBe('c')
    expect(names(await io.in(sockets.d.id).fetchSockets())).toBe('d')
    expect(names(await io.in('Z').fetchSockets())).toBe('')
    expect((await io.in(sockets.d.id).fetchSockets())[0]).toBe(sockets.d)
    expect(names((await sockets.a.to('X').fetchSockets()) as Socket[])).toBe('b')
  })

  it('join and leave', async () => {
    const { io, heard } = await crowd(members)
    io.in('X').except('Z').socketsJoin(['new', 'newer'])
    io.in('Y').socketsLeave('new')
    io.to('new').emit('new')
    io.to('newer').emit('newer')
    expect(await heard()).toEqual({ a: ['newer'], b: ['new', 'newer'] })
    io.socketsJoin('all')
    io.socketsLeave(['X', 'Y'])
    io.to('all').emit('all')
    io.to(['X', 'Y']).emit('nobody')
    expect(await heard()).toEqual({ a: ['all'], b: ['all'], c: ['all'], d: ['all'] })
  })

  it('join also where one of them is in too many rooms', async () => {
    const { io, url, log } = await serve({ maxRoomsPerClient: 1 })
    io.on('connection', (socket) => {
      if (io.sockets.sockets.size === 1) void socket.join('more')
    })
    for (let i = 0; i < 2; i++) await (await connect(url)).rest()
    io.socketsJoin('new')
    expect((await io.in('new').fetchSockets()).length).toBe(1)
    expect(log).toMatchObject([{ text: expect.stringContaining('socketsJoin failed') }])
  })

  it('are named by their ids', async () => {
    const { io, sockets } = await crowd(members)
    expect(await io.in('X').allSockets()).toEqual(new Set([sockets.a.id, sockets.b.id]))
    expect((await io.allSockets()).size).toBe(4)
  })

  it('are disconnected', async () => {
    const { io, clients } = await crowd(members)
    io.in('X').disconnectSockets()
    expect([await clients.a?.closed, await clients.b?.closed]).toMatchObject([{ code: 1000 }, { code: 1000 }])
    expect(names(await io.fetchSockets())).toBe('cd')
    io.disconnectSockets(true)
    expect((await clients.d?.closed)?.code).toBe(1000)
    expect(io.stats.clients.total).toBe(0)
  })

  it('that join by server code are told nothing of it but what is published', async () => {
    const { io, url } = await serve()
    const { client } = await come(url)
    io.socketsJoin('inner')
    io.to('inner').emit('x', 1)
    expect(await client.rest()).toMatchObject([{ type: 'x', room: 'inner', seq: 1 }])
  })
})
