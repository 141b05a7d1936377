import { describe, expect, it, vi } from 'vitest'
import type { PublicationMeta } from '../src/index.ts'
import { settled } from './fake-clock.ts'
import { setting } from './setting.ts'

describe('Subscription', () => {
  it('is ready when the server has answered, and stands where the room stood', async () => {
    const { client, server } = setting()
    const lobby = client.subscribe('lobby')
    expect(lobby.room).toBe('lobby')
    expect(lobby.state).toBe('joining')
    const socket = await server.welcome()
    expect(socket.last('subscribe')).toEqual({ type: 'subscribe', room: 'lobby', id: expect.any(Number) })
    socket.ack('subscribe', { room: 'lobby', epoch: 'e1', seq: 40 })
    await lobby.ready
    expect(lobby.state).toBe('joined')
    expect(lobby.position).toEqual({ epoch: 'e1', seq: 40 })
  })

  it('hands publications to the listeners of their event, with what the server says about them', async () => {
    const { client, server } = setting()
    const lobby = client.subscribe('lobby')
    const message = vi.fn<(data: string, meta: PublicationMeta) => void>()
    const pair = vi.fn()
    const any = vi.fn()
    lobby.on('message', message)
    lobby.on('pair', pair)
    lobby.onAny(any)
    const socket = await server.welcome()
    socket.publication('lobby', 41, 'hi')
    socket.say({ type: 'pair', room: 'lobby', seq: 42, from: null, at: 7, args: [1, 2] })
    socket.publication('elsewhere', 43, 'not here')
    expect(message.mock.calls).toEqual([
      ['hi', { room: 'lobby', event: 'message', seq: 41, from: { id: 'ada', name: 'Ada' }, at: 1041 }],
    ])
    expect(pair.mock.calls).toEqual([[1, 2, { room: 'lobby', event: 'pair', seq: 42, from: null, at: 7 }]])
    expect(any).toHaveBeenCalledTimes(2)
    expect(lobby.position).toEqual({ epoch: 'e1', seq: 42 })
  })

  it('moves its position only when the listeners have had the publication', async () => {
    const { client, server } = setting()
    const lobby = client.subscribe('lobby')
    const socket = await server.welcome()
    socket.ack('subscribe', { room: 'lobby', epoch: 'e1', seq: 1 })
    await lobby.ready
    const seen: unknown[] = []
    lobby.on('message', () => seen.push(lobby.position?.seq))
    socket.publication('lobby', 2, 'a')
    socket.publication('lobby', 3, 'b')
    expect(seen).toEqual([1, 2])
    expect(lobby.position?.seq).toBe(3)
  })

  it('does not move for what has no seq', async () => {
    const { client, server } = setting()
    const lobby = client.subscribe('lobby')
    const heard = vi.fn()
    lobby.on('message', heard)
    const socket = await server.welcome()
    socket.ack('subscribe', { room: 'lobby', epoch: 'e1', seq: 1 })
    await lobby.ready
    socket.publication('lobby', undefined, 'typing')
    socket.publication('lobby', undefined, 'typing')
    expect(heard).toHaveBeenCalledTimes(2)
    expect(lobby.position?.seq).toBe(1)
  })

  it('rejects ready, and tells, where the room is refused', async () => {
    const { client, server } = setting()
    const room = client.subscribe('secret')
    const errors: string[] = []
    room.onError(({ code }) => errors.push(code))
    const socket = await server.welcome()
    socket.refuse('subscribe', 'forbidden')
    await expect(room.ready).rejects.toMatchObject({ code: 'forbidden' })
    expect(room.state).toBe('failed')
    expect(errors).toEqual(['forbidden'])
    await room.unsubscribe()
    expect(socket.all('unsubscribe')).toEqual([])
  })

  it.each([
    ['unavailable', undefined, 2000],
    ['rate_limited', 300, 300],
  ])('asks again after %s', async (code, retryAfterMs, delayMs) => {
    const { client, server, clock } = setting()
    const lobby = client.subscribe('lobby')
    const socket = await server.welcome()
    socket.refuse('subscribe', code, retryAfterMs)
    await settled()
    expect(socket.all('subscribe')).toHaveLength(1)
    await clock.pass(delayMs)
    expect(socket.all('subscribe')).toHaveLength(2)
    socket.ack('subscribe', { room: 'lobby', epoch: 'e1', seq: 0 })
    await lobby.ready
  })

  it('shares one place on the server with the others of its room', async () => {
    const { client, server } = setting()
    const first = client.subscribe('lobby')
    const second = client.subscribe('lobby')
    const heard: string[] = []
    first.on('message', (data) => heard.push(`first ${data}`))
    second.on('message', (data) => heard.push(`second ${data}`))
    const socket = await server.welcome()
    expect(socket.all('subscribe')).toHaveLength(1)
    socket.ack('subscribe', { room: 'lobby', epoch: 'e1', seq: 0 })
    await Promise.all([first.ready, second.ready])
    const third = client.subscribe('lobby')
    await third.ready
    socket.publication('lobby', 1, 'a')
    await first.unsubscribe()
    socket.publication('lobby', 2, 'b')
    expect(heard).toEqual(['first a', 'second a', 'second b'])
    await third.unsubscribe()
    expect(socket.all('unsubscribe')).toEqual([])
    const left = second.unsubscribe()
    socket.ack('unsubscribe', { room: 'lobby' })
    await left
    expect(second.state).toBe('left')
    expect(second.position).toEqual({ epoch: 'e1', seq: 2 })
  })

  it('ignores what comes from a room that is being left, and does not come back to it', async () => {
    const { client, server, clock } = setting()
    const lobby = client.subscribe('lobby')
    const heard = vi.fn()
    client.on('message', heard)
    const first = await server.welcome()
    first.ack('subscribe', { room: 'lobby', epoch: 'e1', seq: 0 })
    await lobby.ready
    const left = lobby.unsubscribe()
    first.publication('lobby', 1, 'late')
    first.drop()
    await clock.pass(750)
    const second = await server.accept()
    expect(second.last('connect').rooms).toBeUndefined()
    second.welcome({ rooms: ['lobby'], recovered: true })
    second.publication('lobby', 1, 'replayed')
    second.ack('unsubscribe', { room: 'lobby' })
    await left
    second.pong()
    expect(heard).not.toHaveBeenCalled()
  })

  it('can be made again while the one before is still leaving', async () => {
    const { client, server } = setting()
    const before = client.subscribe('lobby')
    const socket = await server.welcome()
    socket.ack('subscribe', { room: 'lobby', epoch: 'e1', seq: 0 })
    await before.ready
    const left = before.unsubscribe()
    const after = client.subscribe('lobby')
    const heard = vi.fn()
    after.on('message', heard)
    socket.publication('lobby', 1, 'for the old one')
    socket.ack('unsubscribe', { room: 'lobby' })
    await left
    socket.ack('subscribe', { room: 'lobby', epoch: 'e1', seq: 3 })
    await after.ready
    socket.publication('lobby', 4, 'for the new one')
    expect(heard.mock.calls.map(([data]) => data)).toEqual(['for the new one'])
    expect(
      socket.received
        .slice(1)
        .map(({ type }) => type)
        .filter((type) => type !== 'ping'),
    ).toEqual(['subscribe', 'unsubscribe', 'subscribe'])
  })

  it('is said again behind the unsubscribe before it, from its since, when the line drops between', async () => {
    const { client, server, clock } = setting()
    const before = client.subscribe('lobby')
    const first = await server.welcome()
    first.ack('subscribe', { room: 'lobby', epoch: 'e1', seq: 0 })
    await before.ready
    const left = before.unsubscribe()
    const after = client.subscribe('lobby', { since: { epoch: 'e1', seq: 0 } })
    const heard = vi.fn()
    after.on('message', heard)
    first.drop()
    await clock.pass(750)
    const second = await server.accept()
    expect(second.last('connect').rooms).toBeUndefined()
    second.welcome({ rooms: ['lobby'], recovered: true })
    second.publication('lobby', 1, 'replayed for the old one')
    expect(second.received.slice(2)).toMatchObject([
      { type: 'unsubscribe', room: 'lobby' },
      { type: 'subscribe', room: 'lobby', since: { epoch: 'e1', seq: 0 } },
    ])
    second.ack('unsubscribe', { room: 'lobby' })
    await left
    second.publication('lobby', 1, 'replayed for the new one')
    second.ack('subscribe', { room: 'lobby', epoch: 'e1', seq: 1, recovered: true })
    await after.ready
    expect(heard.mock.calls.map(([data]) => data)).toEqual(['replayed for the new one'])
  })

  it('asks for nothing where it was given up before the connection stood', async () => {
    const { client, server } = setting()
    await client.subscribe('lobby').unsubscribe()
    const socket = await server.welcome()
    expect(socket.received.map(({ type }) => type)).toEqual(['connect', 'ping'])
  })

  it('publishes to its room and reads its history', async () => {
    const { client, server } = setting()
    const lobby = client.subscribe('lobby')
    const socket = await server.welcome()
    const published = lobby.publish({ text: 'hi' }, { event: 'note' })
    expect(socket.last('publish')).toMatchObject({ room: 'lobby', event: 'note', data: { text: 'hi' } })
    socket.ack('publish', { epoch: 'e1', seq: 5 })
    expect(await published).toEqual({ epoch: 'e1', seq: 5 })
    const page = lobby.history({ before: 5 })
    expect(socket.last('history')).toMatchObject({ room: 'lobby', before: 5 })
    socket.ack('history', { publications: [], epoch: 'e1', more: false })
    expect(await page).toEqual({ publications: [], epoch: 'e1', more: false })
  })

  it('tells of joins and leaves, those during a drop included', async () => {
    const { client, server, clock } = setting()
    const lobby = client.subscribe('lobby')
    const changes: unknown[] = []
    lobby.onPresence((change) => changes.push(change))
    const first = await server.welcome()
    first.ack('subscribe', { room: 'lobby', epoch: 'e1', seq: 0 })
    const here = lobby.presence()
    const users = [
      { id: 'a', name: 'A', since: 1 },
      { id: 'b', name: 'B', since: 2 },
    ]
    first.ack('presence', { users, count: 2 })
    expect(await here).toEqual({ users, count: 2 })
    first.say({ type: 'presence', room: 'lobby', joined: [{ id: 'c', name: 'C' }], left: [{ id: 'a', name: 'A' }] })
    first.drop()
    await clock.pass(750)
    const second = await server.welcome({ rooms: ['lobby'], recovered: true })
    const now = [
      { id: 'b', name: 'B', since: 2 },
      { id: 'd', name: 'D', since: 9 },
    ]
    second.ack('presence', { users: now, count: 2 })
    await settled()
    expect(changes).toEqual([
      { joined: [{ id: 'c', name: 'C' }], left: [{ id: 'a', name: 'A' }] },
      { joined: [{ id: 'd', name: 'D' }], left: [{ id: 'c', name: 'C' }] },
    ])
  })

  it('says nothing of changes where it knows but a page of who is here', async () => {
    const { client, server, clock } = setting()
    const lobby = client.subscribe('lobby')
    const changes = vi.fn()
    lobby.onPresence(changes)
    const first = await server.welcome()
    first.ack('subscribe', { room: 'lobby', epoch: 'e1', seq: 0 })
    const here = lobby.presence({ limit: 1 })
    first.ack('presence', { users: [{ id: 'a', name: 'A', since: 1 }], count: 2 })
    await here
    first.drop()
    await clock.pass(750)
    const second = await server.welcome({ rooms: ['lobby'], recovered: true })
    second.ack('presence', { users: [{ id: 'b', name: 'B', since: 1 }], count: 2 })
    await settled()
    expect(changes).not.toHaveBeenCalled()
  })

  it('does not ask who is here again where nobody asked before', async () => {
    const { client, server, clock } = setting()
    const lobby = client.subscribe('lobby')
    lobby.onPresence(() => {})
    const first = await server.welcome()
    first.ack('subscribe', { room: 'lobby', epoch: 'e1', seq: 0 })
    await lobby.ready
    first.drop()
    await clock.pass(750)
    const second = await server.welcome({ rooms: ['lobby'], recovered: true })
    expect(second.all('presence')).toEqual([])
  })

  it('removes listeners by what on returned, and by off', async () => {
    const { client, server } = setting()
    const lobby = client.subscribe('lobby')
    const [one, two, three] = [vi.fn(), vi.fn(), vi.fn()]
    const stop = lobby.on('message', one)
    lobby.on('message', two)
    lobby.on('message', three)
    stop()
    lobby.off('message', two)
    const socket = await server.welcome()
    socket.publication('lobby', 1, 'a')
    lobby.off('message')
    socket.publication('lobby', 2, 'b')
    expect([one, two, three].map((each) => each.mock.calls.length)).toEqual([0, 0, 1])
  })

  it('rejects ready when the client is closed, and joins when it is connected again', async () => {
    const { client, server } = setting()
    const lobby = client.subscribe('lobby')
    await server.accept()
    client.close()
    await expect(lobby.ready).rejects.toMatchObject({ code: 'disconnected' })
    client.connect()
    const socket = await server.welcome()
    socket.ack('subscribe', { room: 'lobby', epoch: 'e1', seq: 0 })
    await lobby.ready
    expect(lobby.state).toBe('joined')
  })
})
