import { describe, expect, it } from 'vitest'
import { open, serve } from '../../served.ts'
import { StillClock } from '../../suites/still-clock.ts'
import { come, connect } from '../../test-client.ts'
import { dataOf, drop, rooms } from './returning.ts'

describe('a client without a session that is known', () => {
  it.each([
    ['unknown', 'x'.repeat(32)],
    ['empty', ''],
    ['of a prototype', '__proto__'],
  ])('and with one that is %s is new, and its rooms are joined as by subscribe with since', async (_, session) => {
    const { io, url } = await serve({ rooms })
    const { welcome } = await come(url)
    await io.publish('lobby', 1)
    await io.publish('lobby', 2)
    const fresh = await come(url, {
      session,
      name: 'Ada',
      rooms: { lobby: { epoch: welcome.epoch, seq: 1 }, nowhere: { epoch: welcome.epoch, seq: 1 } },
    })
    expect(fresh.welcome).toMatchObject({ rooms: ['lobby'], recovered: false, user: { name: 'Ada' } })
    expect(fresh.welcome.session).not.toBe(session)
    expect(fresh.welcome.id).not.toBe(welcome.id)
    expect(dataOf(await fresh.client.rest())).toEqual([2])
  })

  it('is refused as a whole with more rooms than a client may be in', async () => {
    const { url } = await serve({ rooms: { '*': open }, maxRoomsPerClient: 3 })
    const { welcome } = await come(url)
    const listed = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`room${i}`, { epoch: welcome.epoch, seq: 0 }]))
    const client = await connect(url, { strict: true })
    client.say({ type: 'connect', rooms: listed(6) })
    expect(await client.take()).toMatchObject({ type: 'error', error: { code: 'too_many' } })
    expect((await client.closed).code).toBe(1013)
    const some = await come(url, { rooms: listed(5) })
    expect(some.welcome.rooms).toHaveLength(3)
    expect(some.welcome.recovered).toBe(false)
  })

  it('comes too late when its session has expired', async () => {
    const clock = new StillClock()
    const { io, url } = await serve({ rooms, clock, sessionTtlMs: 120_000 })
    const first = await come(url)
    await drop(io, first.client)
    clock.pass(119_999)
    const second = await come(url, { session: first.welcome.session })
    expect(second.welcome.id).toBe(first.welcome.id)
    await drop(io, second.client)
    clock.pass(120_001)
    const third = await come(url, { session: first.welcome.session })
    expect(third.welcome.id).not.toBe(first.welcome.id)
  })

  it('cannot use one of another namespace', async () => {
    const { io, url } = await serve({ rooms })
    io.of('/ops')
    const { client, welcome } = await come(url)
    const other = await come(`${url}/ops`, { session: welcome.session })
    expect(other.welcome.id).not.toBe(welcome.id)
    expect(await client.rest()).toEqual([])
  })

  it('is recovered only where it came with something', async () => {
    const { url } = await serve({ rooms })
    expect((await come(url)).welcome.recovered).toBe(false)
    expect((await come(url, { rooms: {} })).welcome.recovered).toBe(true)
  })
})

describe('a session', () => {
  it('goes to the connection that was opened last; the older one is closed with 4500', async () => {
    const { io, url } = await serve({ rooms })
    const reasons: unknown[] = []
    io.on('connection', (socket) => {
      socket.on('disconnect', (reason) => reasons.push(reason))
    })
    const { client, welcome } = await come(url)
    await client.ask({ type: 'subscribe', room: 'lobby' })
    const second = await come(url, { session: welcome.session })
    expect(second.welcome).toMatchObject({ id: welcome.id, rooms: ['lobby'], recovered: true })
    expect(await client.closed).toMatchObject({ code: 4500 })
    await io.publish('lobby', 'once')
    expect(dataOf(await second.client.rest())).toEqual(['once'])
    expect(reasons).toEqual(['taken over'])
    expect(io.sockets.sockets.size).toBe(1)
    expect(io.sockets.sockets.get(welcome.id)?.connected).toBe(true)
  })

  it('stays with the one opened last, where the connect of an older one arrives later', async () => {
    const { io, url } = await serve({ rooms })
    const { client, welcome } = await come(url)
    await drop(io, client)
    const older = await connect(url, { strict: true })
    await expect.poll(() => io.stats.clients.byProtocol.strict, { interval: 5 }).toBe(1)
    const newer = await come(url, { session: welcome.session })
    expect(newer.welcome.id).toBe(welcome.id)
    older.say({ type: 'connect', session: welcome.session })
    expect(await older.closed).toMatchObject({ code: 4500 })
    expect(await newer.client.rest()).toEqual([])
    await drop(io, newer.client)
    expect((await come(url, { session: welcome.session })).welcome.id).toBe(welcome.id)
  })

  it('is taken over while the older one is still let in by a middleware', async () => {
    const { io, url } = await serve({ rooms })
    const gate: (() => void)[] = []
    let hold = false
    io.use((_socket, next) => {
      if (hold) gate.push(next)
      else next()
    })
    const { client, welcome } = await come(url)
    await drop(io, client)
    hold = true
    const older = await connect(url, { strict: true })
    older.say({ type: 'connect', session: welcome.session })
    await expect.poll(() => gate.length, { interval: 5 }).toBe(1)
    hold = false
    const newer = await come(url, { session: welcome.session })
    expect(newer.welcome.id).toBe(welcome.id)
    gate[0]?.()
    expect(await older.closed).toMatchObject({ code: 4500 })
    expect(await newer.client.rest()).toEqual([])
    expect(io.stats.sessions).toBe(1)
  })

  it.each([
    ['ends with a goodbye (1000)', 1000, false],
    ['ends with a close without a code', undefined, false],
    ['waits for a page that may be reloading (1001)', 1001, true],
    ['waits where a client breaks off (3000)', 3000, true],
  ])('%s', async (_, code, waits) => {
    const { io, url } = await serve({ rooms })
    const { client, welcome } = await come(url)
    await client.ask({ type: 'subscribe', room: 'lobby' })
    await client.close(code)
    await expect.poll(() => io.stats.clients.total, { interval: 5 }).toBe(0)
    const back = await come(url, { session: welcome.session })
    expect(back.welcome.id === welcome.id).toBe(waits)
    expect(back.welcome.rooms).toEqual(waits ? ['lobby'] : [])
  })

  it('ends when the server disconnects the client', async () => {
    const { io, url } = await serve({ rooms })
    const { client, welcome } = await come(url)
    io.disconnectSockets()
    expect(await client.closed).toMatchObject({ code: 1000 })
    expect((await come(url, { session: welcome.session })).welcome.id).not.toBe(welcome.id)
    expect(io.stats.sessions).toBe(1)
  })

  it('waits on when a middleware refuses the client that came back', async () => {
    const { io, url } = await serve({ rooms })
    let refuse = false
    io.use((_socket, next) => next(refuse ? new Error('not now') : undefined))
    const { client, welcome } = await come(url)
    await drop(io, client)
    refuse = true
    const refused = await connect(url, { strict: true })
    refused.say({ type: 'connect', session: welcome.session })
    expect(await refused.closed).toMatchObject({ code: 4503 })
    refuse = false
    expect((await come(url, { session: welcome.session })).welcome.id).toBe(welcome.id)
  })

  it('is not found in what the server says to others, nor in its log', async () => {
    const { io, url, log } = await serve({ rooms })
    const [one, two] = [await come(url, { name: 'Ada' }), await come(url)]
    for (const { client } of [one, two]) await client.ask({ type: 'subscribe', room: 'lobby' })
    await one.client.ask({ type: 'publish', room: 'lobby', data: 'hi' })
    await two.client.ask({ type: 'presence', room: 'lobby' })
    await two.client.ask({ type: 'history', room: 'lobby' })
    await two.client.rest()
    await io.close()
    const told = [...two.client.frames.map(String), JSON.stringify(log)].join()
    expect(told).not.toContain(one.welcome.session)
    expect(told).not.toContain(one.welcome.id)
  })
})
