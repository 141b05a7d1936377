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

describe('publish', () => {
  it('reaches the members, the sender too, in the order of its acks', async () => {
    const { url } = await serve({ rooms })
    const [author, reader] = [await come(url, { name: 'Ada' }), await connect(url)]
    for (const each of [author.client, reader]) await each.ask(subscribe('lobby'))
    const { data } = await author.client.ask(publish('lobby', { n: 1 }))
    expect(data).toEqual({ epoch: author.welcome.epoch, seq: 1 })
    const expected = {
      type: 'message',
      room: 'lobby',
      seq: 1,
      from: author.welcome.user,
      at: expect.any(Number),
      data: { n: 1 },
    }
    expect(await author.client.take()).toEqual(expected)
    expect(await reader.take()).toEqual(expected)
  })

  it('needs no membership', async () => {
    const { io, url } = await serve({ rooms })
    const client = await connect(url)
    expect(await client.ask(publish('lobby', 1))).toMatchObject({ data: { seq: 1 } })
    expect(await client.rest()).toEqual([])
    expect((await io.history('lobby')).publications).toMatchObject([{ seq: 1, data: 1 }])
  })

  it('takes an event, several arguments, or none', async () => {
    const { io, url } = await serve({ rooms })
    const client = await connect(url)
    client.say({ type: 'publish', room: 'lobby', event: 'moved', args: [1, 2] })
    client.say({ type: 'publish', room: 'lobby' })
    client.say({ type: 'publish', room: 'lobby', event: null, data: { $binary: 'AAH/' } })
    await client.rest()
    expect((await io.history('lobby')).publications).toMatchObject([
      { event: 'moved', args: [1, 2] },
      { event: 'message' },
      { event: 'message', data: { $binary: 'AAH/' } },
    ])
  })

  it('overwrites a forged from, at, seq and epoch', async () => {
    const { url } = await serve({ rooms })
    const { client, welcome } = await come(url)
    await client.ask(subscribe('lobby'))
    const before = Date.now()
    const forged = { from: { id: 'admin', name: 'Admin' }, at: 1, seq: 99, epoch: 'x', user: 'admin' }
    expect(await client.ask(publish('lobby', 'x', forged))).toMatchObject({ data: { seq: 1, epoch: welcome.epoch } })
    const heard = await client.take()
    expect(heard).toMatchObject({ seq: 1, from: welcome.user, data: 'x' })
    expect(heard.at).toBeGreaterThanOrEqual(before)
    expect(Object.keys(heard)).toEqual(['type', 'room', 'seq', 'from', 'at', 'data'])
  })

  it.each([
    'connect',
    'ack',
    'error',
    'gap',
    'welcome',
    'ping',
    'pong',
    'presence',
    'history',
    'open',
    'close',
    'expiring',
  ])('refuses the reserved event %s', async (event) => {
    const { io, url } = await serve({ rooms })
    const client = await connect(url)
    expect(await client.ask(publish('lobby', 'x', { event }))).toMatchObject({ error: { code: 'invalid' } })
    expect((await io.history('lobby')).publications).toEqual([])
  })

  it('by its own name takes no $ for escape, and no reader takes it for the server’s', async () => {
    const { url } = await serve({ rooms })
    const { client } = await come(url)
    await client.ask(subscribe('lobby'))
    await client.ask(publish('lobby', 'x', { event: '$error' }))
    expect(await client.take()).toMatchObject({ type: '$$error', room: 'lobby', data: 'x' })
  })

  it('is refused without the right, with an id and without', async () => {
    const { io, url } = await serve({ rooms })
    const client = await connect(url)
    expect(await client.ask(publish('closed', 'x'))).toMatchObject({ error: { code: 'forbidden' } })
    expect(await client.ask(publish('nowhere', 'x'))).toMatchObject({ error: { code: 'unknown_room' } })
    client.say(publish('closed', 'x'))
    expect(await client.take()).toMatchObject({ type: 'error', error: { code: 'forbidden' }, request: 'publish' })
    expect((await io.history('closed')).publications).toEqual([])
  })

  it('volatile is not kept and has no seq', async () => {
    const { io, url } = await serve({ rooms })
    const { client } = await come(url)
    await client.ask(subscribe('lobby'))
    expect(await client.ask(publish('lobby', 'x', { volatile: true }))).toEqual({ data: {} })
    const heard = await client.take()
    expect(heard).toMatchObject({ type: 'message', room: 'lobby', data: 'x' })
    expect(heard).not.toHaveProperty('seq')
    expect((await io.history('lobby')).publications).toEqual([])
    expect(await client.ask(publish('lobby', 'x', { volatile: 'yes' }))).toMatchObject({ error: { code: 'invalid' } })
  })

  it('with a key that is known repeats the first answer and publishes nothing', async () => {
    const { io, url } = await serve({ rooms })
    const { client } = await come(url)
    const first = await client.ask(publish('lobby', { a: 1 }, { key: 'k' }))
    await client.ask(publish('lobby', 'between'))
    expect(await client.ask(publish('lobby', { a: 1 }, { key: 'k' }))).toEqual(first)
    expect((await io.history('lobby')).publications.map(({ seq }) => seq)).toEqual([1, 2])
  })

  it.each([
    ['other data', { data: 2 }],
    ['another event', { data: 1, event: 'other' }],
    ['another form of the data', { args: [1, 1] }],
  ])('with a key that is known and %s is a collision', async (_, other) => {
    const { io, url } = await serve({ rooms })
    const { client } = await come(url)
    await client.ask(publish('lobby', 1, { key: 'k' }))
    const refused = await client.ask({ type: 'publish', room: 'lobby', key: 'k', ...other })
    expect(refused).toMatchObject({ error: { code: 'key_reused' } })
    expect((await io.history('lobby')).publications.length).toBe(1)
  })

  it('shares keys among the guests of a room, and among nobody else', async () => {
    const { io, url } = await serve({ rooms: { ...rooms, other: open } })
    io.of('/ops', { rooms })
    const [one, two, ops] = [await come(url), await come(url), await come(`${url}/ops`)]
    await one.client.ask(publish('lobby', 1, { key: 'k' }))
    expect(await two.client.ask(publish('lobby', 1, { key: 'k' }))).toMatchObject({ data: { seq: 1 } })
    expect(await two.client.ask(publish('lobby', 2, { key: 'k' }))).toMatchObject({ error: { code: 'key_reused' } })
    expect(await one.client.ask(publish('other', 2, { key: 'k' }))).toMatchObject({ data: { seq: 2 } })
    expect(await ops.client.ask(publish('lobby', 3, { key: 'k' }))).toMatchObject({ data: { seq: 3 } })
    expect(await io.publish('lobby', 4, { key: 'k' })).toMatchObject({ seq: 4 })
    expect(await io.publish('lobby', 4, { key: 'k' })).toMatchObject({ seq: 4 })
    const ada = { id: 'ada', name: 'Ada' }
    expect(await io.publish('lobby', 5, { key: 'k', from: ada })).toMatchObject({ seq: 5 })
    expect(await io.publish('lobby', 5, { key: 'k', from: { ...ada, name: 'A.' } })).toMatchObject({ seq: 5 })
    expect(await io.publish('lobby', 6, { key: 'k', from: { id: 'bob', name: 'Bob' } })).toMatchObject({ seq: 6 })
    await expect(io.publish('lobby', 7, { key: 'k' })).rejects.toMatchObject({ code: 'key_reused' })
  })

  it.each(['', 'x'.repeat(257), 'a\u0000', 5])('refuses the key %j', async (key) => {
    const { url } = await serve({ rooms })
    const client = await connect(url)
    expect(await client.ask(publish('lobby', 1, { key }))).toMatchObject({ error: { code: 'invalid' } })
  })
})
