import { describe, expect, it } from 'vitest'
import { type ConnectOptions, connect } from '../src/index.ts'
import { settled } from './fake-clock.ts'
import { goUp, pollingSetting, setting } from './polling-setting.ts'

describe('the choice of a transport', () => {
  it('is a WebSocket, and nothing is asked for by polling, where one opens', async () => {
    const { client, server, polling, clock } = setting()
    await server.welcome()
    expect(client.transport).toBe('websocket')
    expect(client.state).toMatchObject({ name: 'live', transport: 'websocket' })
    await clock.pass(20_000)
    server.last.drop()
    expect(client.transport).toBeUndefined()
    expect(polling.requests).toHaveLength(0)
  })

  it('is polling at once where no WebSocket opens and polling answers, in the same attempt', async () => {
    const { client, server, polling, states } = setting({ name: 'Ada' })
    await settled()
    server.last.drop()
    expect(client.state).toEqual({ name: 'connecting', attempt: 1 })
    const hello = await polling.welcome()
    expect(hello).toEqual({ type: 'connect', name: 'Ada' })
    expect(client.state).toEqual({ name: 'live', recovered: false, caughtUp: 0, gaps: [], transport: 'polling' })
    expect(states).toEqual(['polling'])
  })

  it('waits where neither gets through, and tells what the last one said', async () => {
    const { client, server, polling, clock } = setting()
    await settled()
    server.last.drop()
    await settled()
    await polling.last('GET').answer('{"code":4,"message":"the origin is not allowed"}', 403)
    expect(client.state).toMatchObject({
      name: 'waiting',
      attempt: 1,
      delayMs: 750,
      code: 1006,
      reason: 'the origin is not allowed',
    })
    await clock.pass(750)
    expect(server.sockets).toHaveLength(2)
    expect(polling.requests).toHaveLength(1)
  })

  it('obeys the delay that a server which is full asks for by polling', async () => {
    const { client, server, polling } = setting()
    await settled()
    server.last.drop()
    await settled()
    await polling.last('GET').answer('{"code":4,"message":"too many"}', 503, { 'Retry-After': '7' })
    expect(client.state).toMatchObject({ name: 'waiting', delayMs: 7000, error: { retryAfterMs: 7000 } })
  })

  it('does not wait longer than half of its time for a WebSocket to open', async () => {
    const { server, polling, clock } = setting({ connectTimeoutMs: 4000 })
    await settled()
    await clock.pass(1999)
    expect(polling.requests).toHaveLength(0)
    await clock.pass(1)
    expect(polling.requests).toHaveLength(1)
    expect(server.last.closedWith?.code).toBe(4000)
  })

  it('gives a WebSocket all of its time where there is nothing else', async () => {
    const { client, clock } = setting({ connectTimeoutMs: 4000, transports: ['websocket'] })
    await settled()
    await clock.pass(3999)
    expect(client.state.name).toBe('connecting')
  })

  it('is polling where a WebSocket opens and carries nothing', async () => {
    const { server, polling, clock } = setting({ connectTimeoutMs: 4000 })
    await server.accept()
    await clock.pass(4000)
    expect(polling.requests).toHaveLength(1)
  })

  it.each([
    ['a WebSocket that opened and broke', 1006, ''],
    ['a server that said why', 1013, 'retry=1000 full'],
  ])('stays with WebSockets after %s', async (_what, code, reason) => {
    const { client, server, polling } = setting()
    await server.accept()
    server.last.drop(code, reason)
    await settled()
    expect(client.state).toMatchObject({ name: 'waiting', code })
    expect(polling.requests).toHaveLength(0)
  })

  it('has nothing to do with a token that cannot be had', async () => {
    const token = () => Promise.reject(new Error('no token today'))
    const { client, polling } = setting({ token })
    await settled()
    expect(client.state).toMatchObject({ name: 'waiting', error: { code: 'unauthorized' } })
    expect(polling.requests).toHaveLength(0)
  })

  it('stays with WebSockets where one has worked, unless they fail twice in a row and polling answers', async () => {
    const { client, server, polling, clock } = setting()
    await server.welcome()
    await clock.pass(5000)
    server.last.drop()
    await clock.pass(750)
    server.last.drop() // the server restarts
    await settled()
    expect(client.state).toMatchObject({ name: 'waiting', attempt: 2 })
    expect(polling.requests).toHaveLength(0)
    await clock.pass(1500)
    server.last.drop()
    await settled()
    expect(polling.requests).toHaveLength(1)
    await polling.last('GET').fail() // it is not there yet
    expect(client.state).toMatchObject({ name: 'waiting', attempt: 3 })
    await clock.pass(3000)
    await server.welcome()
    expect(client.transport).toBe('websocket')
  })

  it('tries a WebSocket at once where one has worked and only polling answered', async () => {
    const set = setting()
    const { client, server, polling, clock } = set
    await server.welcome()
    for (const delayMs of [0, 750, 1500]) {
      await clock.pass(delayMs)
      server.last.drop()
    }
    await polling.welcome()
    expect(client.transport).toBe('polling')
    await clock.pass(0)
    await goUp(set)
    expect(client.transport).toBe('websocket')
  })

  it('does not try it at once again where that failed', async () => {
    const { server, polling, clock } = setting()
    await server.welcome()
    for (const delayMs of [0, 750, 1500]) {
      await clock.pass(delayMs)
      server.last.drop()
    }
    await polling.welcome()
    await clock.pass(0)
    const count = server.sockets.length
    server.last.drop()
    await clock.pass(20_000)
    expect(server.sockets).toHaveLength(count)
  })

  it('after a drop is what worked last, and the other one where that fails', async () => {
    const { client, server, polling, clock } = await pollingSetting()
    await polling.last('GET').fail()
    expect(client.state).toMatchObject({ name: 'waiting', reason: 'Failed to fetch' })
    await clock.pass(750)
    expect(server.sockets).toHaveLength(1)
    await polling.last('GET').fail()
    await settled()
    expect(server.sockets).toHaveLength(2)
    const socket = await server.welcome({ recovered: true })
    expect(socket.last('connect').session).toBe('secret-1')
    expect(client.transport).toBe('websocket')
  })

  it('comes back by polling to the session that was there', async () => {
    const { client, polling, clock } = await pollingSetting()
    await polling.last('GET').fail()
    await clock.pass(750)
    const hello = await polling.welcome({ recovered: true })
    expect(hello).toMatchObject({ type: 'connect', session: 'secret-1' })
    expect(client.state).toMatchObject({ name: 'live', recovered: true, transport: 'polling' })
  })

  it('is tried by polling too before a client that never comes back is closed', async () => {
    const { client, server, polling } = setting({ reconnect: false })
    client.onError(() => {})
    await settled()
    server.last.drop()
    await settled()
    expect(client.state.name).toBe('connecting')
    await polling.last('GET').fail()
    expect(client.state).toMatchObject({ name: 'closed', code: 1006, reason: 'Failed to fetch' })
  })

  it('can be polling alone, where there is no WebSocket at all', async () => {
    const { client, server, polling, clock } = setting({ transports: ['polling'] })
    await polling.welcome()
    expect(client.transport).toBe('polling')
    await clock.pass(20_000)
    expect(server.sockets).toHaveLength(0)
    await polling.last('GET').fail()
    await settled()
    expect(client.state.name).toBe('waiting')
  })

  it('can be polling first', async () => {
    const { client, server, polling, clock } = setting({ transports: ['polling', 'websocket'] })
    await polling.welcome()
    expect(client.transport).toBe('polling')
    await clock.pass(29_999)
    expect(server.sockets).toHaveLength(0)
    await clock.pass(1)
    expect(server.sockets).toHaveLength(1)
  })

  it.each([[[]], [['websockets']], ['polling'], [[undefined]]])('cannot be %j', (transports) => {
    const options = { transports, autoConnect: false } as unknown as ConnectOptions
    expect(() => connect('http://test', options)).toThrow(
      new TypeError('the option transports is a list of "websocket" and "polling", or of one of them'),
    )
  })

  it('is refused a message that no POST could hold', async () => {
    const { client, server, polling } = setting()
    const errors: string[] = []
    client.onError(({ code }) => errors.push(code))
    await settled()
    server.last.drop()
    await polling.welcome({ maxPayloadBytes: 100 })
    const say = (length: number) => client.emit('x', 'x'.repeat(length))
    const around = JSON.stringify({ type: 'x', data: '' }).length
    say(99 - around)
    say(100 - around)
    expect(errors).toEqual(['too_large'])
    client.emit('message', new Uint8Array(72))
    client.emit('message', new Uint8Array(73))
    expect(errors).toEqual(['too_large', 'too_large'])
    const bodies = await polling.take()
    expect(bodies.map((body) => body.length)).toEqual([100, 97])
  })
})

describe('a client that polls', () => {
  it('answers the pings of the session, and lets go of a line on which none come', async () => {
    const { client, polling, clock } = await pollingSetting()
    await polling.say('2')
    expect(await polling.take()).toEqual(['3'])
    await clock.pass(44_999)
    expect(client.state.name).toBe('live')
    const get = polling.last('GET')
    await clock.pass(1)
    expect(client.state).toMatchObject({ name: 'waiting', reason: 'nothing heard any more' })
    expect(get.isAborted).toBe(true)
  })

  it('comes back with the code and the reason of a close that the server says', async () => {
    const { client, polling, clock } = await pollingSetting()
    await polling.say({ type: 'close', code: 4401, reason: 'the token has expired' })
    expect(client.state).toMatchObject({
      name: 'waiting',
      code: 4401,
      reason: 'the token has expired',
      error: { code: 'unauthorized' },
    })
    await polling.say('6', '1')
    await clock.pass(750)
    expect((await polling.welcome()).session).toBe('secret-1')
  })

  it('stays away after a close that says so', async () => {
    const { client, polling, clock } = await pollingSetting()
    client.onError(() => {})
    await polling.say({ type: 'close', code: 4500, reason: 'a later connection has this session' }, '1')
    expect(client.state).toMatchObject({ name: 'closed', code: 4500 })
    expect(clock.pending).toBe(0)
  })

  it('says goodbye when it is closed', async () => {
    const { client, server, polling, clock } = await pollingSetting()
    client.close()
    expect(await polling.take()).toEqual(['1'])
    expect(client.state).toEqual({ name: 'closed', code: 1000, reason: 'closed by this client' })
    expect(clock.pending).toBe(0)
    expect(server.sockets).toHaveLength(1)
  })
})
