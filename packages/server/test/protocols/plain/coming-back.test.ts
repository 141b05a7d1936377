import { describe, expect, it } from 'vitest'
import { open, serve } from '../../served.ts'
import { come } from '../../test-client.ts'
import { dataOf, drop, rooms } from './returning.ts'

describe('a client that comes back with its session', () => {
  it('has its identity, its rooms, its data, and everything it missed, log by log, each by seq', async () => {
    const { io, url } = await serve({ rooms })
    const returned: unknown[] = []
    io.on('connection', (socket) => {
      if (socket.recovered) returned.push(socket.data)
      socket.data.score = 7
    })
    const { client, welcome } = await come(url, { name: 'Ada' })
    await client.ask({ type: 'subscribe', room: 'lobby' })
    await client.ask({ type: 'subscribe', room: 'news' })
    await drop(io, client)
    for (let i = 1; i <= 3; i++) {
      await io.publish('lobby', `lobby ${i}`)
      await io.publish('news', `news ${i}`)
    }
    const back = await come(url, { session: welcome.session })
    expect(back.welcome).toEqual({ ...welcome, rooms: expect.arrayContaining(['lobby', 'news']), recovered: true })
    const missed = await back.client.rest()
    expect(dataOf(missed)).toEqual(['lobby 1', 'news 1', 'lobby 2', 'news 2', 'lobby 3', 'news 3'])
    expect(missed.map(({ room, seq }) => [room, seq])).toEqual(
      [1, 2, 3, 4, 5, 6].map((n) => [n % 2 ? 'lobby' : 'news', n]),
    )
    expect(returned).toEqual([{ score: 7 }])
    await io.publish('lobby', 'live')
    expect(await back.client.take()).toMatchObject({ data: 'live', seq: 7 })
  })

  it('is replayed what comes after the positions it lists', async () => {
    const { io, url } = await serve({ rooms })
    const { client, welcome } = await come(url)
    for (const room of ['lobby', 'news']) await client.ask({ type: 'subscribe', room })
    await io.publish('lobby', 'seen')
    await io.publish('news', 'seen too')
    await client.rest()
    await drop(io, client)
    await io.publish('lobby', 'missed')
    const { epoch } = welcome
    const back = await come(url, {
      session: welcome.session,
      rooms: { lobby: { epoch, seq: 1 }, news: { epoch, seq: 2 } },
    })
    expect(back.welcome.recovered).toBe(true)
    expect(dataOf(await back.client.rest())).toEqual(['missed'])
  })

  it('is replayed a room that it does not list from where it joined, even what it may have had', async () => {
    const { io, url } = await serve({ rooms })
    const { client, welcome } = await come(url)
    await io.publish('lobby', 'before it joined')
    await client.ask({ type: 'subscribe', room: 'lobby' })
    await io.publish('lobby', 'had')
    await client.take()
    await drop(io, client)
    await io.publish('lobby', 'missed')
    const back = await come(url, { session: welcome.session, rooms: {} })
    expect(dataOf(await back.client.rest())).toEqual(['had', 'missed'])
  })

  it('is given what was said to it alone and to its namespace, with seq', async () => {
    const { io, url } = await serve({ rooms })
    const { client, welcome } = await come(url)
    await drop(io, client)
    io.to(welcome.id).emit('direct', 1)
    io.emit('all', 2)
    const back = await come(url, { session: welcome.session })
    expect(back.welcome).toMatchObject({ recovered: true, rooms: [] })
    expect(await back.client.rest()).toEqual([
      { type: 'direct', seq: 1, data: 1 },
      { type: 'all', room: '/', seq: 2, from: null, at: expect.any(Number), data: 2 },
    ])
    await drop(io, back.client)
    io.to(welcome.id).emit('direct', 3)
    const positions = { [welcome.id]: { epoch: welcome.epoch, seq: 1 }, '/': { epoch: welcome.epoch, seq: 2 } }
    const again = await come(url, { session: welcome.session, rooms: positions })
    expect(again.welcome.recovered).toBe(true)
    expect(await again.client.rest()).toEqual([{ type: 'direct', seq: 3, data: 3 }])
  })

  it('does not get its own publications to others back', async () => {
    const { io, url } = await serve({ rooms })
    io.on('connection', (socket) => {
      socket.on('shout', (text) => socket.broadcast.emit('shouted', text))
    })
    const { client, welcome } = await come(url)
    client.say({ type: 'shout', data: 'hi' })
    await client.rest()
    await drop(io, client)
    const back = await come(url, { session: welcome.session })
    expect(await back.client.rest()).toEqual([])
  })

  it('is told a gap in a room that cannot be replayed in full, and gets the others', async () => {
    const few = { ...open, keep: { entries: 2, ageMs: 60_000 } }
    const { io, url } = await serve({ rooms: { ...rooms, few } })
    const { client, welcome } = await come(url)
    for (const room of ['few', 'lobby']) await client.ask({ type: 'subscribe', room })
    await drop(io, client)
    for (let i = 1; i <= 3; i++) await io.publish('few', i)
    await io.publish('lobby', 'all of it')
    const back = await come(url, { session: welcome.session })
    expect(back.welcome).toMatchObject({ recovered: false, rooms: ['few', 'lobby'] })
    const heard = await back.client.rest()
    expect(heard).toMatchObject([{ type: 'gap', room: 'few', epoch: welcome.epoch, seq: 4 }, { data: 'all of it' }])
    await io.publish('few', 'live')
    expect(await back.client.take()).toMatchObject({ room: 'few', data: 'live', seq: 5 })
  })

  it.each([
    ['of another epoch', { epoch: 'another', seq: 0 }],
    ['beyond the head', { epoch: undefined, seq: 1_000 }],
  ])('has a gap where it lists a position %s', async (_, position) => {
    const { io, url } = await serve({ rooms })
    await io.publish('lobby', 'x')
    const { client, welcome } = await come(url)
    await client.ask({ type: 'subscribe', room: 'lobby' })
    await drop(io, client)
    const lobby = { ...position, epoch: position.epoch ?? welcome.epoch }
    const back = await come(url, { session: welcome.session, rooms: { lobby } })
    expect(back.welcome).toMatchObject({ recovered: false, rooms: ['lobby'] })
    expect(await back.client.rest()).toEqual([{ type: 'gap', room: 'lobby', epoch: welcome.epoch, seq: 1 }])
  })

  it('is not in a room any more that it may no longer join, and gets nothing of it', async () => {
    let allowed = true
    const { io, url } = await serve({ rooms: { club: { ...open, subscribe: () => allowed }, ...rooms } })
    const { client, welcome } = await come(url)
    for (const room of ['club', 'lobby']) await client.ask({ type: 'subscribe', room })
    await drop(io, client)
    allowed = false
    await io.publish('club', 'secret')
    const back = await come(url, { session: welcome.session, rooms: { club: { epoch: welcome.epoch, seq: 0 } } })
    expect(back.welcome.rooms).toEqual(['lobby'])
    await io.publish('club', 'secret too')
    expect(await back.client.rest()).toEqual([])
  })

  it('stays in rooms into which server code let it, whatever the rules say', async () => {
    const { io, url } = await serve()
    io.on('connection', (socket) => {
      if (!socket.recovered) void socket.join('inner')
    })
    const { client, welcome } = await come(url)
    await drop(io, client)
    io.to('inner').emit('news', 1)
    const back = await come(url, { session: welcome.session })
    expect(back.welcome.rooms).toEqual(['inner'])
    expect(await back.client.rest()).toMatchObject([{ type: 'news', room: 'inner', data: 1 }])
  })

  it('is called by the name it took last', async () => {
    const { io, url } = await serve({ rooms })
    const { client, welcome } = await come(url, { name: 'Ada' })
    await client.ask({ type: 'auth', name: 'Countess' })
    await drop(io, client)
    const back = await come(url, { session: welcome.session })
    expect(back.welcome.user).toEqual({ id: welcome.user.id, name: 'Countess' })
  })

  it('has the data that the application put there last', async () => {
    const { io, url } = await serve()
    const seen: unknown[] = []
    io.on('connection', (socket) => {
      seen.push({ ...socket.data })
      socket.data = { visits: (socket.data.visits ?? 0) + 1 }
    })
    const { client, welcome } = await come(url)
    await drop(io, client)
    const back = await come(url, { session: welcome.session })
    await drop(io, back.client)
    await come(url, { session: welcome.session })
    expect(seen).toEqual([{}, { visits: 1 }, { visits: 2 }])
  })

  it('has left for good what it left before', async () => {
    const { io, url } = await serve({ rooms })
    const { client, welcome } = await come(url)
    for (const room of ['lobby', 'news']) await client.ask({ type: 'subscribe', room })
    await client.ask({ type: 'unsubscribe', room: 'lobby' })
    await drop(io, client)
    await io.publish('lobby', 'not for it')
    const back = await come(url, { session: welcome.session })
    expect(back.welcome).toMatchObject({ rooms: ['news'], recovered: true })
    expect(await back.client.rest()).toEqual([])
  })

  it('has what came while it was coming back once, before or after, and in order', async () => {
    const { io, url } = await serve({ rooms })
    const { client, welcome } = await come(url)
    await client.ask({ type: 'subscribe', room: 'lobby' })
    await drop(io, client)
    for (let i = 1; i <= 1_500; i++) void io.publish('lobby', i)
    const returning = come(url, { session: welcome.session })
    for (let i = 1_501; i <= 1_600; i++) {
      await io.publish('lobby', i)
      if (i % 10 === 0) await new Promise(setImmediate)
    }
    const back = await returning
    await back.client.take((heard) => heard.data === 1_600)
    const all = back.client.frames.map((frame) => JSON.parse(String(frame))).filter(({ type }) => type === 'message')
    expect(dataOf(all)).toEqual(Array.from({ length: 1_600 }, (_, i) => i + 1))
  })

  it('may drop in the middle of the replay and return, and misses nothing', async () => {
    const { io, url } = await serve({ rooms })
    const { client, welcome } = await come(url)
    await client.ask({ type: 'subscribe', room: 'lobby' })
    await drop(io, client)
    const text = 'x'.repeat(5_000)
    for (let i = 1; i <= 900; i++) await io.publish('lobby', [i, text])
    const had: number[] = []
    for (let attempt = 0; attempt < 3; attempt++) {
      const half = await come(url, {
        session: welcome.session,
        rooms: { lobby: { epoch: welcome.epoch, seq: had.at(-1) ?? 0 } },
      })
      expect(half.welcome.recovered).toBe(true)
      for (let i = 0; i < 250; i++) had.push((await half.client.take()).data[0])
      await drop(io, half.client)
    }
    const last = await come(url, {
      session: welcome.session,
      rooms: { lobby: { epoch: welcome.epoch, seq: had.at(-1) as number } },
    })
    while (had.length < 900) had.push((await last.client.take()).data[0])
    expect(had).toEqual(Array.from({ length: 900 }, (_, i) => i + 1))
    expect(await last.client.rest()).toEqual([])
  })
})

describe('how far back a reader may recover', () => {
  it.each([
    ['all that is kept, where everybody may read the history', 'lobby', ['before', 'after'], true],
    ['what it was a member for, elsewhere, and a gap where it asks for more', 'secret', ['gap secret', 'after'], false],
  ])('is %s', async (_, room, expected, recovered) => {
    const { io, url } = await serve({ rooms })
    await io.publish(room, 'before')
    const { client, welcome } = await come(url)
    await client.ask({ type: 'subscribe', room })
    await drop(io, client)
    await io.publish(room, 'after')
    const back = await come(url, { session: welcome.session, rooms: { [room]: { epoch: welcome.epoch, seq: 0 } } })
    expect(back.welcome.recovered).toBe(recovered)
    expect(dataOf(await back.client.rest())).toEqual(expected)
  })

  it('is nothing for a stranger where only members recover', async () => {
    const { io, url } = await serve({ rooms })
    await io.publish('secret', 'not for strangers')
    const { welcome } = await come(url)
    const from = { epoch: welcome.epoch, seq: 0 }
    const stranger = await come(url, { rooms: { secret: from } })
    expect(stranger.welcome).toMatchObject({ rooms: ['secret'], recovered: false })
    expect(dataOf(await stranger.client.rest())).toEqual(['gap secret'])
    const other = await come(url)
    expect(await other.client.ask({ type: 'subscribe', room: 'secret', since: from })).toMatchObject({
      data: { recovered: false },
    })
    expect(dataOf(await other.client.rest())).toEqual(['gap secret'])
  })

  it('is what was said to the namespace since one came, even where a pattern opens everything', async () => {
    const { io, url } = await serve({ rooms: { '*': open } })
    io.emit('before', 1)
    const { client, welcome } = await come(url)
    const positions = { '/': { epoch: welcome.epoch, seq: 0 }, [welcome.id]: { epoch: welcome.epoch, seq: 0 } }
    const stranger = await come(url, { rooms: positions })
    expect(stranger.welcome.rooms).toEqual([])
    expect(dataOf(await stranger.client.rest())).toEqual(['gap /'])
    await drop(io, client)
    io.emit('after', 2)
    const back = await come(url, { session: welcome.session, rooms: positions })
    expect(dataOf(await back.client.rest())).toEqual([`gap ${welcome.id}`, 'gap /', 2])
  })
})
