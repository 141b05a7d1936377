import { describe, expect, it } from 'vitest'
import type { Identity, ServerOptions } from '../../../src/index.ts'
import { open, serve } from '../../served.ts'
import { StillClock } from '../../suites/still-clock.ts'
import { come, connect } from '../../test-client.ts'

const HOUR_MS = 3_600_000

/** Tokens are `<id>` or `<id> <name>`, and `bad` is none. */
const authenticate = (token: string): Identity | undefined => {
  const [id = '', name] = token.split(' ')
  return id === 'bad' ? undefined : { id, ...(name === undefined ? undefined : { name }) }
}

const members = (options: ServerOptions = {}) => serve({ authenticate, rooms: { lobby: open }, ...options })
const whoAmI = { type: 'auth', token: '' }

describe('a lenient client with a token', () => {
  it('shows it in the URL or its head, and is in from the start', async () => {
    const { io, url } = await members()
    const seen: unknown[] = []
    io.use((socket, next) => {
      seen.push([socket.user, socket.handshake.auth.token])
      next()
    })
    const byUrl = await connect(`${url}/?token=ada%20Ada`)
    expect(await byUrl.ask(whoAmI)).toEqual({ data: { user: { id: 'ada', name: 'Ada' } } })
    const byHead = await connect(url, { headers: { Authorization: 'Bearer ben' } })
    expect(await byHead.ask(whoAmI)).toEqual({ data: { user: { id: 'ben', name: 'ben' } } })
    expect(seen).toEqual([
      [{ id: 'ada', name: 'Ada' }, 'ada Ada'],
      [{ id: 'ben', name: 'ben' }, 'ben'],
    ])
  })

  it('is told why and closed where the one it came with is not good', async () => {
    const { io, url } = await members()
    const client = await connect(`${url}/?token=bad`)
    expect(await client.take()).toMatchObject({ type: 'error', error: { code: 'unauthorized' }, request: 'connect' })
    expect((await client.closed).code).toBe(4503)
    expect(io.sockets.sockets.size).toBe(0)
  })

  it('shows it as its first message, and is answered unauthorized for any other', async () => {
    const { io, url } = await members()
    const client = await connect(url)
    expect(await client.ask({ type: 'subscribe', room: 'lobby' })).toMatchObject({ error: { code: 'unauthorized' } })
    for (const text of ['hello', 'ping', '{"type":"publish","room":"lobby"}', Buffer.from('bytes')]) client.say(text)
    for (let i = 0; i < 4; i++) expect(await client.take()).toMatchObject({ error: { code: 'unauthorized' } })
    expect(io.sockets.sockets.size).toBe(0)
    expect(await client.ask({ type: 'auth', token: 'bad' })).toMatchObject({ error: { code: 'unauthorized' } })
    expect(await client.ask({ type: 'auth', token: 'ada' })).toEqual({ data: { user: { id: 'ada', name: 'ada' } } })
    expect([...io.sockets.sockets.values()].map(({ user }) => user.id)).toEqual(['ada'])
    expect(await client.ask({ type: 'subscribe', room: 'lobby' })).toMatchObject({ data: { room: 'lobby' } })
  })

  it('has ten seconds for it', async () => {
    const clock = new StillClock()
    const { url } = await members({ clock })
    const client = await connect(url)
    expect(await client.ask({ type: 'auth', token: 'bad' })).toMatchObject({ error: { code: 'unauthorized' } })
    clock.pass(9_999)
    expect(await client.ask({ type: 'auth', token: 'bad' })).toMatchObject({ error: { code: 'unauthorized' } })
    clock.pass(1)
    expect(await client.closed).toEqual({ code: 1008, reason: 'no token in time' })
  })

  it('is not let in by a middleware’s refusal either', async () => {
    const { io, url } = await members()
    io.use((_socket, next) => next(new Error('full')))
    const client = await connect(url)
    client.say({ type: 'auth', token: 'ada' })
    expect(await client.take()).toMatchObject({ error: { code: 'forbidden', message: 'full' } })
    expect((await client.closed).code).toBe(4503)
  })

  it('hears of its token before the application says anything', async () => {
    const { io, url } = await members()
    io.on('connection', (socket) => socket.emit('hello', socket.user.id))
    const client = await connect(url)
    client.say({ type: 'auth', token: 'ada', id: 1 })
    expect(await client.take()).toMatchObject({ type: 'ack', id: 1 })
    expect(await client.take()).toEqual({ type: 'hello', data: 'ada' })
  })
})

describe('a strict client with a token', () => {
  it('shows it in its connect, or where others do', async () => {
    const { url } = await members()
    expect((await come(url, { token: 'ada Ada' })).welcome.user).toEqual({ id: 'ada', name: 'Ada' })
    expect((await come(`${url}/?token=ben`)).welcome.user.id).toBe('ben')
    expect((await come(`${url}/?token=ben`, { token: 'cleo' })).welcome.user.id).toBe('cleo')
  })

  it('is told why and closed where it has none, or one that is not good', async () => {
    const { url } = await members()
    for (const fields of [{}, { token: '' }, { token: 'bad' }, { session: 'of nobody' }]) {
      const { client, welcome } = await come(url, fields)
      expect(welcome).toMatchObject({ type: 'error', error: { code: 'unauthorized' } })
      expect((await client.closed).code).toBe(4503)
    }
  })

  it('may come as a guest where guests are welcome', async () => {
    const { url } = await members({ guests: true })
    const { client, welcome } = await come(url, { name: 'Eve' })
    expect(welcome.user).toMatchObject({ id: expect.stringMatching(/^guest:/), name: 'Eve' })
    expect(await client.ask({ type: 'auth', token: 'ada Ada' })).toEqual({ data: { user: { id: 'ada', name: 'Ada' } } })
    expect((await come(url, { token: 'bad' })).welcome).toMatchObject({ error: { code: 'unauthorized' } })
  })

  it('comes back by its session alone, or with its token; nobody else has its session', async () => {
    const { url } = await members()
    const { client, welcome } = await come(url, { token: 'ada' })
    await client.ask({ type: 'subscribe', room: 'lobby' })
    client.drop()
    const other = await come(url, { token: 'eve', session: welcome.session })
    expect(other.welcome).toMatchObject({ user: { id: 'eve' }, rooms: [], recovered: false })
    const back = await come(url, { session: welcome.session })
    expect(back.welcome).toMatchObject({ id: welcome.id, user: { id: 'ada' }, rooms: ['lobby'], recovered: true })
    back.client.drop()
    const again = await come(url, { token: 'ada', session: back.welcome.session })
    expect(again.welcome).toMatchObject({ id: welcome.id, rooms: ['lobby'] })
  })
})

describe('a user', () => {
  it('refreshes its token in place, and stays the same', async () => {
    const { url } = await members()
    const { client } = await come(url, { token: 'ada Ada' })
    expect(await client.ask({ type: 'auth', token: 'ada Countess' })).toEqual({
      data: { user: { id: 'ada', name: 'Countess' } },
    })
    expect(await client.ask({ type: 'auth', token: 'ben' })).toMatchObject({ error: { code: 'forbidden' } })
    expect(await client.ask({ type: 'auth', token: 'bad' })).toMatchObject({ error: { code: 'unauthorized' } })
    expect(await client.ask({ type: 'auth', name: 'Guest' })).toMatchObject({ data: { user: { name: 'Countess' } } })
  })

  it('is who publishes, is present, and is asked for by rights', async () => {
    const asked: string[] = []
    const right = (user: { id: string }): boolean => {
      asked.push(user.id)
      return true
    }
    const { url } = await members({ guests: true, rooms: { lobby: { ...open, publish: right } } })
    const { client: eve } = await come(url)
    await eve.ask({ type: 'subscribe', room: 'lobby' })
    const { client: ben } = await come(url, { token: 'ben' })
    await ben.ask({ type: 'subscribe', room: 'lobby' })
    expect(await ben.ask({ type: 'presence', room: 'lobby' })).toMatchObject({ data: { count: 2 } })
    await eve.ask({ type: 'auth', token: 'ada Ada' })
    expect(await ben.take(({ type }) => type === 'presence')).toMatchObject({
      joined: [{ id: 'ada', name: 'Ada' }],
      left: [{ id: expect.stringMatching(/^guest:/) }],
    })
    await eve.ask({ type: 'publish', room: 'lobby', data: 'hi' })
    expect(await ben.take(({ type }) => type === 'message')).toMatchObject({ from: { id: 'ada', name: 'Ada' } })
    expect(asked).toEqual(['ada'])
  })

  it('is one until its token expires, and no longer', async () => {
    const clock = new StillClock()
    const { url } = await members({
      clock,
      heartbeatMs: 1e9,
      authenticate: (token) => ({ id: 'ada', expiresAt: Number(token) }),
    })
    const { client, welcome } = await come(url, { token: `${HOUR_MS}` })
    expect(welcome.expiresAt).toBe(HOUR_MS)
    clock.pass(HOUR_MS / 2)
    expect((await client.ask({ type: 'auth', token: `${2 * HOUR_MS}` })).data.expiresAt).toBe(2 * HOUR_MS)
    clock.pass(HOUR_MS)
    expect(await client.rest()).toEqual([])
    clock.pass(HOUR_MS / 2)
    expect(await client.closed).toEqual({ code: 4401, reason: 'the token has expired' })
    const late = await connect(url, { strict: true })
    late.say({ type: 'connect', session: welcome.session })
    expect((await late.closed).code).toBe(4401)
    expect((await come(url, { session: welcome.session, token: `${9 * HOUR_MS}` })).welcome.recovered).toBe(true)
  })

  it('leaves no token in a log, whatever goes wrong', async () => {
    const { url, log } = await members({
      authenticate: (token) => {
        throw new Error(`no such token: ${token}`)
      },
    })
    const lenient = await connect(`${url}/?token=s3cret`)
    await lenient.closed
    const { client } = await come(url, { token: 's3cret' })
    await client.closed
    expect(log.length).toBeGreaterThan(0)
    expect(JSON.stringify(log)).not.toContain('s3cret')
  })
})
