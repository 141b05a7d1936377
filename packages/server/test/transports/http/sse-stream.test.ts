import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { Server } from '../../../src/index.ts'
import { EventReader } from './event-reader.ts'
import { HandClock, open, serve } from './served.ts'

describe('a stream of events', () => {
  it('begins with when to come back and the place it stands at', async () => {
    const { read } = await serve()
    const reader = read('room=lobby')
    await reader.isIn()
    expect(reader.status).toBe(200)
    expect(reader.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    })
    expect(reader.text).toMatch(/^retry: 1000\nid: [\w.-]+\n\n$/)
    expect(reader.retryMs).toBe(1_000)
  })

  it('brings publications with their place, events by their name, and none for a message', async () => {
    const { io, read } = await serve()
    const reader = read('room=lobby&room=room:1')
    await reader.isIn()
    await io.publish('lobby', 'hi', { from: { id: 'ada', name: 'Ada' } })
    await io.publish('room:1', { n: 1 }, { event: 'chat' })
    io.to('lobby').emit('two', 1, 2)
    await reader.until(3)
    const { data, id } = reader.events[0] as (typeof reader.events)[0]
    expect(data).toEqual({
      room: 'lobby',
      seq: 1,
      from: { id: 'ada', name: 'Ada' },
      at: expect.any(Number),
      data: 'hi',
    })
    expect(id).toMatch(/^[\w-]+\.1$/)
    expect(reader.names).toEqual(['message', 'chat', 'two'])
    expect(reader.events[1]?.data).toMatchObject({ room: 'room:1', data: { n: 1 } })
    expect(reader.events[2]?.data).toMatchObject({ args: [1, 2], from: null })
    expect(reader.text).not.toContain('event: message')
  })

  it('keeps its lines whatever an application names its events, and whatever text they carry', async () => {
    const { io, read } = await serve()
    const reader = read('room=lobby')
    await reader.isIn()
    io.to('lobby').emit('a\nid: forged\n\ndata: 1', 'x\n\ny\r\u2028')
    io.to('lobby').emit('error', 1)
    await reader.until(2)
    expect(reader.names).toEqual(['a id: forged data: 1', '$error'])
    expect(reader.payloads).toEqual(['x\n\ny\r\u2028', 1])
    expect(reader.lastEventId).toMatch(/\.2$/)
  })

  it('brings volatile publications without a seq', async () => {
    const { read, publish } = await serve()
    const reader = read('room=lobby')
    await reader.isIn()
    const response = await publish({ event: 'typing', data: 1, volatile: true })
    expect([response.status, await response.json()]).toEqual([202, {}])
    await reader.until(1)
    expect(reader.events[0]).toMatchObject({ event: 'typing', data: { room: 'lobby', data: 1 } })
    expect(reader.events[0]?.data).not.toHaveProperty('seq')
  })

  it('recovers what was missed, by Last-Event-ID or by since, of which the header wins', async () => {
    const { io, read } = await serve()
    const first = read('room=lobby&room=room:1')
    await first.isIn()
    await io.publish('lobby', 1)
    await first.until(1)
    first.close()
    for (let i = 2; i <= 5; i++) await io.publish(i % 2 === 0 ? 'lobby' : 'room:1', i)
    const place = first.lastEventId
    const byHeader = read('room=lobby&room=room:1&since=nonsense', { lastEventId: place })
    const byQuery = read(`room=lobby&room=room:1&since=${place}`)
    for (const reader of [byHeader, byQuery]) {
      await reader.until(4)
      expect(reader.payloads).toEqual([2, 3, 4, 5])
      expect(reader.text.startsWith(`retry: 1000\nid: ${place}\n\n`)).toBe(true)
    }
    await io.publish('lobby', 6)
    await byQuery.until(5)
    expect(byQuery.payloads.at(-1)).toBe(6)
  })

  it('loses nothing and doubles nothing, in order, wherever its line is cut', async () => {
    const { io, read, isEmpty } = await serve({
      rooms: { 'room:*': { ...open, keep: { entries: 5_000, ageMs: 60_000 } } },
    })
    const random = generator(7)
    const heard: unknown[] = []
    let place = ''
    let said = 0
    const say = async (count: number) => {
      for (let i = 0; i < count; i++) await io.publish(`room:${random(3)}`, `${said++} ${'ä'.repeat(random(40))}`)
    }
    const opening = read('room=room:0&room=room:1')
    await opening.isIn()
    place = opening.lastEventId
    opening.close()
    for (let line = 0; line < 60; line++) {
      await say(random(6))
      const reader = read('room=room:0&room=room:1', { lastEventId: place, maxBytes: 1 + random(2_500) })
      await expect.poll(() => reader.status).toBe(200)
      while (!reader.ended) {
        await say(1 + random(4))
        await new Promise(setImmediate)
      }
      heard.push(...reader.events.filter(({ event }) => event === 'message').map(({ data }) => data.data))
      expect(reader.names).not.toContain('gap')
      place = reader.lastEventId
    }
    const last = read('room=room:0&room=room:1', { lastEventId: place })
    await io.publish('room:0', 'the end')
    await expect.poll(() => last.payloads.at(-1)).toBe('the end')
    heard.push(...last.payloads)
    const pages = await Promise.all(['room:0', 'room:1'].map((room) => everything(io, room)))
    const owed = pages.flat().sort((a, b) => a.seq - b.seq)
    expect(owed.length).toBeGreaterThan(100)
    expect(heard).toEqual(owed.map(({ data }) => data))
    last.close()
    await isEmpty()
  })

  it('tells a gap without a place, and leaves it behind once it has arrived', async () => {
    const { io, read } = await serve({
      rooms: { lobby: { ...open, keep: { entries: 2, ageMs: 60_000 } }, 'room:*': open },
    })
    const first = read('room=lobby&room=room:1')
    await first.isIn()
    first.close()
    for (let i = 1; i <= 3; i++) await io.publish('lobby', i)
    await io.publish('room:1', 'kept')
    const second = read('room=lobby&room=room:1', { lastEventId: first.lastEventId })
    await second.until(2)
    expect(second.events[0]).toEqual({
      event: 'gap',
      data: { room: 'lobby', epoch: expect.any(String), seq: 4 },
      id: first.lastEventId,
    })
    expect(second.payloads[1]).toBe('kept')
    await expect.poll(() => second.lastEventId).toMatch(/\.4$/)
    second.close()
    const third = read('room=lobby&room=room:1', { lastEventId: second.lastEventId })
    await third.isIn()
    await io.publish('lobby', 'live')
    await third.until(1)
    expect(third.payloads).toEqual(['live'])
  })

  it.each(['nonsense', 'a.1.b', 'a.-1', `${'a'.repeat(600)}.1`, 'abc.1', 'a%0A%0Adata: 1%0A%0A.1', '%00.1'])(
    'tells a gap in every room where the place is %s',
    async (place) => {
      const { read } = await serve()
      const reader = read(`room=lobby&room=room:1&since=${place}`)
      await reader.until(2)
      expect(reader.names).toEqual(['gap', 'gap'])
      await expect.poll(() => reader.lastEventId).toMatch(/\.0$/)
      expect(reader.text).not.toContain('data: 1')
    },
  )

  it('reads back nothing where a room lets only members, and tells a gap only where there was something', async () => {
    const rooms = { lobby: { ...open, recover: 'own' as const }, 'room:*': open }
    const { io, read } = await serve({ rooms })
    const first = read('room=lobby')
    await first.isIn()
    first.close()
    await io.publish('room:1', 'elsewhere')
    const quiet = read('room=lobby', { lastEventId: first.lastEventId })
    await expect.poll(() => quiet.lastEventId).toMatch(/\.1$/)
    await io.publish('lobby', 'live')
    await quiet.until(1)
    expect(quiet.payloads).toEqual(['live'])
    const missed = read('room=lobby', { lastEventId: first.lastEventId })
    await missed.until(1)
    expect(missed.names).toEqual(['gap'])
  })

  it('does not bring on a return what left out a room it is in', async () => {
    const { io, read } = await serve()
    const first = read('room=lobby&room=room:1')
    await first.isIn()
    first.close()
    io.to('lobby').except('room:1').emit('message', 'not for you')
    await io.publish('lobby', 'for you')
    const second = read('room=lobby&room=room:1', { lastEventId: first.lastEventId })
    await second.until(1)
    await expect.poll(() => second.lastEventId).toMatch(/\.2$/)
    expect(second.payloads).toEqual(['for you'])
  })

  it('is present under its name until it goes', async () => {
    const { url, read, isEmpty } = await serve()
    const reader = read('room=lobby&name=Ada')
    await reader.isIn()
    const page = await (await fetch(`${url}/rooms/lobby/presence`)).json()
    expect(page).toMatchObject({ users: [{ name: 'Ada', id: expect.stringMatching(/^guest:/) }], count: 1 })
    reader.close()
    await isEmpty()
  })

  it('is in another namespace where one is named', async () => {
    const { io, url, read } = await serve()
    io.of('/ops', { rooms: { alerts: open } })
    const reader = read('room=alerts&namespace=/ops')
    await reader.isIn()
    await fetch(`${url}/rooms/alerts/publications?namespace=ops`, { method: 'POST', body: 'fire' })
    await reader.until(1)
    expect(reader.payloads).toEqual(['fire'])
    expect(io.stats.rooms).toBe(1)
  })

  it('hears a comment and its place with every heartbeat, and outlives many of them without a byte of its own', async () => {
    const clock = new HandClock()
    const { io, read } = await serve({ clock })
    const reader = read('room=lobby')
    await reader.isIn()
    await io.publish('room:1', 'elsewhere')
    for (let beat = 1; beat <= 5; beat++) {
      for (let second = 0; second < 25; second++) clock.pass(1_000)
      await expect.poll(() => reader.text.match(/^: $/gm)?.length).toBe(beat)
    }
    expect(reader.lastEventId).toMatch(/\.1$/)
    expect(io.stats.clients.byProtocol.http).toBe(1)
  })

  it('is ended when a reader takes no byte for a minute, and leaves nothing behind', async () => {
    const clock = new HandClock()
    const { io, port, isEmpty } = await serve({ clock, rooms: { lobby: { ...open, keep: false } } })
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {}).pause()
    socket.write('GET /api/events?room=lobby HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n')
    await expect.poll(() => io.stats.clients.byProtocol.http).toBe(1)
    for (let i = 0; i < 10; i++) io.to('lobby').emit('message', 'x'.repeat(1_000_000))
    const aSecondLater = () => {
      clock.pass(1_000)
      return io.stats.clients.byProtocol.http
    }
    await expect.poll(aSecondLater, { interval: 5, timeout: 15_000 }).toBe(0)
    await isEmpty()
    socket.destroy()
  })

  it('costs a slow reader nothing but time: what it has not taken is read from the log', async () => {
    const { io, port } = await serve({
      maxBufferedBytes: 100_000,
      hardMaxBufferedBytes: 200_000,
      rooms: { lobby: { ...open, keep: { entries: 1_000, ageMs: 60_000 } } },
    })
    const socket = connect(port, '127.0.0.1')
    let text = ''
    socket.setEncoding('utf8').pause()
    socket.write('GET /api/events?room=lobby HTTP/1.0\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n')
    await expect.poll(() => io.stats.clients.byProtocol.http).toBe(1)
    for (let i = 0; i < 200; i++) {
      await io.publish('lobby', { i, text: 'x'.repeat(50_000) })
      await new Promise(setImmediate)
    }
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.resume()
    await expect.poll(() => text.match(/"i":\d+/g)?.length, { timeout: 15_000 }).toBe(200)
    expect(text.match(/"i":\d+/g)).toEqual(Array.from({ length: 200 }, (_, i) => `"i":${i}`))
    socket.destroy()
  })

  it('ends when the server closes, which waits for nobody', async () => {
    const { io, read } = await serve()
    const readers = [read('room=lobby'), read('room=room:1')]
    for (const reader of readers) await reader.isIn()
    await io.publish('lobby', 'last words')
    await io.close()
    for (const reader of readers) await reader.hasEnded()
    expect(readers[0]?.payloads).toEqual(['last words'])
    expect(io.stats).toMatchObject({ clients: { total: 0 }, rooms: 0 })
  })

  it('leaves nothing behind where clients go at any moment', async () => {
    const { io, port, isEmpty } = await serve({
      rooms: { lobby: { ...open, subscribe: () => new Promise((resolve) => setImmediate(resolve, true)) } },
    })
    for (let i = 0; i < 100; i++) {
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => {})
      socket.write('GET /api/events?room=lobby HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n')
      for (let turn = 0; turn < i % 7; turn++) await new Promise(setImmediate)
      socket.destroy()
      if (i % 10 === 0) await io.publish('lobby', i)
    }
    await isEmpty()
  })

  it('only shows its head to HEAD', async () => {
    const { io, url } = await serve()
    const headers = { Accept: 'text/event-stream' }
    const response = await fetch(`${url}/events?room=lobby`, { method: 'HEAD', headers })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    expect(io.stats.clients.byProtocol.http).toBe(0)
    expect((await fetch(`${url}/events?room=secret`, { method: 'HEAD', headers })).status).toBe(404)
  })

  it.each([
    ['room=secret', 404, 'unknown_room'],
    ['room=lobby&room=closed', 403, 'forbidden'],
    ['', 400, 'invalid'],
    ['room=', 400, 'invalid'],
    ['room=a%00b', 400, 'invalid'],
    ['room=lobby&namespace=/none', 404, 'not_found'],
  ])('is refused with a status where %s is asked for', async (query, status, code) => {
    const { io, url } = await serve({ rooms: { lobby: open, closed: { ...open, subscribe: false } } })
    const response = await fetch(`${url}/events?${query}`, { headers: { Accept: 'text/event-stream' } })
    expect([response.status, (await response.json()).code]).toEqual([status, code])
    expect(io.stats).toMatchObject({ rooms: 0, clients: { byProtocol: { http: 0 } } })
  })

  it('says in the stream when to come back where it is too much now, because a status would be final', async () => {
    const { RequestError } = await import('@partyline/protocol')
    const subscribe = () => {
      throw new RequestError('rate_limited', 'slowly', undefined, undefined, 2_500)
    }
    const { read } = await serve({ rooms: { lobby: { ...open, subscribe } } })
    const reader = read('room=lobby')
    await reader.hasEnded()
    expect([reader.status, reader.retryMs, reader.names]).toEqual([200, 2_500, ['overloaded']])
  })

  it('lives beside what an attached server serves itself', async () => {
    const http = createServer((_, response) => response.end('mine'))
    const io = new Server(http, { http: 'realtime/', rooms: { lobby: open } })
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
    const reader = new EventReader(`${url}/realtime/events?room=lobby`, {})
    await reader.isIn()
    expect(await (await fetch(`${url}/realtimes`)).text()).toBe('mine')
    expect(await (await fetch(`${url}/api/events`)).text()).toBe('mine')
    await io.close()
    await reader.hasEnded()
  })
})

/** Numbers below a bound, the same in every run. */
function generator(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

async function everything(io: Server, room: string): Promise<{ seq: number; data: unknown }[]> {
  const all: { seq: number; data: unknown }[] = []
  for (let before: number | undefined; ; ) {
    const page = await io.history(room, { limit: 500, ...(before === undefined ? undefined : { before }) })
    all.unshift(...page.publications.map(({ seq, data }) => ({ seq: seq as number, data })))
    before = all[0]?.seq
    if (!page.more || before === undefined) return all
  }
}
