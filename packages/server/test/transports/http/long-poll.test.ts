import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { HandClock, open, type Polled, serve } from './served.ts'

describe('a long poll', () => {
  it('answers at once with the place to start from', async () => {
    const { url, io } = await serve()
    const response = await fetch(`${url}/events?room=lobby`)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(await response.json()).toEqual({ publications: [], place: expect.stringMatching(/^[\w-]+\.0$/) })
    expect(io.stats).toMatchObject({ rooms: 0, presenceRooms: 0 })
  })

  it('answers with what was missed', async () => {
    const { io, poll } = await serve()
    const { place } = await poll('room=lobby')
    await io.publish('lobby', 'one')
    await io.publish('room:1', 'not asked for')
    io.to('lobby').emit('two', 1, 2)
    const { publications, ...rest } = await poll(`room=lobby&since=${place}`)
    expect(publications).toEqual([
      { room: 'lobby', seq: 1, event: 'message', from: null, at: expect.any(Number), data: 'one' },
      { room: 'lobby', seq: 3, event: 'two', from: null, at: expect.any(Number), args: [1, 2] },
    ])
    expect(rest).toEqual({ place: expect.stringMatching(/\.3$/), recovered: true, gaps: [] })
  })

  it('is parked until something comes, and takes what one turn brings', async () => {
    const { io, poll, isEmpty } = await serve()
    const { place } = await poll('room=lobby')
    const parked = poll(`room=lobby&since=${place}`)
    await expect
      .poll(() => io.stats)
      .toMatchObject({ clients: { byProtocol: { http: 1 } }, rooms: 1, presenceRooms: 0 })
    io.to('lobby').emit('message', 1)
    io.to('lobby').emit('message', 2)
    const { publications, place: next } = await parked
    expect(publications.map(({ data }) => data)).toEqual([1, 2])
    expect(next).toMatch(/\.2$/)
    await isEmpty()
  })

  it('sees everything once, in order, poll by poll', async () => {
    const keep = { entries: 10_000, ageMs: 60_000 }
    const { io, poll, isEmpty } = await serve({ rooms: { 'room:*': { ...open, keep } } })
    const query = 'room=room:1&room=room:2'
    let { place } = await poll(query)
    const heard: unknown[] = []
    let said = 0
    while (said < 3_000 || heard.length < said) {
      for (let i = 0; i < 700 && said < 3_000; i++) await io.publish(`room:${1 + (said % 2)}`, said++)
      const answer = await poll(`${query}&since=${place}&wait=0`)
      expect(answer.publications.length).toBeLessThanOrEqual(1_000)
      heard.push(...answer.publications.map(({ data }) => data))
      expect(answer.gaps).toEqual([])
      place = answer.place
    }
    expect(heard).toEqual(Array.from({ length: 3_000 }, (_, i) => i))
    await isEmpty()
  })

  it('sees everything once where publications come while it is on its way', async () => {
    const { io, poll } = await serve()
    let { place } = await poll('room=lobby')
    const heard: unknown[] = []
    let said = 0
    const speaking = (async () => {
      while (said < 300) {
        await io.publish('lobby', said++)
        await new Promise(setImmediate)
      }
    })()
    while (heard.length < 300) {
      const answer: Polled = await poll(`room=lobby&since=${place}`)
      heard.push(...answer.publications.map(({ data }) => data))
      place = answer.place
    }
    await speaking
    expect(heard).toEqual(Array.from({ length: 300 }, (_, i) => i))
  })

  it('stops at what one answer holds, and goes on from there', async () => {
    const keep = { entries: 10_000, ageMs: 60_000 }
    const { io, poll } = await serve({ rooms: { lobby: { ...open, keep } } })
    const { place } = await poll('room=lobby')
    for (let i = 0; i < 20; i++) await io.publish('lobby', 'x'.repeat(100_000))
    const first = await poll(`room=lobby&since=${place}`)
    expect(first.publications.length).toBeGreaterThan(0)
    expect(first.publications.length).toBeLessThan(20)
    const second = await poll(`room=lobby&since=${first.place}`)
    expect(second.publications[0]?.seq).toBe((first.publications.at(-1)?.seq ?? 0) + 1)
  })

  it('tells a gap, brings what the other rooms have, and does not tell it again', async () => {
    const { io, poll } = await serve({
      rooms: { lobby: { ...open, keep: { entries: 2, ageMs: 60_000 } }, 'room:*': open },
    })
    const { place } = await poll('room=lobby&room=room:1')
    await io.publish('room:1', 'kept')
    for (let i = 1; i <= 3; i++) await io.publish('lobby', i)
    const answer = await poll(`room=lobby&room=room:1&since=${place}`)
    expect(answer.publications.map(({ data }) => data)).toEqual(['kept'])
    expect(answer).toMatchObject({ recovered: false, gaps: [{ room: 'lobby', epoch: expect.any(String), seq: 4 }] })
    const next = await poll(`room=lobby&room=room:1&since=${answer.place}&wait=0`)
    expect(next).toMatchObject({ publications: [], recovered: true, gaps: [] })
  })

  it('answers with nothing but a gap, and a place behind it', async () => {
    const { io, poll } = await serve()
    await io.publish('lobby', 1)
    const { place, gaps, publications } = await poll('room=lobby&since=otherepoch.99')
    expect(publications).toEqual([])
    expect(gaps).toEqual([{ room: 'lobby', epoch: expect.any(String), seq: 1 }])
    const parked = poll(`room=lobby&since=${place}`)
    await expect.poll(() => io.stats.clients.byProtocol.http).toBe(1)
    await io.publish('lobby', 2)
    expect((await parked).publications.map(({ data }) => data)).toEqual([2])
  })

  it('tells a gap where a room that keeps nothing has said something in between, and hears it while parked', async () => {
    const { io, poll } = await serve({ rooms: { lobby: { ...open, keep: false } } })
    const { place } = await poll('room=lobby')
    const parked = poll(`room=lobby&since=${place}`)
    await expect.poll(() => io.stats.clients.byProtocol.http).toBe(1)
    await io.publish('lobby', 'heard')
    const first = await parked
    expect(first).toMatchObject({ publications: [{ data: 'heard' }], recovered: true })
    await io.publish('lobby', 'missed')
    expect(await poll(`room=lobby&since=${first.place}`)).toMatchObject({ publications: [], recovered: false })
  })

  it('works in a room that lets only members recover', async () => {
    const { io, poll } = await serve({ rooms: { lobby: { ...open, recover: 'own' }, 'room:*': open } })
    const { place } = await poll('room=lobby')
    await io.publish('room:1', 'elsewhere')
    const parked = poll(`room=lobby&since=${place}`)
    await expect.poll(() => io.stats.clients.byProtocol.http).toBe(1)
    await io.publish('lobby', 'live')
    expect(await parked).toMatchObject({ publications: [{ data: 'live' }], recovered: true })
    expect(await poll(`room=lobby&since=${place}`)).toMatchObject({ publications: [], recovered: false })
  })

  it('takes a volatile publication while it is parked', async () => {
    const { io, poll, publish } = await serve()
    const { place } = await poll('room=lobby')
    const parked = poll(`room=lobby&since=${place}`)
    await expect.poll(() => io.stats.clients.byProtocol.http).toBe(1)
    await publish({ event: 'typing', data: 1, volatile: true })
    const { publications } = await parked
    expect(publications).toMatchObject([{ event: 'typing', data: 1 }])
    expect(publications[0]).not.toHaveProperty('seq')
  })

  it.each([
    ['', 25_000],
    ['&wait=', 25_000],
    ['&wait=1.5', 1_500],
    ['&wait=55', 55_000],
    ['&wait=999', 55_000],
  ])('answers with nothing after its wait (%s)', async (wait, ms) => {
    const clock = new HandClock()
    const { io, poll, isEmpty } = await serve({ clock })
    const { place } = await poll('room=lobby')
    await io.publish('room:1', 'elsewhere')
    let answer: Polled | undefined
    const parked = poll(`room=lobby&since=${place}${wait}`).then((polled) => {
      answer = polled
    })
    await expect.poll(() => io.stats.clients.byProtocol.http).toBe(1)
    clock.pass(ms - 1)
    await io.publish('room:1', 'elsewhere')
    await poll('room=lobby') // a whole round trip later it is parked still
    expect(answer).toBeUndefined()
    clock.pass(1)
    await parked
    expect(answer).toMatchObject({ publications: [], recovered: true, gaps: [], place: expect.stringMatching(/\.1$/) })
    await isEmpty()
  })

  it('answers at once where it must not wait', async () => {
    const clock = new HandClock()
    const { poll } = await serve({ clock })
    const { place } = await poll('room=lobby')
    expect(await poll(`room=lobby&since=${place}&wait=0`)).toEqual({
      publications: [],
      place,
      recovered: true,
      gaps: [],
    })
  })

  it.each([
    ['room=lobby&since=nonsense', 400, 'invalid'],
    ['room=lobby&since=a.b.c', 400, 'invalid'],
    ['room=lobby&since=a%0Ab.1', 400, 'invalid'],
    ['room=lobby&since=a.1&wait=-1', 400, 'invalid'],
    ['room=lobby&since=a.1&wait=soon', 400, 'invalid'],
    ['room=lobby&since=a.1&wait=1e9', 400, 'invalid'],
    ['room=secret&since=a.1', 404, 'unknown_room'],
    ['since=a.1', 400, 'invalid'],
    ['room=lobby&room=closed&since=a.1', 403, 'forbidden'],
    [`${Array.from({ length: 4 }, (_, i) => `room=room:${i}`).join('&')}&since=a.1`, 429, 'too_many'],
  ])('is refused where it asks for %s', async (query, status, code) => {
    const rooms = { lobby: open, 'room:*': open, closed: { ...open, subscribe: false } }
    const { url, io } = await serve({ rooms, maxRoomsPerClient: 3 })
    const response = await fetch(`${url}/events?${query}`)
    expect([response.status, (await response.json()).code]).toEqual([status, code])
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(io.stats).toMatchObject({ rooms: 0, clients: { byProtocol: { http: 0 } } })
  })

  it('leaves nothing behind where its client goes', async () => {
    const { io, port, poll, isEmpty } = await serve()
    const { place } = await poll('room=lobby')
    for (let i = 0; i < 50; i++) {
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => {})
      socket.write(`GET /api/events?room=lobby&since=${place} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`)
      for (let turn = 0; turn < i % 6; turn++) await new Promise(setImmediate)
      socket.destroy()
    }
    await isEmpty()
    await io.publish('lobby', 1)
  })

  it('is answered when the server closes', async () => {
    const { io, poll } = await serve()
    const { place } = await poll('room=lobby')
    const parked = poll(`room=lobby&since=${place}`)
    await expect.poll(() => io.stats.clients.byProtocol.http).toBe(1)
    await io.close()
    expect(await parked).toEqual({ publications: [], place, recovered: true, gaps: [] })
  })

  it('is refused behind an answer that is not through, instead of being parked out of reach', async () => {
    const { io, raw, poll } = await serve()
    const { place } = await poll('room=lobby')
    const target = `/api/events?room=lobby&since=${place}`
    const heard = raw(
      `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nGET ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`,
    )
    await expect.poll(() => io.stats.clients.byProtocol.http).toBe(1)
    await io.publish('lobby', 'first')
    const [first, second] = (await heard).split('HTTP/1.1 ').slice(1)
    expect(first).toMatch(/^200 OK[\s\S]*"data":"first"/)
    expect(second).toMatch(/^400 Bad Request[\s\S]*not answered yet/)
  })
})
