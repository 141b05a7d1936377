import { describe, expect, it, vi } from 'vitest'
import type { Client, Subscription } from '../src/index.ts'
import type { FakeSocket } from './fake-server.ts'
import { type Setting, setting } from './setting.ts'

async function joined(socket: FakeSocket, subscription: Subscription, seq: number): Promise<void> {
  socket.ack('subscribe', { room: subscription.room, epoch: 'e1', seq })
  await subscription.ready
}

function heardBy(client: Client): unknown[] {
  const heard: unknown[] = []
  client.on('message', (data) => heard.push(data))
  return heard
}

async function comeBack({ client, server, clock }: Setting): Promise<FakeSocket> {
  server.last.drop()
  if (client.state.name === 'waiting') await clock.pass(client.state.delayMs)
  return server.accept()
}

describe('Rooms', () => {
  it('lists session and positions on a return, of every room that was heard of', async () => {
    const set = setting()
    const lobby = set.client.subscribe('lobby')
    const first = await set.server.welcome()
    await joined(first, lobby, 40)
    first.publication('lobby', 41, 'a')
    first.publication('joined-by-the-server', 42, 'b')
    first.publication('/', 43, 'to all')
    first.say({ type: 'direct', data: 'to me', seq: 44 })
    const second = await comeBack(set)
    expect(second.received).toEqual([
      {
        type: 'connect',
        session: 'secret-1',
        rooms: {
          lobby: { epoch: 'e1', seq: 41 },
          'joined-by-the-server': { epoch: 'e1', seq: 42 },
          '/': { epoch: 'e1', seq: 43 },
          'socket-1': { epoch: 'e1', seq: 44 },
        },
      },
    ])
  })

  it('asks for nothing more where the room came back', async () => {
    const set = setting()
    const lobby = set.client.subscribe('lobby')
    await joined(await set.server.welcome(), lobby, 40)
    const second = await comeBack(set)
    second.welcome({ rooms: ['lobby'], recovered: true })
    expect(second.all('subscribe')).toEqual([])
    expect(lobby.state).toBe('joined')
  })

  it('drops what it has had, by the position in the room', async () => {
    const set = setting()
    const heard = heardBy(set.client)
    const first = await set.server.welcome()
    first.publication('lobby', 1, 'a')
    first.publication('lobby', 2, 'b')
    const second = await comeBack(set)
    second.welcome({ rooms: ['lobby'], recovered: true })
    second.publication('lobby', 2, 'b')
    second.publication('lobby', 3, 'c')
    second.pong()
    expect(heard).toEqual(['a', 'b', 'c'])
    expect(set.client.state).toMatchObject({ caughtUp: 1 })
  })

  it('drops what it has had through another room before the drop', async () => {
    const set = setting()
    const heard = heardBy(set.client)
    const [a, b] = [set.client.subscribe('a'), set.client.subscribe('b')]
    const first = await set.server.accept()
    first.welcome()
    const [askA, askB] = first.all('subscribe')
    first.say({ type: 'ack', id: askA?.id, data: { room: 'a', epoch: 'e1', seq: 0 } })
    first.say({ type: 'ack', id: askB?.id, data: { room: 'b', epoch: 'e1', seq: 0 } })
    await Promise.all([a.ready, b.ready])
    first.publication('a', 5, 'to both')
    const second = await comeBack(set)
    expect(second.last('connect').rooms).toEqual({ a: { epoch: 'e1', seq: 5 }, b: { epoch: 'e1', seq: 0 } })
    second.welcome({ rooms: ['a', 'b'], recovered: true })
    second.publication('b', 5, 'to both')
    second.publication('b', 6, 'to b')
    second.pong()
    expect(heard).toEqual(['to both', 'to b'])
    expect(b.position?.seq).toBe(6)
  })

  it('keeps apart publications of two logs that have the same seq', async () => {
    const set = setting()
    const heard = heardBy(set.client)
    const first = await set.server.welcome()
    first.publication('durable', 5, 'in one log')
    first.publication('fleeting', 5, 'in the other', { at: 1005, from: { id: 'ada', name: 'Ada' } })
    const second = await comeBack(set)
    second.welcome({ rooms: ['durable', 'fleeting'], recovered: true })
    second.publication('durable', 6, 'c')
    second.publication('fleeting', 6, 'd')
    second.pong()
    second.publication('durable', 7, 'e')
    second.publication('fleeting', 7, 'f')
    expect(heard).toEqual(['in one log', 'in the other', 'c', 'd', 'e', 'f'])
  })

  it('takes a seq that it has had for new in another epoch', async () => {
    const set = setting()
    const heard = heardBy(set.client)
    const first = await set.server.welcome()
    first.publication('lobby', 5, 'before the crash')
    const second = await comeBack(set)
    second.welcome({ id: 'socket-2', session: 'secret-2', epoch: 'e2', rooms: ['lobby'] })
    second.say({ type: 'gap', room: 'lobby', epoch: 'e2', seq: 0 })
    second.publication('lobby', 1, 'after it')
    second.pong()
    expect(heard).toEqual(['before the crash', 'after it'])
    expect(set.client.positionOf('lobby')).toEqual({ epoch: 'e2', seq: 1 })
  })

  it('does not compare the seq of different epochs', async () => {
    const set = setting()
    const heard = heardBy(set.client)
    const first = await set.server.welcome()
    first.publication('lobby', 5, 'a')
    const second = await comeBack(set)
    second.welcome({ epoch: 'e2', rooms: ['lobby'], recovered: true })
    second.publication('lobby', 3, 'b')
    expect(heard).toEqual(['a', 'b'])
  })

  it('tells of a gap, moves there, and is not recovered', async () => {
    const set = setting()
    const lobby = set.client.subscribe('lobby')
    const gaps: unknown[] = []
    lobby.onGap((gap) => gaps.push(['lobby', gap]))
    set.client.onGap((gap) => gaps.push(['client', gap]))
    await joined(await set.server.welcome(), lobby, 40)
    const second = await comeBack(set)
    second.welcome({ rooms: ['lobby'], recovered: false })
    second.say({ type: 'gap', room: 'lobby', epoch: 'e1', seq: 90 })
    second.pong()
    const gap = { room: 'lobby', epoch: 'e1', seq: 90 }
    expect(gaps).toEqual([
      ['lobby', gap],
      ['client', gap],
    ])
    expect(lobby.position).toEqual({ epoch: 'e1', seq: 90 })
    expect(set.client.state).toEqual({
      name: 'live',
      recovered: false,
      caughtUp: 0,
      gaps: ['lobby'],
      transport: 'websocket',
    })
  })

  it('is not recovered where a gap comes after a welcome that did not know of it', async () => {
    const set = setting()
    const first = await set.server.welcome()
    first.publication('lobby', 1, 'a')
    const second = await comeBack(set)
    second.welcome({ rooms: ['lobby'], recovered: true })
    second.say({ type: 'gap', room: 'lobby', epoch: 'e1', seq: 90 })
    second.pong()
    expect(set.client.state).toMatchObject({ recovered: false, gaps: ['lobby'] })
  })

  it('subscribes with since', async () => {
    const { client, server } = setting()
    const lobby = client.subscribe('lobby', { since: { epoch: 'e1', seq: 7 } })
    const heard: unknown[] = []
    lobby.on('message', (data) => heard.push(data))
    const socket = await server.accept()
    expect(socket.last('connect').rooms).toEqual({ lobby: { epoch: 'e1', seq: 7 } })
    socket.welcome({ rooms: ['lobby'], recovered: true })
    await lobby.ready
    socket.publication('lobby', 8, 'missed')
    socket.pong()
    expect(heard).toEqual(['missed'])
    expect(socket.all('subscribe')).toEqual([])
    expect(client.state).toMatchObject({ recovered: true, caughtUp: 1 })
  })

  it('lists an unanswered since as it was given, though part of it has come', async () => {
    const set = setting()
    const heard = heardBy(set.client)
    const first = await set.server.welcome()
    const lobby = set.client.subscribe('lobby', { since: { epoch: 'e1', seq: 7 } })
    expect(first.last('subscribe').since).toEqual({ epoch: 'e1', seq: 7 })
    first.publication('lobby', 8, 'a')
    const second = await comeBack(set)
    expect(second.last('connect').rooms).toEqual({ lobby: { epoch: 'e1', seq: 7 } })
    second.welcome({ rooms: ['lobby'], recovered: true })
    second.publication('lobby', 8, 'a')
    second.publication('lobby', 9, 'b')
    await lobby.ready
    expect(heard).toEqual(['a', 'b'])
    expect(second.all('subscribe')).toEqual([])
  })

  it('drops in the replay of a since what comes through another room meanwhile', async () => {
    const set = setting()
    const heard = heardBy(set.client)
    const socket = await set.server.welcome()
    await joined(socket, set.client.subscribe('a'), 0)
    const b = set.client.subscribe('b', { since: { epoch: 'e1', seq: 0 } })
    socket.publication('a', 1, 'to both')
    socket.publication('b', 1, 'to both')
    await joined(socket, b, 1)
    socket.publication('b', 2, 'to b')
    expect(heard).toEqual(['to both', 'to b'])
  })

  it('says a subscribe without since again', async () => {
    const set = setting()
    const lobby = set.client.subscribe('lobby')
    const first = await set.server.welcome()
    const second = await comeBack(set)
    second.welcome()
    expect(second.last('subscribe')).toEqual(first.last('subscribe'))
    await joined(second, lobby, 3)
    expect(lobby.position).toEqual({ epoch: 'e1', seq: 3 })
  })

  it('subscribes again, from where it was, where the room did not come back', async () => {
    const set = setting()
    const lobby = set.client.subscribe('lobby')
    await joined(await set.server.welcome(), lobby, 40)
    const second = await comeBack(set)
    second.welcome({ rooms: [] })
    expect(lobby.state).toBe('joining')
    expect(lobby.position).toEqual({ epoch: 'e1', seq: 40 })
    expect(second.last('subscribe')).toMatchObject({ room: 'lobby', since: { epoch: 'e1', seq: 40 } })
    const errors: string[] = []
    lobby.onError(({ code }) => errors.push(code))
    second.refuse('subscribe', 'forbidden')
    await expect(lobby.ready).rejects.toMatchObject({ code: 'forbidden' })
    expect(errors).toEqual(['forbidden'])
    expect(lobby.state).toBe('failed')
    const third = await comeBack(set)
    expect(third.last('connect').rooms).toBeUndefined()
  })

  it('forgets a room that it was put in by the server and is no longer in', async () => {
    const set = setting()
    const first = await set.server.welcome()
    first.publication('room-of-the-server', 1, 'a')
    const second = await comeBack(set)
    second.welcome({ rooms: [] })
    expect(set.client.positionOf('room-of-the-server')).toBeUndefined()
  })

  it('keeps what is known of its own room and the namespace, which no welcome names', async () => {
    const set = setting()
    const first = await set.server.welcome()
    first.publication('/', 1, 'to all')
    first.say({ type: 'message', data: 'to me', seq: 2 })
    const second = await comeBack(set)
    second.welcome({ rooms: [], recovered: true })
    const heard = heardBy(set.client)
    second.say({ type: 'message', data: 'to me', seq: 2 })
    second.say({ type: 'message', data: 'to me again', seq: 3 })
    expect(heard).toEqual(['to me again'])
    const third = await comeBack(set)
    expect(third.last('connect').rooms).toEqual({ '/': { epoch: 'e1', seq: 1 }, 'socket-1': { epoch: 'e1', seq: 3 } })
  })

  it('survives a room called __proto__', async () => {
    const set = setting()
    const heard = heardBy(set.client)
    const first = await set.server.welcome()
    first.publication('__proto__', 1, 'a')
    const second = await comeBack(set)
    expect(Object.getOwnPropertyDescriptor(second.last('connect').rooms, '__proto__')?.value).toEqual({
      epoch: 'e1',
      seq: 1,
    })
    expect(heard).toEqual(['a'])
  })

  it('repeats a subscribe that was put off when the line drops meanwhile', async () => {
    const set = setting()
    const lobby = set.client.subscribe('lobby')
    const first = await set.server.welcome()
    first.refuse('subscribe', 'unavailable', 60_000)
    const second = await comeBack(set)
    second.welcome()
    expect(second.all('subscribe')).toHaveLength(1)
    await joined(second, lobby, 1)
    second.pong()
    await set.clock.pass(20_000)
    second.say({ type: 'ping' })
    await set.clock.pass(40_000)
    expect(second.all('subscribe')).toHaveLength(1)
  })

  it('goes on where a listener throws', async () => {
    const set = setting()
    const uncaught = vi.fn()
    process.on('uncaughtException', uncaught)
    const lobby = set.client.subscribe('lobby')
    lobby.on('message', () => {
      throw new Error('mine')
    })
    const heard: unknown[] = []
    lobby.on('message', (data) => heard.push(data))
    const socket = await set.server.welcome()
    socket.publication('lobby', 1, 'a')
    socket.publication('lobby', 2, 'b')
    await vi.waitFor(() => expect(uncaught).toHaveBeenCalledTimes(2))
    process.off('uncaughtException', uncaught)
    expect(heard).toEqual(['a', 'b'])
    expect(lobby.position?.seq).toBe(2)
  })
})
