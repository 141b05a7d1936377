import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { once, open, serve } from '../../served.ts'
import { StillClock } from '../../suites/still-clock.ts'
import { come, connect } from '../../test-client.ts'

const rooms = { lobby: open }

describe('a strict client', () => {
  it('is welcomed with all it needs', async () => {
    const { io, url } = await serve({ heartbeatMs: 9_000, maxPayloadBytes: 5_000 })
    const { client, welcome } = await come(url, { name: 'Ada' })
    const socket = [...io.sockets.sockets.values()][0]
    expect(client.socket.protocol).toBe('partyline.v1')
    expect(welcome).toEqual({
      type: 'welcome',
      id: socket?.id,
      session: expect.stringMatching(/^[\w-]{32}$/),
      epoch: expect.any(String),
      rooms: [],
      recovered: false,
      user: { id: expect.stringMatching(/^guest:/), name: 'Ada' },
      heartbeatMs: 9_000,
      maxPayloadBytes: 5_000,
    })
    expect(socket?.recovered).toBe(false)
  })

  it.each([
    ['another message', '{"type":"subscribe","room":"lobby"}', 1002],
    ['an event', '{"type":"chat"}', 1002],
    ['a ping', '{"type":"ping"}', 1002],
    ['bytes', Buffer.from([1]), 1002],
    ['JSON that is no message', '[]', 1002],
    ['a connect that is malformed', '{"type":"connect","rooms":{"lobby":5}}', 1002],
    ['what is not JSON', 'hello', 1007],
    ['an empty text', '', 1007],
  ])('is closed when %s comes first', async (_, first, code) => {
    const { io, url } = await serve({ rooms })
    const client = await connect(url, { strict: true })
    client.say(first)
    expect((await client.closed).code).toBe(code)
    expect(io.stats.clients.total).toBe(0)
  })

  it('leaves a line in the log when it is at fault, without its bytes', async () => {
    const { url, log } = await serve()
    for (const first of ['mark <script>', '{"type":"mark"}']) {
      const client = await connect(url, { strict: true })
      client.say(first)
      await client.closed
    }
    expect(log).toEqual([{ level: 'warn', fields: { why: expect.any(String), untold: 0 }, text: expect.any(String) }])
    expect(log[0]?.text).toMatch(/^a client was closed: 1007 /)
    expect(JSON.stringify(log)).not.toContain('mark')
  })

  it('is told why, where it can be told', async () => {
    const { url } = await serve()
    const client = await connect(url, { strict: true })
    client.say({ type: 'connect', session: 5 })
    expect(await client.take()).toMatchObject({ type: 'error', error: { code: 'invalid' }, request: 'connect' })
    expect((await client.closed).code).toBe(1002)
  })

  it('is closed with 1008 when it says nothing for too long', async () => {
    const clock = new StillClock()
    const { io, url } = await serve({ clock, connectTimeoutMs: 10_000 })
    const client = await connect(url, { strict: true })
    await expect.poll(() => io.stats.clients.byProtocol.strict).toBe(1)
    clock.pass(9_999)
    expect(io.stats.clients.byProtocol.strict).toBe(1)
    clock.pass(1)
    expect((await client.closed).code).toBe(1008)
    const { client: other } = await come(url)
    clock.pass(11_000)
    await other.rest()
    expect(io.stats.clients.byProtocol.strict).toBe(1)
  })

  it('may answer a ping before its connect', async () => {
    const { url } = await serve()
    const client = await connect(url, { strict: true })
    client.say({ type: 'pong' })
    client.say({ type: 'connect' })
    expect(await client.take()).toMatchObject({ type: 'welcome' })
  })

  it('cannot connect twice', async () => {
    const { url } = await serve()
    const { client } = await come(url)
    client.say({ type: 'connect' })
    expect(await client.take()).toMatchObject({ type: 'error', error: { code: 'invalid' }, request: 'connect' })
    expect(await client.rest()).toEqual([])
  })

  it.each(['hello', '', 'ping', '{"type":'])('is closed with 1007 for %j, which is not JSON', async (text) => {
    const { url } = await serve()
    const { client } = await come(url)
    client.say(text)
    expect((await client.closed).code).toBe(1007)
  })

  it.each(['{}', '[]', '"hi"', '{"type":5}', 'null', '7'])('is answered invalid for %s, and lives', async (text) => {
    const { url } = await serve()
    const { client } = await come(url)
    client.say(text)
    const answer = await client.take()
    expect(answer).toMatchObject({ type: 'error', error: { code: 'invalid' } })
    expect(answer.request).toBeUndefined()
    expect(await client.rest()).toEqual([])
  })

  it('says bytes in binary frames, and hears those said to it alone so', async () => {
    const { io, url } = await serve({ rooms })
    io.on('connection', (socket) => {
      void socket.join('lobby')
      socket.on('message', (bytes) => io.to('lobby').emit('message', bytes))
    })
    const { client } = await come(url)
    client.say(Buffer.from([0, 1, 255]))
    expect(await client.take()).toMatchObject({ type: 'message', room: 'lobby', data: { $binary: 'AAH/' } })
  })

  it('is pinged in JSON, which a browser can see', async () => {
    const { io, url } = await serve({ heartbeatMs: 250, heartbeatTimeoutMs: 60_000 })
    const { client } = await come(url)
    expect(await client.take()).toEqual({ type: 'ping' })
    client.say({ type: 'pong' })
    expect(await client.take()).toEqual({ type: 'ping' })
    expect(io.stats.clients.byProtocol.strict).toBe(1)
  })

  it('is worked on one message after another, in their order', async () => {
    const gate: (() => void)[] = []
    const subscribe = () => new Promise<boolean>((resolve) => gate.push(() => resolve(true)))
    const { url } = await serve({ rooms: { slow: { ...open, subscribe } } })
    const { client } = await come(url)
    client.say({ type: 'subscribe', room: 'slow', id: 1 })
    client.say({ type: 'publish', room: 'slow', data: 'own', id: 2 })
    client.say({ type: 'ping' })
    await expect.poll(() => gate.length).toBe(1)
    gate[0]?.()
    expect([await client.take(), await client.take(), await client.take(), await client.take()]).toMatchObject([
      { type: 'ack', id: 1 },
      { type: 'message', data: 'own' },
      { type: 'ack', id: 2 },
      { type: 'pong' },
    ])
  })

  it('that goes while it waits for a right is not in the room', async () => {
    const gate: (() => void)[] = []
    const subscribe = () => new Promise<boolean>((resolve) => gate.push(() => resolve(true)))
    const { io, url } = await serve({ rooms: { slow: { ...open, subscribe } } })
    const { client, welcome } = await come(url)
    client.say({ type: 'subscribe', room: 'slow', id: 1 })
    await expect.poll(() => gate.length).toBe(1)
    client.drop()
    await expect.poll(() => io.stats.clients.total).toBe(0)
    gate[0]?.()
    const back = await come(url, { session: welcome.session })
    expect(back.welcome.rooms).toEqual([])
    expect(io.stats.presenceRooms).toBe(0)
  })
})

describe('an event with a key', () => {
  async function counting() {
    const { io, url, log } = await serve()
    const runs: unknown[] = []
    const acks: ((answer: unknown) => void)[] = []
    io.on('connection', (socket) => {
      socket.on('save', (value, ack) => {
        runs.push(value)
        ack?.({ saved: runs.length })
      })
      socket.on('slow', (value, ack) => {
        runs.push(value)
        acks.push(ack)
      })
      socket.on('fails', (value) => {
        runs.push(value)
        throw new Error('broken')
      })
    })
    return { io, url, log, runs, acks }
  }

  it('runs its handler once, and a retry gets the first answer under its own id', async () => {
    const { url, runs } = await counting()
    const { client } = await come(url)
    expect(await client.ask({ type: 'save', data: 1, key: 'k' })).toEqual({ data: { saved: 1 } })
    expect(await client.ask({ type: 'save', data: 1, key: 'k' })).toEqual({ data: { saved: 1 } })
    expect(await client.ask({ type: 'save', data: 2, key: 'other' })).toEqual({ data: { saved: 2 } })
    expect(runs).toEqual([1, 2])
  })

  it('is remembered over a drop, also while the first answer is not there yet', async () => {
    const { io, url, runs, acks } = await counting()
    const { client, welcome } = await come(url)
    client.say({ type: 'slow', data: 1, key: 'k', id: 1 })
    await expect.poll(() => runs.length).toBe(1)
    client.drop()
    await expect.poll(() => io.stats.clients.total).toBe(0)
    const back = await come(url, { session: welcome.session })
    back.client.say({ type: 'slow', data: 1, key: 'k', id: 2 })
    expect(await back.client.rest()).toEqual([])
    acks[0]?.('done')
    expect(await back.client.take()).toEqual({ type: 'ack', id: 2, data: 'done' })
    expect(runs).toEqual([1])
  })

  it('belongs to its session', async () => {
    const { url, runs } = await counting()
    const [one, two] = [await come(url), await come(url)]
    for (const { client } of [one, two]) await client.ask({ type: 'save', data: 1, key: 'k' })
    expect(runs.length).toBe(2)
  })

  it('is answered with the same refusal again', async () => {
    const { url, runs, log } = await counting()
    const { client } = await come(url)
    const first = await client.ask({ type: 'fails', data: 1, key: 'k' })
    expect(first).toMatchObject({ error: { code: 'internal' } })
    expect(await client.ask({ type: 'fails', data: 1, key: 'k' })).toEqual(first)
    expect([runs.length, log.length]).toEqual([1, 1])
  })

  it('tells what went wrong where nobody wants an answer, and refuses a key that is used for something else', async () => {
    const { url, runs } = await counting()
    const { client } = await come(url)
    client.say({ type: 'fails', data: 1, key: 'k' })
    expect(await client.take()).toMatchObject({ type: 'error', request: 'fails', error: { code: 'internal' } })
    for (const other of [
      { type: 'save', data: 1 },
      { type: 'fails', data: 2 },
    ]) {
      expect(await client.ask({ ...other, key: 'k' })).toMatchObject({ error: { code: 'key_reused' } })
    }
    expect(runs.length).toBe(1)
  })

  it('runs once where nobody wants an answer', async () => {
    const { url, runs } = await counting()
    const { client } = await come(url)
    for (let i = 0; i < 3; i++) client.say({ type: 'save', data: 1, key: 'k' })
    expect(await client.rest()).toEqual([])
    expect(runs).toEqual([1])
  })
})

describe('an event with a key that a validator looks at later', () => {
  it('is answered with the validator’s refusal, on a retry too', async () => {
    const { io, url } = await serve()
    const isText = z.string().refine(async (text) => text !== 'bad', 'bad text')
    const runs: string[] = []
    io.on('connection', (socket) => socket.on('save', isText, (text) => void runs.push(text)))
    const { client } = await come(url)
    client.say({ type: 'save', data: 'bad', key: 'k' })
    expect(await client.take()).toMatchObject({ type: 'error', error: { code: 'invalid' }, request: 'save' })
    expect(await client.ask({ type: 'save', data: 'bad', key: 'k' })).toMatchObject({ error: { code: 'invalid' } })
    client.say({ type: 'save', data: 'good', key: 'l' })
    expect(await client.ask({ type: 'save', data: 'good', key: 'l' })).toEqual({})
    expect(runs).toEqual(['good'])
  })
})

describe('what is said to one strict client', () => {
  it('has a seq where it can come back for it, and none with an id', async () => {
    const { io, url } = await serve()
    io.on('connection', (socket) => {
      socket.on('go', () => {
        socket.emit('kept', 1)
        socket.emit('asked', 2, () => {})
        socket.volatile.emit('volatile', 3)
        io.to(socket.id).emit('by id', 4)
      })
    })
    const { client } = await come(url)
    client.say({ type: 'go' })
    await client.take((heard) => heard.type === 'by id')
    const told = client.frames.slice(1).map((frame) => JSON.parse(String(frame)))
    expect(told.slice(0, 2)).toEqual([
      { type: 'kept', seq: 1, data: 1 },
      { type: 'asked', id: expect.any(Number), data: 2 },
    ])
    expect(told.at(-1)).toEqual({ type: 'by id', seq: 2, data: 4 })
  })

  it('has no seq where own rooms keep nothing', async () => {
    const { io, url } = await serve({ rooms: { '*': { keep: false } } })
    const came = once(io, 'connection') as Promise<[{ emit(event: string, value: number): void }]>
    const { client } = await come(url)
    const [socket] = await came
    socket.emit('direct', 1)
    expect(await client.take()).toEqual({ type: 'direct', data: 1 })
  })

  it('comes from the namespace as a publication in the room of its name', async () => {
    const { io, url } = await serve()
    const [{ client }, { client: ops }] = [await come(url), await come(`${url}/`)]
    io.emit('all', 1)
    for (const each of [client, ops]) {
      expect(await each.take()).toMatchObject({ type: 'all', room: '/', seq: 1, from: null, data: 1 })
    }
  })
})
