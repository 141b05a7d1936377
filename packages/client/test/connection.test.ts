import { describe, expect, it, vi } from 'vitest'
import { PartylineError } from '../src/index.ts'
import { settled } from './fake-clock.ts'
import { setting } from './setting.ts'

describe('Connection', () => {
  it('offers the sub-protocol and says connect first, with what it was given', async () => {
    const { server } = setting({ name: 'Ada', token: async () => 't1' })
    const socket = await server.accept()
    expect(socket.url).toBe('ws://test/partyline/')
    expect(socket.protocol).toBe('partyline.v1')
    expect(socket.received).toEqual([{ type: 'connect', name: 'Ada', token: 't1' }])
  })

  it('asks for name and token anew for each connection', async () => {
    let count = 0
    const { server, clock } = setting({ name: () => `name ${count}`, token: () => `token ${++count}` })
    const first = await server.welcome()
    expect(first.last('connect')).toMatchObject({ token: 'token 1' })
    first.drop(4401, 'expired')
    await clock.pass(750)
    const second = await server.accept()
    expect(second.last('connect')).toMatchObject({ token: 'token 2', name: 'name 2' })
  })

  it('tries again when the token cannot be had', async () => {
    const token = vi
      .fn<() => Promise<string>>()
      .mockRejectedValueOnce(new Error('no token today'))
      .mockResolvedValue('t')
    const { client, server, clock } = setting({ token })
    await settled()
    expect(client.state).toMatchObject({
      name: 'waiting',
      code: 1006,
      reason: 'the token could not be had: no token today',
      error: { name: 'PartylineError', code: 'unauthorized', cause: new Error('no token today') },
    })
    expect(server.sockets).toHaveLength(0)
    await clock.pass(750)
    const socket = await server.accept()
    expect(socket.last('connect').token).toBe('t')
  })

  it('does not open a line when it was closed while waiting for the token', async () => {
    let give: ((token: string) => void) | undefined
    const { client, server } = setting({ token: () => new Promise((resolve) => (give = resolve)) })
    await settled()
    client.close()
    give?.('late')
    await settled()
    expect(server.sockets).toHaveLength(0)
  })

  it('gives up an attempt that is not welcomed in time, without saying goodbye', async () => {
    const { client, server, clock } = setting({ connectTimeoutMs: 4000 })
    const socket = await server.accept()
    await clock.pass(4000)
    expect(client.state).toMatchObject({ name: 'waiting', code: 1006, reason: 'not welcomed within 4000 ms' })
    expect(socket.closedWith?.code).toBe(4000)
  })

  it('answers the ping of the server', async () => {
    const { server } = setting()
    const socket = await server.welcome()
    socket.say({ type: 'ping' })
    expect(socket.received.at(-1)).toEqual({ type: 'pong' })
  })

  it('comes back when it hears nothing for a heartbeat and 20 s', async () => {
    const { client, server, clock } = setting()
    const socket = await server.welcome({ heartbeatMs: 25_000 })
    await clock.pass(25_000)
    socket.say({ type: 'ping' })
    await clock.pass(44_999)
    expect(client.state.name).toBe('live')
    await clock.pass(1)
    expect(client.state).toMatchObject({ name: 'waiting', code: 1006, reason: 'nothing heard any more' })
    expect(socket.closedWith?.code).toBe(4000)
  })

  it('counts any message as a sign of life', async () => {
    const { client, server, clock } = setting()
    const socket = await server.welcome({ heartbeatMs: 1000 })
    for (let i = 0; i < 10; i++) {
      await clock.pass(20_000)
      socket.publication('lobby', undefined, i)
    }
    expect(client.state.name).toBe('live')
  })

  it('asks first, before it gives up a line, when the machine has slept', async () => {
    const { client, server, clock } = setting()
    const socket = await server.welcome()
    const pings = socket.all('ping').length
    await clock.sleep(3_600_000)
    expect(client.state.name).toBe('live')
    expect(socket.all('ping').length).toBeGreaterThan(pings)
    socket.pong()
    await clock.pass(20_000)
    expect(client.state.name).toBe('live')
  })

  it('gives up a line that does not answer after a sleep', async () => {
    const { client, server, clock } = setting()
    await server.welcome()
    await clock.sleep(3_600_000)
    await clock.pass(5_000)
    expect(client.state).toMatchObject({ name: 'waiting', reason: 'no answer' })
  })

  it('hears nothing of a line that it gave up', async () => {
    const { client, server, clock } = setting()
    const heard = vi.fn()
    client.on('hello', heard)
    const old = await server.welcome({ heartbeatMs: 1000 })
    await clock.pass(21_000)
    await clock.pass(750)
    await server.welcome({ session: 'secret-1' })
    old.say({ type: 'hello', data: 1 })
    old.drop(4500, 'taken over')
    expect(heard).not.toHaveBeenCalled()
    expect(client.state.name).toBe('live')
  })

  it('measures the round trip again every ten seconds', async () => {
    const { client, server, clock } = setting()
    const socket = await server.accept()
    socket.welcome()
    expect(client.latencyMs).toBeUndefined()
    await clock.pass(40)
    socket.pong()
    expect(client.latencyMs).toBe(40)
    await clock.pass(10_000)
    await clock.pass(7)
    socket.pong()
    expect(client.latencyMs).toBe(7)
  })

  it('measures anew when the first pong stands behind a replay', async () => {
    const { client, server, clock } = setting()
    const first = await server.welcome()
    first.publication('lobby', 1, 'a')
    first.drop()
    await clock.pass(750)
    const second = await server.accept()
    second.welcome({ rooms: ['lobby'], recovered: true })
    second.publication('lobby', 2, 'b')
    await clock.pass(900)
    second.say({ type: 'pong' })
    expect(client.latencyMs).toBeUndefined()
    await clock.pass(30)
    second.say({ type: 'pong' })
    expect(client.latencyMs).toBe(30)
  })

  it('takes a binary frame for the event message with its bytes', async () => {
    const { client, server } = setting()
    const heard = vi.fn()
    client.on('message', heard)
    const socket = await server.welcome()
    expect(socket.binaryType).toBe('arraybuffer')
    socket.say(new Uint8Array([1, 2, 3]).buffer)
    expect(heard).toHaveBeenCalledWith(new Uint8Array([1, 2, 3]))
  })

  it.each(['no JSON', '[]', '{"type":"welcome"}', '{"type":"x","room":5}'])(
    'stays away from a server that says %s',
    async (text) => {
      const { client, server } = setting()
      const errors: PartylineError[] = []
      client.onError((error) => errors.push(error))
      const socket = await server.accept()
      socket.say(text)
      expect(client.state).toMatchObject({ name: 'closed', code: 1002 })
      expect(errors[0]).toBeInstanceOf(PartylineError)
    },
  )

  it('gives the refusal as the reason of a close without words', async () => {
    const { client, server } = setting()
    const errors: PartylineError[] = []
    client.onError((error) => errors.push(error))
    const socket = await server.accept()
    socket.say({ type: 'error', error: { code: 'unauthorized', message: 'who are you?' }, request: 'connect' })
    socket.drop(4503)
    const error = new PartylineError('unauthorized', 'who are you?')
    expect(client.state).toEqual({ name: 'closed', code: 4503, reason: 'who are you?', error })
    expect(errors).toEqual([error])
  })

  it('keeps the refusal beside the words of the close, and does not report what it comes back from', async () => {
    const { client, server } = setting()
    const errors: PartylineError[] = []
    client.onError((error) => errors.push(error))
    const socket = await server.accept()
    const error = { code: 'unavailable', message: 'too many here', retryAfterMs: 4000 }
    socket.say({ type: 'error', error, request: 'connect' })
    socket.drop(1013, 'full')
    expect(client.state).toMatchObject({ name: 'waiting', code: 1013, reason: 'full', delayMs: 4000, error })
    expect(errors).toEqual([])
  })

  it('does not take the refusal of an event for the reason of a later close', async () => {
    const { client, server } = setting()
    client.onError(() => {})
    const socket = await server.welcome()
    socket.say({ type: 'error', error: { code: 'unknown_event', message: 'no "x" here' }, request: 'x' })
    socket.drop()
    expect(client.state).toMatchObject({ name: 'waiting', reason: '', error: { code: 'disconnected' } })
  })

  it('leaves no timer behind', async () => {
    const { client, server, clock } = setting()
    const socket = await server.welcome()
    client.subscribe('lobby')
    client.publish('lobby', 'x').catch(() => {})
    expect(clock.pending).toBeGreaterThan(0)
    client.close()
    expect(clock.pending).toBe(0)
    expect(socket.closedWith?.code).toBe(1000)
  })
})
