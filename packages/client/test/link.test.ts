import { describe, expect, it, vi } from 'vitest'
import { type ClientState, connect, PartylineError } from '../src/index.ts'
import { FakeClock, settled } from './fake-clock.ts'
import { setting } from './setting.ts'

describe('Link', () => {
  it('goes from connecting to live', async () => {
    const { client, server } = setting()
    const states: ClientState[] = [client.state]
    client.onState((state) => states.push(state))
    await server.welcome()
    expect(states).toEqual([
      { name: 'connecting', attempt: 1 },
      { name: 'live', recovered: false, caughtUp: 0, gaps: [], transport: 'websocket' },
    ])
  })

  it('stays idle with autoConnect false, until it is told', async () => {
    const { client, server } = setting({ autoConnect: false })
    await settled()
    expect(client.state).toEqual({ name: 'idle' })
    expect(server.sockets).toHaveLength(0)
    client.connect()
    await server.welcome()
    expect(client.state.name).toBe('live')
  })

  it('waits longer after each failed attempt, and says so', async () => {
    const { client, server, clock } = setting()
    const delays: number[] = []
    client.onState((state) => {
      if (state.name === 'waiting') delays.push(state.delayMs)
    })
    for (let attempt = 1; attempt <= 7; attempt++) {
      await settled()
      expect(client.state).toEqual({ name: 'connecting', attempt })
      server.last.drop()
      expect(client.state).toMatchObject({ name: 'waiting', attempt, code: 1006 })
      await clock.pass(delays.at(-1) ?? 0)
    }
    expect(delays).toEqual([750, 1500, 3000, 6000, 12_000, 22_500, 22_500])
  })

  it('tells when it will try again, as Unix time', async () => {
    const { client, server } = setting()
    await server.welcome()
    vi.useFakeTimers({ toFake: ['Date'], now: 1_790_000_000_000 })
    server.last.drop()
    vi.useRealTimers()
    expect(client.state).toMatchObject({ delayMs: 750, retryAtMs: 1_790_000_000_750 })
  })

  it('starts with the shortest wait again after a connection that lasted', async () => {
    const { client, server, clock } = setting()
    await settled()
    server.last.drop()
    await clock.pass(750)
    const second = await server.welcome()
    await clock.pass(4999)
    second.drop()
    expect(client.state).toMatchObject({ delayMs: 1500, attempt: 2 })
    await clock.pass(1500)
    const third = await server.welcome()
    await clock.pass(5000)
    third.drop()
    expect(client.state).toMatchObject({ delayMs: 750, attempt: 1 })
  })

  it('obeys the delay in the reason of a close', async () => {
    const { client, server, clock } = setting()
    const socket = await server.welcome()
    socket.drop(1012, 'retry=7000 restarting')
    expect(client.state).toMatchObject({ name: 'waiting', delayMs: 7000, code: 1012, reason: 'retry=7000 restarting' })
    await clock.pass(6999)
    expect(server.sockets).toHaveLength(1)
    await clock.pass(1)
    expect(server.sockets).toHaveLength(2)
  })

  it('tells the delay that a close asks for with its error, without the figures in the words', async () => {
    const { client, server } = setting()
    const socket = await server.welcome()
    socket.drop(1012, 'retry=7000 restarting')
    const message = 'the connection ended: restarting (1012)'
    expect(client.state).toMatchObject({ error: { code: 'unavailable', message, retryAfterMs: 7000 } })
  })

  it.each([
    [1001, 'disconnected'],
    [1004, 'disconnected'],
    [1005, 'disconnected'],
    [1006, 'disconnected'],
    [1011, 'internal'],
    [1012, 'unavailable'],
    [1013, 'unavailable'],
    [1014, 'disconnected'],
    [1015, 'disconnected'],
    [4000, 'disconnected'],
    [4401, 'unauthorized'],
    [4499, 'disconnected'],
  ])('comes back after a close with %d, which is %s', async (code, error) => {
    const { client, server, clock } = setting()
    const socket = await server.welcome()
    socket.drop(code)
    expect(client.state).toMatchObject({ name: 'waiting', code, error: { code: error } })
    await clock.pass(750)
    const next = await server.welcome()
    expect(next.last('connect').session).toBe('secret-1')
    expect(client.state.name).toBe('live')
  })

  it.each([
    [1000, 'disconnected'],
    [1002, 'disconnected'],
    [1003, 'disconnected'],
    [1007, 'disconnected'],
    [1008, 'disconnected'],
    [1009, 'too_large'],
    [1010, 'disconnected'],
    [3000, 'disconnected'],
    [3999, 'disconnected'],
    [4500, 'disconnected'],
    [4501, 'forbidden'],
    [4503, 'forbidden'],
    [4999, 'disconnected'],
  ] as const)('stays away after a close with %d, which is %s', async (code, expected) => {
    const { client, server, clock } = setting()
    const errors: PartylineError[] = []
    client.onError((error) => errors.push(error))
    const socket = await server.welcome()
    socket.drop(code, 'so be it')
    const error = new PartylineError(expected, `the connection ended: so be it (${code})`)
    expect(client.state).toEqual({ name: 'closed', code, reason: 'so be it', error })
    expect(errors).toEqual([error])
    expect(clock.pending).toBe(0)
  })

  it('obeys a 4500 on its current connection only', async () => {
    const { client, server } = setting()
    client.onError(() => {})
    const first = await server.welcome()
    first.drop(1006)
    client.tryNow()
    const second = await server.welcome()
    first.drop(4500, 'a later connection has this session')
    expect(client.state.name).toBe('live')
    second.drop(4500, 'a later connection has this session')
    expect(client.state).toMatchObject({ name: 'closed', code: 4500 })
  })

  it('leaves the whole of a wait to chance, unless it is told otherwise', async () => {
    const chances = [0, 0.25, 1]
    const { client, server, clock } = setting({ reconnect: {}, random: () => chances.shift() ?? 0 })
    for (const delayMs of [1000, 1500, 0]) {
      await settled()
      server.last.drop()
      expect(client.state).toMatchObject({ name: 'waiting', delayMs })
      await clock.pass(delayMs)
    }
  })

  it('is refused with the reason of the end as the cause', async () => {
    const { client, server } = setting()
    client.onError(() => {})
    const socket = await server.welcome()
    const published = client.publish('lobby', 'x')
    socket.drop(4501, 'not any more')
    const cause = new PartylineError('forbidden', 'the connection ended: not any more (4501)')
    await expect(published).rejects.toEqual(new PartylineError('disconnected', cause.message, undefined, cause))
  })

  it('never comes back with reconnect false', async () => {
    const { client, server } = setting({ reconnect: false })
    client.onError(() => {})
    const socket = await server.welcome()
    socket.drop(1006, '')
    expect(client.state).toMatchObject({ name: 'closed', code: 1006, reason: '', error: { code: 'disconnected' } })
  })

  it('tries at once when it is told to', async () => {
    const { client, server, clock } = setting()
    const socket = await server.welcome()
    socket.drop(1012, 'retry=30000 restarting')
    client.tryNow()
    expect(client.state.name).toBe('connecting')
    await server.welcome()
    await clock.pass(30_000)
    expect(server.sockets).toHaveLength(2)
  })

  it('does nothing on tryNow while it is live', async () => {
    const { client, server } = setting()
    await server.welcome()
    client.tryNow()
    client.connect()
    await settled()
    expect(server.sockets).toHaveLength(1)
  })

  it('says goodbye on close, and comes back on connect with another session', async () => {
    const { client, server } = setting()
    const socket = await server.welcome()
    client.close()
    expect(socket.closedWith?.code).toBe(1000)
    expect(client.state).toEqual({ name: 'closed', code: 1000, reason: 'closed by this client' })
    client.connect()
    const next = await server.accept()
    expect(next.last('connect')).toEqual({ type: 'connect' })
  })

  it('survives a connect from within a listener of its close', async () => {
    const { client, server } = setting()
    const stop = client.onState((state) => {
      if (state.name === 'closed') client.connect()
    })
    client.onError(() => {})
    const socket = await server.welcome()
    socket.drop(1008)
    await server.welcome()
    stop()
    const answer = client.emitWithAck('hello')
    server.last.ack('hello', 'hi')
    expect(await answer).toBe('hi')
  })

  it('does not tell of an end that is over already', async () => {
    const { client, server } = setting()
    const told: string[] = []
    client.onState(({ name }) => told.push(name))
    client.onError(() => client.connect())
    const socket = await server.welcome()
    socket.drop(1008)
    expect(client.state.name).toBe('connecting')
    expect(told.at(-1)).toBe('connecting')
  })

  it('is live after a return only when all that was missed has come', async () => {
    const { client, server, clock } = setting()
    await server.welcome()
    server.last.publication('lobby', 1, 'a')
    server.last.drop()
    await clock.pass(750)
    const socket = await server.accept()
    socket.welcome({ rooms: ['lobby'], recovered: true })
    expect(client.state.name).toBe('connecting')
    socket.publication('lobby', 2, 'b')
    socket.publication('lobby', 3, 'c')
    expect(client.state.name).toBe('connecting')
    socket.pong()
    expect(client.state).toEqual({ name: 'live', recovered: true, caughtUp: 2, gaps: [], transport: 'websocket' })
  })

  it('does not count as caught up what it says itself after the return', async () => {
    const { client, server, clock } = setting()
    await server.welcome()
    server.last.publication('lobby', 1, 'a')
    server.last.drop()
    client.publish('lobby', 'mine').catch(() => {})
    await clock.pass(750)
    const socket = await server.accept()
    socket.welcome({ rooms: ['lobby'], recovered: true })
    expect(socket.received.map(({ type }) => type)).toEqual(['connect', 'ping', 'publish'])
    socket.publication('lobby', 2, 'b')
    socket.pong()
    socket.publication('lobby', 3, 'mine')
    expect(client.state).toMatchObject({ name: 'live', caughtUp: 1 })
  })

  it('does not take the last state for a new one when it drops while catching up', async () => {
    const { client, server, clock } = setting()
    await server.welcome()
    server.last.publication('lobby', 1, 'a')
    server.last.drop()
    await clock.pass(750)
    const half = await server.accept()
    half.welcome({ rooms: ['lobby'], recovered: true })
    half.publication('lobby', 2, 'b')
    half.drop()
    await clock.pass(1500)
    const socket = await server.accept()
    expect(socket.last('connect').rooms).toEqual({ lobby: { epoch: 'e1', seq: 2 } })
    socket.welcome({ rooms: ['lobby'], recovered: true })
    socket.publication('lobby', 3, 'c')
    socket.pong()
    expect(client.state).toEqual({ name: 'live', recovered: true, caughtUp: 2, gaps: [], transport: 'websocket' })
  })

  it('closes with the reason when a WebSocket cannot even be made', async () => {
    class Forbidden {
      constructor() {
        throw new Error('mixed content')
      }
    }
    const client = connect('http://test', { WebSocket: Forbidden as never, clock: new FakeClock() })
    const errors: string[] = []
    client.onError((error) => errors.push(error.message))
    await settled()
    expect(client.state).toMatchObject({ name: 'closed', code: 1006, reason: 'mixed content' })
    expect(errors).toEqual(['mixed content'])
  })

  it('shows no query of its URL, which may hold a token', async () => {
    class Picky {
      constructor(url: string) {
        throw new Error(`the URL ${url} is not to my liking`)
      }
    }
    const options = { WebSocket: Picky as never, clock: new FakeClock() }
    const client = connect('http://test/?token=secret', options)
    const errors: string[] = []
    client.onError((error) => errors.push(error.message))
    await settled()
    expect(errors).toEqual(['the URL ws://test/partyline/?… is not to my liking'])
    expect(JSON.stringify(client.state)).not.toContain('secret')
  })
})
