import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { PartylineError } from '../src/index.ts'
import { settled } from './fake-clock.ts'
import { type Setting, setting } from './setting.ts'

const startedAt = 1_790_000_000_000
const user = { id: 'ada', name: 'Ada' }

/** Both clocks go on: the one of the timers, and the one that `expiresAt` is told by. */
async function pass({ clock }: Setting, ms: number): Promise<void> {
  vi.setSystemTime(Date.now() + ms)
  await clock.pass(ms)
}

/** Gives `t1`, `t2`, … and fails where it is told to. */
function tokens() {
  let count = 0
  return vi.fn(async () => `t${++count}`)
}

describe('authentication', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: startedAt }))
  afterEach(() => void vi.useRealTimers())

  it.each([null, undefined])('connects without a token where the function answers %s', async (nothing) => {
    const { server } = setting({ token: () => nothing, name: async () => nothing })
    expect((await server.accept()).received).toEqual([{ type: 'connect' }])
  })

  it('asks for a fresh token after each close with 4401, and waits longer each time', async () => {
    const set = setting({ token: tokens() })
    const first = await set.server.welcome()
    expect(first.last('connect').token).toBe('t1')
    first.drop(4401, 'expired')
    await set.clock.pass(750)
    const second = await set.server.accept()
    expect(second.last('connect')).toMatchObject({ token: 't2', session: 'secret-1' })
    second.drop(4401, 'expired')
    expect(set.client.state).toMatchObject({ name: 'waiting', delayMs: 1500, error: { code: 'unauthorized' } })
    await set.clock.pass(1500)
    expect((await set.server.accept()).last('connect').token).toBe('t3')
  })

  it('is asked again with back-off while no token can be had, without opening a line', async () => {
    const token = vi.fn(() => {
      throw new Error('no network')
    })
    const { client, server, clock } = setting({ token })
    await settled()
    for (const delayMs of [750, 1500, 3000]) {
      expect(client.state).toMatchObject({ name: 'waiting', delayMs, error: { code: 'unauthorized' } })
      await clock.pass(delayMs)
    }
    expect(token).toHaveBeenCalledTimes(4)
    expect(server.sockets).toHaveLength(0)
  })

  it('asks for a fresh token when somebody says connect after a refusal', async () => {
    const { client, server } = setting({ token: tokens() })
    client.onError(() => {})
    const first = await server.accept()
    first.say({ type: 'error', error: { code: 'unauthorized', message: 'the token is not good' }, request: 'connect' })
    first.drop(4503, 'the token is not good')
    expect(client.state).toMatchObject({ name: 'closed', error: { code: 'unauthorized' } })
    client.connect()
    expect((await server.accept()).last('connect').token).toBe('t2')
  })

  it('shows no token in states, errors and the log', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    const { client, server } = setting({ token: 'secret-token' })
    const told: unknown[] = []
    client.onState((state) => told.push(state))
    const socket = await server.welcome()
    const refused = client.auth('secret-token-2').catch((error) => told.push(error))
    socket.refuse('auth', 'unauthorized')
    await refused
    client.auth('secret-token-3').catch((error) => told.push(error))
    socket.drop(4503, 'no')
    await settled()
    expect(told).toHaveLength(4)
    const { inspect } = await import('node:util')
    expect(inspect([told, log.mock.calls, client], { depth: 20, showHidden: true })).not.toContain('secret-token')
    log.mockRestore()
  })

  describe('auth', () => {
    it('shows the token that it is given, and resolves to who this is', async () => {
      const { client, server } = setting()
      const socket = await server.welcome()
      expect(client.user).toEqual({ id: 'guest:1', name: 'Ada' })
      const answer = client.auth('t9')
      expect(socket.last('auth')).toEqual({ type: 'auth', token: 't9', id: expect.any(Number) })
      socket.ack('auth', { user, expiresAt: 5 })
      expect(await answer).toEqual({ user, expiresAt: 5 })
      expect(client.user).toEqual(user)
    })

    it('asks for a fresh one where it is given none', async () => {
      const { client, server } = setting({ token: tokens() })
      const socket = await server.welcome()
      const answer = client.auth()
      await settled()
      expect(socket.last('auth').token).toBe('t2')
      socket.ack('auth', { user })
      expect(await answer).toEqual({ user })
    })

    it('keeps a token that was good for the connections to come', async () => {
      const set = setting({ token: 'old' })
      const socket = await set.server.welcome()
      const answer = set.client.auth('new')
      socket.ack('auth', { user })
      await answer
      socket.drop()
      await set.clock.pass(750)
      expect((await set.server.accept()).last('connect').token).toBe('new')
    })

    it('forgets one that was refused', async () => {
      const set = setting({ token: 'old' })
      const socket = await set.server.welcome()
      const answer = set.client.auth('bad')
      socket.refuse('auth', 'unauthorized')
      await expect(answer).rejects.toMatchObject({ name: 'PartylineError', code: 'unauthorized' })
      socket.drop()
      await set.clock.pass(750)
      expect((await set.server.accept()).last('connect').token).toBe('old')
    })

    it('asks the function all the same, where there is one', async () => {
      const set = setting({ token: tokens() })
      const socket = await set.server.welcome()
      const answer = set.client.auth('given')
      socket.ack('auth', { user })
      await answer
      socket.drop()
      await set.clock.pass(750)
      expect((await set.server.accept()).last('connect').token).toBe('t2')
    })

    it('waits for a connection, which brings the token already', async () => {
      const { client, server } = setting({ token: 'old' })
      const answer = client.auth('new')
      const socket = await server.accept()
      expect(socket.last('connect').token).toBe('new')
      socket.welcome()
      socket.ack('auth', { user })
      expect(await answer).toEqual({ user })
    })

    it('rejects while the client is closed, and the token counts for the next connect', async () => {
      const { client, server } = setting({ token: 'old' })
      client.onError(() => {})
      const first = await server.accept()
      first.drop(4503)
      await expect(client.auth('new')).rejects.toMatchObject({ code: 'disconnected' })
      client.connect()
      expect((await server.accept()).last('connect').token).toBe('new')
    })

    it('rejects with unauthorized where the function has no token', async () => {
      const token = tokens()
      const { client, server } = setting({ token })
      const socket = await server.welcome()
      token.mockRejectedValueOnce(new Error('signed out'))
      await expect(client.auth()).rejects.toMatchObject({ code: 'unauthorized', cause: new Error('signed out') })
      expect(socket.all('auth')).toEqual([])
    })
  })

  describe('a token that expires', () => {
    it('is renewed when four fifths of its time are over, again and again', async () => {
      const set = setting({ token: tokens() })
      const socket = await set.server.welcome({ expiresAt: startedAt + 100_000, heartbeatMs: 1_000_000 })
      await pass(set, 79_999)
      expect(socket.all('auth')).toEqual([])
      await pass(set, 1)
      expect(socket.all('auth')).toMatchObject([{ token: 't2' }])
      socket.ack('auth', { user, expiresAt: startedAt + 280_000 })
      await settled()
      expect(set.client.user).toEqual(user)
      await pass(set, 159_999)
      expect(socket.all('auth')).toHaveLength(1)
      await pass(set, 1)
      expect(socket.last('auth').token).toBe('t3')
    })

    it('is renewed after an ack of auth that says when', async () => {
      const set = setting({ token: tokens() })
      const socket = await set.server.welcome()
      const answer = set.client.auth('t0')
      socket.ack('auth', { user, expiresAt: startedAt + 10_000 })
      await answer
      await pass(set, 8_000)
      expect(socket.last('auth').token).toBe('t2')
    })

    it('is left alone where the token is a value', async () => {
      const set = setting({ token: 'only' })
      const socket = await set.server.welcome({ expiresAt: startedAt + 10_000 })
      await pass(set, 10_000)
      expect(socket.all('auth')).toEqual([])
    })

    it('is left alone where it has expired already, by a clock that may be wrong', async () => {
      const set = setting({ token: tokens() })
      const socket = await set.server.welcome({ expiresAt: startedAt })
      await pass(set, 20_000)
      expect(socket.all('auth')).toEqual([])
      expect(set.client.state.name).toBe('live')
    })

    it('is tried again while there is time, and each failure is told', async () => {
      const token = tokens()
      const set = setting({ token })
      const errors: PartylineError[] = []
      set.client.onError((error) => errors.push(error))
      const socket = await set.server.welcome({ expiresAt: startedAt + 25_000 })
      token.mockRejectedValueOnce(new Error('not now'))
      await pass(set, 20_000)
      expect(errors).toMatchObject([{ code: 'unauthorized', message: 'the token could not be had: not now' }])
      await pass(set, 4_000)
      socket.refuse('auth', 'unavailable')
      await settled()
      expect(errors).toMatchObject([{}, { code: 'unavailable' }])
      await pass(set, 1_000)
      expect(socket.all('auth')).toHaveLength(2)
    })

    it('is not renewed on a connection that is gone', async () => {
      const token = tokens()
      const set = setting({ token })
      const errors: PartylineError[] = []
      set.client.onError((error) => errors.push(error))
      const socket = await set.server.welcome({ expiresAt: startedAt + 10_000 })
      let fail: ((error: Error) => void) | undefined
      token.mockImplementationOnce(() => new Promise((_, reject) => (fail = reject)))
      await pass(set, 8_000)
      socket.drop()
      fail?.(new Error('too late'))
      await pass(set, 750)
      const next = await set.server.welcome()
      await pass(set, 20_000)
      expect(errors).toEqual([])
      expect(next.all('auth')).toEqual([])
    })

    it('may live for longer than a timer can wait', async () => {
      const set = setting({ token: tokens(), ackTimeoutMs: 1 })
      const year = 365 * 86_400_000
      const socket = await set.server.welcome({ expiresAt: startedAt + year, heartbeatMs: year })
      await pass(set, year * 0.8 - 1)
      expect(socket.all('auth')).toEqual([])
      await pass(set, 1)
      expect(socket.all('auth')).toHaveLength(1)
    })
  })
})
