import { describe, expect, it } from 'vitest'
import type { RoomRule } from '../../../src/index.ts'
import { open, serve } from '../../served.ts'
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
