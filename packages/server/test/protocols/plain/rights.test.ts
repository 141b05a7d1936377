import { describe, expect, it } from 'vitest'
import type { RoomRule } from '../../../src/index.ts'
import { open, serve } from '../../served.ts'
import { come, connect } from '../../test-client.ts'

const rooms: Record<string, RoomRule> = { lobby: open, closed: { publish: false, presence: true } }
const subscribe = (room: string, since?: unknown) => ({
  type: 'subscribe',
  room,
  ...(since === undefined ? {} : { since }),
})
const publish = (room: string, data: unknown, more: object = {}) => ({ type: 'publish', room, data, ...more })

describe('auth', () => {
  it('answers the guest’s own identity, and takes a name', async () => {
    const { io, url } = await serve({ rooms })
    const { client, welcome } = await come(url)
    expect(await client.ask({ type: 'auth', token: 'anything' })).toEqual({ data: { user: welcome.user } })
    const { data } = await client.ask({ type: 'auth', name: 'Ada' })
    expect(data.user).toEqual({ id: welcome.user.id, name: 'Ada' })
    await client.ask(publish('lobby', 'x'))
    expect((await io.history('lobby')).publications[0]?.from).toEqual(data.user)
    await client.ask(subscribe('lobby'))
    await client.ask({ type: 'auth', name: 'Countess' })
    expect((await client.ask({ type: 'presence', room: 'lobby' })).data.users).toMatchObject([{ name: 'Countess' }])
    expect(await client.ask({ type: 'auth', name: 5 })).toMatchObject({ error: { code: 'invalid' } })
  })

  it('fills what the handshake did not bring', async () => {
    const { io, url } = await serve()
    const lenient = await connect(`${url}/?token=url`)
    await lenient.ask({ type: 'auth', token: 'message', name: 'Ada' })
    const auths = [...io.sockets.sockets.values()].map(({ handshake }) => handshake.auth)
    expect(auths).toEqual([{ token: 'url', name: 'Ada' }])
  })
})

describe('a right', () => {
  it('may be a function that answers later, and is told who asks for what', async () => {
    const asked: unknown[] = []
    const later = (allowed: boolean) => async (user: { id: string }, room: string) => {
      asked.push([user.id, room])
      return allowed
    }
    const rule = { subscribe: later(true), publish: later(false), history: later(false), presence: later(true) }
    const { url } = await serve({ rooms: { 'team:*': rule } })
    const { client, welcome } = await come(url)
    const room = 'team:1'
    expect(await client.ask(subscribe(room))).toMatchObject({ data: { room } })
    expect(await client.ask(publish(room, 'x'))).toMatchObject({ error: { code: 'forbidden' } })
    expect(await client.ask({ type: 'history', room })).toMatchObject({ error: { code: 'forbidden' } })
    expect(await client.ask({ type: 'presence', room })).toMatchObject({ data: { count: 1 } })
    expect(asked).toEqual(Array(4).fill([welcome.user.id, room]))
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('database')
      },
    ],
    ['rejects', () => Promise.reject(new Error('database'))],
  ])('that %s is our own fault: told by the id of a log line, without its words', async (_, right) => {
    const { url, log } = await serve({ rooms: { club: { subscribe: right } } })
    const { client } = await come(url)
    const { error } = await client.ask(subscribe('club'))
    expect(error.code).toBe('internal')
    expect(error.message).not.toContain('database')
    expect(log).toMatchObject([
      { level: 'error', fields: { where: 'subscribe', error: expect.stringContaining('database') } },
    ])
    expect(error.message).toContain(log[0]?.fields.id)
    expect(await client.rest()).toEqual([])
  })

  it('is given by true alone', async () => {
    const { url } = await serve({ rooms: { club: { subscribe: (() => 'yes') as never } } })
    const client = await connect(url)
    expect(await client.ask(subscribe('club'))).toMatchObject({ error: { code: 'forbidden' } })
  })
})

describe('the rooms of a client', () => {
  it('are at most so many, its own and the namespace’s not counted', async () => {
    const { io, url, log } = await serve({ rooms: { 'r:*': open }, maxRoomsPerClient: 3 })
    const { client, welcome } = await come(url)
    for (const room of ['r:1', 'r:2', 'r:3'])
      expect(await client.ask(subscribe(room))).toMatchObject({ data: { room } })
    expect(await client.ask(subscribe('r:4'))).toMatchObject({ error: { code: 'too_many' } })
    expect(await client.ask(subscribe('r:3'))).toMatchObject({ data: { room: 'r:3' } })
    io.socketsJoin('r:5')
    expect(JSON.stringify(log)).toContain('3 rooms')
    await client.ask({ type: 'unsubscribe', room: 'r:1' })
    expect(await client.ask(subscribe('r:4'))).toMatchObject({ data: { room: 'r:4' } })
    client.drop()
    await expect.poll(() => io.stats.clients.total, { interval: 5 }).toBe(0)
    const { epoch, session } = welcome
    const listed = Object.fromEntries(['r:2', 'r:3', 'r:4', 'r:6', 'r:7'].map((room) => [room, { epoch, seq: 0 }]))
    expect((await come(url, { session, rooms: listed })).welcome.rooms).toEqual(['r:2', 'r:3', 'r:4'])
    expect((await come(url, { rooms: listed })).welcome.rooms).toEqual(['r:2', 'r:3', 'r:4'])
  })

  it('that it watches are at most so many, too', async () => {
    const { url } = await serve({ rooms: { 'r:*': open }, maxRoomsPerClient: 2 })
    const client = await connect(url)
    for (const room of ['r:1', 'r:2', 'r:2']) await client.ask({ type: 'presence', room })
    expect(await client.ask({ type: 'presence', room: 'r:3' })).toMatchObject({ error: { code: 'too_many' } })
  })
})
