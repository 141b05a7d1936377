import { describe, expect, it } from 'vitest'
import type { Socket } from '../src/index.ts'
import { onBoth } from './both-servers.ts'
import { once, serve } from './served.ts'
import { comeStock } from './stock-client.ts'
import { connect } from './test-client.ts'

const events = ['create-room', 'delete-room', 'join-room', 'leave-room']

describe('the adapter of a namespace', () => {
  it('tells rooms and who is in them, as npm socket.io does', async () => {
    const { ours, theirs } = await onBoth(async ({ io, url, a, b, letterOf }) => {
      const told: unknown[] = []
      let newcomer = ''
      const letter = (id: string): string => (id === newcomer ? 'newcomer' : letterOf(id))
      for (const event of events) {
        io.of('/').adapter.on(event, (room: string, id?: string) => told.push([event, room, id]))
      }
      await a.socket.join('x')
      await b.socket.join(['x', 'y'])
      await a.socket.join('x')
      await a.socket.leave('x')
      await a.socket.leave('nowhere')
      await b.socket.leave('x')
      io.in(b.socket.id).socketsJoin('z')
      io.of('/other').adapter.on('join-room', () => told.push('elsewhere'))
      const gone = once(b.socket, 'disconnect')
      b.client.disconnect()
      await gone
      const next = once(io, 'connection')
      newcomer = (await comeStock(url)).id as string
      await next
      return told.map((each) => JSON.stringify(each).replaceAll(/[\w~-]{20,}/g, letter)).sort()
    })
    expect(ours).toEqual(theirs)
  })

  it('tells in order: a room is made before somebody joins it, and is gone after the last has left', async () => {
    const { io, url } = await serve()
    const told: unknown[] = []
    for (const event of events) io.sockets.adapter.on(event, (...args: unknown[]) => told.push([event, ...args]))
    const arrives = once(io, 'connection')
    const client = await comeStock(url)
    await arrives
    const id = client.id as string
    const gone = once(io.sockets.sockets.get(id) as never, 'disconnect')
    client.disconnect()
    await gone
    expect(told).toEqual([
      ['create-room', id],
      ['join-room', id, id],
      ['leave-room', id, id],
      ['delete-room', id],
    ])
  })

  it('goes on where one of its listeners throws', async () => {
    const { io, url, log } = await serve()
    io.sockets.adapter.on('join-room', () => {
      throw new Error('no')
    })
    const arrives = once(io, 'connection')
    await comeStock(url)
    const [socket] = (await arrives) as [Socket]
    await socket.join('room')
    expect([...socket.rooms]).toEqual([socket.id, 'room'])
    expect(log.map(({ fields }) => fields.where)).toEqual(Array(2).fill('/: a listener of the adapter'))
  })

  it('shows plain clients too, and tells of them', async () => {
    const { io, url } = await serve({ rooms: { lobby: { subscribe: true } } })
    const told: string[] = []
    io.sockets.adapter.on('join-room', (room: string) => told.push(room))
    const client = await connect(url)
    await client.ask({ type: 'subscribe', room: 'lobby' })
    const [id] = io.sockets.adapter.sids.keys()
    expect([...(io.sockets.adapter.rooms.get('lobby') ?? [])]).toEqual([id])
    expect(told).toEqual([id, 'lobby'])
  })

  it('answers the ids in rooms', async () => {
    const { io, url } = await serve()
    io.on('connection', (socket) => socket.join('room'))
    const client = await comeStock(url)
    const { adapter } = io.sockets
    expect([...(await adapter.sockets(new Set(['room'])))]).toEqual([client.id])
    expect([...(await adapter.sockets())]).toEqual([client.id])
    expect([...(await adapter.sockets(new Set(['nowhere'])))]).toEqual([])
    expect([...(adapter.socketRooms(client.id as string) ?? [])]).toEqual([client.id, 'room'])
    expect(adapter.socketRooms('nobody')).toBeUndefined()
    expect(await adapter.serverCount()).toBe(1)
  })

  it('is a map like any other to read, and cannot be written to', async () => {
    const { io, url } = await serve()
    const { id } = await comeStock(url)
    for (const map of [io.sockets.adapter.rooms, io.sockets.adapter.sids]) {
      expect(new Map(map)).toEqual(new Map([[id, new Set([id])]]))
      expect([[...map.keys()], [...map.values()], [...map.entries()], map.size]).toEqual([
        [id],
        [new Set([id])],
        [[id, new Set([id])]],
        1,
      ])
      for (const write of [() => map.set('x', new Set()), () => map.delete(id as string), () => map.clear()]) {
        expect(write).toThrow('rooms and sids are views')
      }
    }
  })

  it('listens no more where its namespace has gone', async () => {
    const { io, url } = await serve({ cleanupEmptyChildNamespaces: true })
    const told: string[] = []
    const parent = io.of(/^\/x-\d+$/)
    io.on('new_namespace', ({ name, adapter }) => adapter.on('join-room', () => told.push(name)))
    for (let n = 0; n < 2; n++) {
      const client = await comeStock(`${url}/x-1`)
      client.disconnect()
      await expect.poll(() => parent.children.size).toBe(0)
    }
    expect(told).toEqual(['/x-1', '/x-1'])
  })
})

describe('an adapter of Socket.IO’s', () => {
  it('is refused, as an option and afterwards, with what is in its place', async () => {
    const adapter = (): unknown => ({})
    await expect(serve({ adapter } as object)).rejects.toThrow('an adapter is not taken')
    const { io } = await serve()
    expect(() => io.adapter(adapter)).toThrow('broker')
  })
})
