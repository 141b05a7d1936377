import { describe, expect, it } from 'vitest'
import type { RoomRule } from '../../../src/index.ts'
import { open, serve } from '../../served.ts'
import { StillClock } from '../../suites/still-clock.ts'
import { come, connect, type Heard } from '../../test-client.ts'

const rooms: Record<string, RoomRule> = { lobby: open, closed: { publish: false, presence: true } }
const subscribe = (room: string, since?: unknown) => ({
  type: 'subscribe',
  room,
  ...(since === undefined ? {} : { since }),
})
const publish = (room: string, data: unknown, more: object = {}) => ({ type: 'publish', room, data, ...more })

describe('subscribe', () => {
  it('answers where the room stands, and what is published later follows', async () => {
    const { io, url } = await serve({ rooms })
    await io.publish('lobby', 'before')
    const client = await connect(url)
    const { data } = await client.ask(subscribe('lobby'))
    expect(data).toEqual({ room: 'lobby', epoch: expect.any(String), seq: 1 })
    await io.publish('lobby', 'after')
    expect(await client.take()).toMatchObject({ seq: 2, data: 'after' })
  })

  it('may be said again', async () => {
    const { io, url } = await serve({ rooms })
    const client = await connect(url)
    for (let i = 0; i < 2; i++) expect(await client.ask(subscribe('lobby'))).toMatchObject({ data: { room: 'lobby' } })
    await io.publish('lobby', 'once')
    expect(await client.rest()).toMatchObject([{ data: 'once' }])
  })

  it('with since brings what was missed, and then the ack', async () => {
    const { io, url } = await serve({ rooms })
    for (let i = 1; i <= 5; i++) await io.publish('lobby', i)
    const client = await connect(url)
    const { epoch } = (await client.ask(subscribe('lobby'))).data
    await client.ask({ type: 'unsubscribe', room: 'lobby' })
    client.say({ ...subscribe('lobby', { epoch, seq: 2 }), id: 'back' })
    const heard: Heard[] = await client.rest()
    expect(heard.map(({ type, seq }) => [type, seq])).toEqual([
      ['message', 3],
      ['message', 4],
      ['message', 5],
      ['ack', undefined],
    ])
    expect(heard[3]).toEqual({ type: 'ack', id: 'back', data: { room: 'lobby', epoch, seq: 5, recovered: true } })
    await io.publish('lobby', 6)
    expect(await client.take()).toMatchObject({ seq: 6 })
  })

  it.each([
    ['the head', (epoch: string) => ({ epoch, seq: 2 }), true],
    ['beyond the head', (epoch: string) => ({ epoch, seq: 3 }), false],
    ['far beyond the head', (epoch: string) => ({ epoch, seq: Number.MAX_SAFE_INTEGER }), false],
    ['another epoch', () => ({ epoch: 'another', seq: 0 }), false],
    ['an epoch of several parts', (epoch: string) => ({ epoch: `x.${epoch}`, seq: 0 }), false],
  ])('with since at %s is recovered or has a gap, and is no error', async (_, since, recovered) => {
    const { io, url } = await serve({ rooms })
    for (let i = 1; i <= 2; i++) await io.publish('lobby', i)
    const { client, welcome } = await come(url)
    client.say({ ...subscribe('lobby', since(welcome.epoch)), id: 1 })
    const heard: Heard[] = await client.rest()
    const ack = { type: 'ack', id: 1, data: { room: 'lobby', epoch: welcome.epoch, seq: 2, recovered } }
    const gap = { type: 'gap', room: 'lobby', epoch: welcome.epoch, seq: 2 }
    expect(heard).toEqual(recovered ? [ack] : [gap, ack])
    await io.publish('lobby', 'live')
    expect(await client.take()).toMatchObject({ data: 'live', seq: 3 })
  })

  it('tells a gap without an id, too', async () => {
    const { url } = await serve({ rooms })
    const client = await connect(url)
    client.say(subscribe('lobby', { epoch: 'another', seq: 0 }))
    expect(await client.rest()).toMatchObject([{ type: 'gap', room: 'lobby', seq: 0 }])
  })

  it.each([
    5,
    'x',
    [],
    {},
    { epoch: 'x' },
    { seq: 1 },
    { epoch: '', seq: 1 },
    { epoch: 'x', seq: -1 },
    { epoch: 'x', seq: 1.5 },
  ])('with since %j, which is no position, is invalid, and nothing is joined', async (since) => {
    const { io, url } = await serve({ rooms })
    const client = await connect(url)
    expect(await client.ask(subscribe('lobby', since))).toMatchObject({ error: { code: 'invalid' } })
    await io.publish('lobby', 'x')
    expect(await client.rest()).toEqual([])
  })

  it.each([
    ['a room without a rule', 'nowhere', 'unknown_room'],
    ['a room that is closed to it', 'closed', 'forbidden'],
    ['the room of the namespace', '/', 'unknown_room'],
    ['an empty name', '', 'invalid'],
    ['a name with a control character', 'a\u0000b', 'invalid'],
    ['a long name', 'x'.repeat(257), 'invalid'],
    ['a prototype', '__proto__', 'unknown_room'],
  ])('to %s is refused', async (_, room, code) => {
    const { url } = await serve({ rooms })
    const client = await connect(url)
    expect(await client.ask(subscribe(room))).toMatchObject({ error: { code } })
    client.say(subscribe(room))
    expect(await client.take()).toMatchObject({ type: 'error', error: { code }, request: 'subscribe' })
  })

  it('is answered in order with what is published by others at the same time', async () => {
    const { io, url } = await serve({ rooms })
    const client = await connect(url)
    client.say({ ...subscribe('lobby'), id: 1 })
    client.say({ ...publish('lobby', 'own'), id: 2 })
    const heard = [await client.take(), await client.take(), await client.take()]
    expect(heard.map(({ type }) => type)).toEqual(['ack', 'message', 'ack'])
    expect(io.stats.rooms).toBeGreaterThan(0)
  })
})

describe('rooms that only the server may address', () => {
  it('stay closed to clients, whatever pattern fits their names', async () => {
    const { io, url } = await serve({ rooms: { '*': open } })
    const [victim, client] = [await come(url), await connect(url)]
    const id = victim.welcome.id
    io.to(id).emit('secret', 1)
    io.emit('for all', 2)
    await client.rest()
    for (const room of [id, '/']) {
      for (const request of [
        subscribe(room),
        publish(room, 'forged'),
        { type: 'presence', room },
        { type: 'history', room },
      ]) {
        expect(await client.ask(request)).toMatchObject({ error: { code: 'unknown_room' } })
      }
      expect(await client.ask({ type: 'unsubscribe', room })).toMatchObject({ error: { code: 'unknown_room' } })
    }
    expect((await victim.client.rest()).map(({ type }) => type)).toEqual(['secret', 'for all'])
    expect(await client.ask(subscribe('any other'))).toMatchObject({ data: { room: 'any other' } })
  })

  it('cannot be left, one’s own neither', async () => {
    const { io, url } = await serve({ rooms: { '*': open } })
    const { client, welcome } = await come(url)
    for (const room of [welcome.id, '/']) {
      expect(await client.ask({ type: 'unsubscribe', room })).toMatchObject({ error: { code: 'unknown_room' } })
    }
    io.to(welcome.id).emit('still', 1)
    io.emit('here', 2)
    expect((await client.rest()).map(({ type }) => type)).toEqual(['still', 'here'])
  })
})

describe('unsubscribe', () => {
  it('answers the room, and nothing of it comes any more', async () => {
    const { io, url } = await serve({ rooms })
    const client = await connect(url)
    await client.ask(subscribe('lobby'))
    expect(await client.ask({ type: 'unsubscribe', room: 'lobby' })).toEqual({ data: { room: 'lobby' } })
    expect(await client.ask({ type: 'unsubscribe', room: 'lobby' })).toEqual({ data: { room: 'lobby' } })
    await io.publish('lobby', 'x')
    expect(await client.rest()).toEqual([])
  })

  it('from a room that is not there is refused', async () => {
    const { url } = await serve({ rooms })
    const client = await connect(url)
    expect(await client.ask({ type: 'unsubscribe', room: 'nowhere' })).toMatchObject({
      error: { code: 'unknown_room' },
    })
  })
})

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

describe('history', () => {
  async function filled(count = 5) {
    const { io, url } = await serve({ rooms, historyPage: 3, maxHistoryPage: 4 })
    for (let i = 1; i <= count; i++) await io.publish('lobby', i)
    const { client, welcome } = await come(url)
    const page = async (more: object = {}) => {
      const { data, error } = await client.ask({ type: 'history', room: 'lobby', ...more })
      return error === undefined ? [data.publications.map(({ seq }: { seq: number }) => seq), data.more] : error.code
    }
    return { io, client, welcome, page }
  }

  it('answers a page, newest last, and whether there is an older one', async () => {
    const { page } = await filled()
    expect(await page()).toEqual([[3, 4, 5], true])
    expect(await page({ before: 3 })).toEqual([[1, 2], false])
    expect(await page({ before: 3, limit: 1 })).toEqual([[2], true])
    expect(await page({ before: 1 })).toEqual([[], false])
    expect(await page({ before: 0 })).toEqual([[], false])
    expect(await page({ before: 1_000, limit: 2 })).toEqual([[4, 5], true])
    expect(await page({ before: null, limit: null })).toEqual([[3, 4, 5], true])
  })

  it('answers publications in full', async () => {
    const { client, welcome } = await filled(0)
    await client.ask({ type: 'publish', room: 'lobby', event: 'said', args: [1, 2] })
    expect(await client.ask({ type: 'history', room: 'lobby' })).toEqual({
      data: {
        publications: [
          { room: 'lobby', seq: 1, event: 'said', from: welcome.user, at: expect.any(Number), args: [1, 2] },
        ],
        epoch: welcome.epoch,
        more: false,
      },
    })
  })

  it('is empty where nothing was said', async () => {
    const { page } = await filled(0)
    expect(await page()).toEqual([[], false])
  })

  it.each([
    [{ limit: 1_000_000_000 }, [[2, 3, 4, 5], true]],
    [{ limit: 500 }, [[2, 3, 4, 5], true]],
    [{ limit: 0 }, 'invalid'],
    [{ limit: -1 }, 'invalid'],
    [{ limit: 1.5 }, 'invalid'],
    [{ limit: 'x' }, 'invalid'],
    [{ before: -1 }, 'invalid'],
    [{ before: 'x' }, 'invalid'],
    [{ before: 2 ** 53 }, 'invalid'],
    [{ before: {} }, 'invalid'],
  ])('asked with %j is capped or refused', async (asked, answer) => {
    const { page } = await filled()
    expect(await page(asked)).toEqual(answer)
  })

  it.each(['1e309', '-1e309', '-0.5'])('asked before %s is refused', async (before) => {
    const { client } = await filled()
    client.say(`{"type":"history","room":"lobby","before":${before},"id":1}`)
    expect(await client.take()).toMatchObject({ type: 'ack', id: 1, error: { code: 'invalid' } })
  })

  it('never exceeds its cap for the application either', async () => {
    const { io } = await filled(10)
    for (const limit of [1e9, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect((await io.history('lobby', { limit })).publications.length).toBeLessThanOrEqual(4)
    }
    expect((await io.history('lobby', { before: -1 })).publications).toEqual([])
  })

  it('needs an id, and the right', async () => {
    const { client } = await filled()
    client.say({ type: 'history', room: 'lobby' })
    expect(await client.take()).toMatchObject({ type: 'error', error: { code: 'invalid' }, request: 'history' })
    expect(await client.ask({ type: 'history', room: 'closed' })).toMatchObject({ error: { code: 'forbidden' } })
    expect(await client.ask({ type: 'history', room: 'nowhere' })).toMatchObject({ error: { code: 'unknown_room' } })
  })

  it('never exceeds 500 publications, nor a megabyte', async () => {
    const { io, url } = await serve({ rooms })
    for (let i = 0; i < 600; i++) await io.publish('lobby', i)
    const client = await connect(url)
    const many = (await client.ask({ type: 'history', room: 'lobby', limit: 1_000_000_000 })).data
    expect([many.publications.length, many.more]).toEqual([500, true])
    const text = 'x'.repeat(200_000)
    for (let i = 0; i < 10; i++) await io.publish('lobby', text)
    const large = (await client.ask({ type: 'history', room: 'lobby', limit: 10 })).data
    expect(large.publications.length).toBeGreaterThan(0)
    expect(JSON.stringify(large).length).toBeLessThan(1_100_000)
    expect(large.more).toBe(true)
  })
})

describe('presence', () => {
  async function watched() {
    const clock = new StillClock()
    const { io, url } = await serve({ rooms, clock })
    const watcher = await come(url, { name: 'Eve' })
    return { clock, io, url, watcher }
  }
  const presence = { type: 'presence', room: 'lobby' }
  const names = (people: { name: string }[]) => people.map(({ name }) => name)

  it('lists who is here since when, guests too', async () => {
    const { clock, url, watcher } = await watched()
    clock.pass(1_000)
    const ada = await come(url, { name: 'Ada' })
    await ada.client.ask(subscribe('lobby'))
    const { data } = await watcher.client.ask(presence)
    expect(data).toEqual({ users: [{ ...ada.welcome.user, since: 1_000 }], count: 1 })
  })

  it('tells from then on within a second who comes and who goes, but not oneself', async () => {
    const { clock, io, url, watcher } = await watched()
    await watcher.client.ask(presence)
    await watcher.client.ask(subscribe('lobby'))
    const ada = await come(url, { name: 'Ada' })
    await ada.client.ask(subscribe('lobby'))
    clock.pass(1_000)
    const came = await watcher.client.take()
    expect(came).toEqual({ type: 'presence', room: 'lobby', joined: [ada.welcome.user], left: [] })
    await ada.client.ask({ type: 'unsubscribe', room: 'lobby' })
    clock.pass(1_000)
    expect(await watcher.client.take()).toEqual({ ...came, joined: [], left: [ada.welcome.user] })
    await ada.client.ask(subscribe('lobby'))
    clock.pass(1_000)
    expect(names((await watcher.client.take()).joined)).toEqual(['Ada'])
    await ada.client.close(1000)
    await expect.poll(() => io.stats.clients.total, { interval: 5 }).toBe(1)
    clock.pass(1_000)
    expect(names((await watcher.client.take()).left)).toEqual(['Ada'])
    expect(await ada.client.frames.filter((frame) => String(frame).includes('"presence"'))).toEqual([])
  })

  it('says nothing of a client that comes back at once', async () => {
    const { clock, io, url, watcher } = await watched()
    const ada = await come(url, { name: 'Ada' })
    await ada.client.ask(subscribe('lobby'))
    expect((await watcher.client.ask(presence)).data.count).toBe(1)
    ada.client.drop()
    await expect.poll(() => io.stats.clients.total, { interval: 5 }).toBe(1)
    const back = await come(url, { session: ada.welcome.session })
    await back.client.rest()
    clock.pass(1_000)
    expect(await watcher.client.rest()).toEqual([])
  })

  it('is not told any more after unsubscribe, and ends with the connection', async () => {
    const { clock, io, url, watcher } = await watched()
    await watcher.client.ask(subscribe('lobby'))
    await watcher.client.ask(presence)
    await watcher.client.ask({ type: 'unsubscribe', room: 'lobby' })
    const ada = await come(url, { name: 'Ada' })
    await ada.client.ask(subscribe('lobby'))
    clock.pass(1_000)
    expect(await watcher.client.rest()).toEqual([])
    await ada.client.ask(presence)
    await ada.client.close(1000)
    await expect.poll(() => io.stats.presenceRooms, { interval: 5 }).toBe(0)
  })

  it('pages through large rooms, and counts the whole', async () => {
    const { url, watcher } = await watched()
    for (const name of ['A', 'B', 'C']) {
      const { client } = await come(url, { name })
      await client.ask(subscribe('lobby'))
    }
    const first = (await watcher.client.ask({ ...presence, limit: 2 })).data
    expect([names(first.users), first.count]).toEqual([['A', 'B'], 3])
    const second = (await watcher.client.ask({ ...presence, limit: 2, after: first.users[1].id })).data
    expect([names(second.users), second.count]).toEqual([['C'], 3])
    expect(await watcher.client.ask({ ...presence, limit: 0 })).toMatchObject({ error: { code: 'invalid' } })
    expect(await watcher.client.ask({ ...presence, after: 5 })).toMatchObject({ error: { code: 'invalid' } })
  })

  it('needs the right, and shows no more of a user than id and name', async () => {
    const { url, watcher } = await watched()
    expect(await watcher.client.ask({ type: 'presence', room: 'nowhere' })).toMatchObject({
      error: { code: 'unknown_room' },
    })
    const { client } = await come(`${url}/?token=secret`)
    await client.ask(subscribe('lobby'))
    const { data } = await watcher.client.ask(presence)
    expect(Object.keys(data.users[0])).toEqual(['id', 'name', 'since'])
  })
})

describe('auth', () => {
  it('answers the guest’s own identity, and takes a name', async () => {
    const { io, url } = await serve({ rooms })
    const { client, welcome } = await come(url)
    expect(await client.ask({ type: 'auth', token: 'anything' })).toEqual({ data: { user: welcome.user } })
    const { data } = await client.ask({ type: 'auth', name: 'Ada' })
    expect(data.user).toEqual({ id: welcome.user.id, name: 'Ada' })
    await client.ask(publish('lobby', 'x'))
    expect((await io.history('lobby')).publications[0]?.from).toEqual(data.user)
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
    const { io, url } = await serve({ rooms: { 'r:*': open }, maxRoomsPerClient: 3 })
    const { client, welcome } = await come(url)
    for (const room of ['r:1', 'r:2', 'r:3'])
      expect(await client.ask(subscribe(room))).toMatchObject({ data: { room } })
    expect(await client.ask(subscribe('r:4'))).toMatchObject({ error: { code: 'too_many' } })
    expect(await client.ask(subscribe('r:3'))).toMatchObject({ data: { room: 'r:3' } })
    expect(() => io.socketsJoin('r:5')).toThrow(/3 rooms/)
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
