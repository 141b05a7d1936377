import { describe, expect, it, vi } from 'vitest'
import { settled } from './fake-clock.ts'
import { setting } from './setting.ts'

describe('a publication that is put off as unavailable', () => {
  it('is said again with the same key, a little later each time', async () => {
    const { client, server, clock } = setting()
    const socket = await server.welcome()
    const answer = client.publish('lobby', 'x')
    for (const [count, delayMs] of [250, 500, 1000].entries()) {
      socket.refuse('publish', 'unavailable')
      await clock.pass(delayMs - 1)
      expect(socket.all('publish')).toHaveLength(count + 1)
      await clock.pass(1)
      expect(socket.all('publish')).toHaveLength(count + 2)
    }
    expect(new Set(socket.all('publish').map((each) => JSON.stringify(each))).size).toBe(1)
    socket.ack('publish', { epoch: 'e1', seq: 4 })
    expect(await answer).toEqual({ epoch: 'e1', seq: 4 })
    expect(clock.pending).toBe(2) // the heartbeat and the next round trip
  })

  it('is said again when the server said', async () => {
    const { client, server, clock } = setting()
    const socket = await server.welcome()
    const answer = client.publish('lobby', 'x')
    socket.refuse('publish', 'unavailable', 7000)
    await clock.pass(6999)
    expect(socket.all('publish')).toHaveLength(1)
    await clock.pass(1)
    socket.ack('publish', { epoch: 'e1', seq: 4 })
    expect(await answer).toEqual({ epoch: 'e1', seq: 4 })
  })

  it('is refused when its time is over, with what the server said last', async () => {
    const { client, server, clock } = setting({ ackTimeoutMs: 3000 })
    const socket = await server.welcome()
    const answer = client.publish('lobby', 'x')
    const rejected = expect(answer).rejects.toMatchObject({ code: 'unavailable', message: 'publish refused' })
    for (const delayMs of [250, 500, 1000]) {
      socket.refuse('publish', 'unavailable')
      await clock.pass(delayMs)
    }
    expect(socket.all('publish')).toHaveLength(4)
    await clock.pass(1250)
    await rejected
  })

  it('is refused at once where the server asks for more time than there is', async () => {
    const { client, server } = setting()
    const socket = await server.welcome()
    const answer = client.publish('lobby', 'x')
    socket.refuse('publish', 'unavailable', 60_000)
    await expect(answer).rejects.toMatchObject({ code: 'unavailable', retryAfterMs: 60_000 })
  })

  it('has the time that it was given', async () => {
    const { client, server, clock } = setting()
    const socket = await server.welcome()
    const answer = client.publish('lobby', 'x', { timeoutMs: 100_000 })
    socket.refuse('publish', 'unavailable', 30_000)
    socket.say({ type: 'ping' })
    await clock.pass(30_000)
    expect(socket.all('publish')).toHaveLength(2)
    socket.ack('publish', { epoch: 'e1', seq: 4 })
    expect(await answer).toEqual({ epoch: 'e1', seq: 4 })
  })

  it('is said again on the next connection, once', async () => {
    const { client, server, clock } = setting()
    const first = await server.welcome()
    const answer = client.publish('lobby', 'x')
    first.refuse('publish', 'unavailable', 2000)
    first.drop()
    await clock.pass(750)
    const second = await server.welcome()
    await clock.pass(5000)
    expect(second.all('publish')).toEqual([first.last('publish')])
    second.ack('publish', { epoch: 'e1', seq: 4 })
    expect(await answer).toEqual({ epoch: 'e1', seq: 4 })
  })

  it.each(['rate_limited', 'forbidden', 'key_reused', 'too_large'])('is not where the code is %s', async (code) => {
    const { client, server, clock } = setting()
    const socket = await server.welcome()
    const answer = client.publish('lobby', 'x')
    socket.refuse('publish', code, 1500)
    await expect(answer).rejects.toMatchObject({ code, retryAfterMs: 1500 })
    await clock.pass(5000)
    expect(socket.all('publish')).toHaveLength(1)
  })

  it('is not where it is volatile, nor where it is an event', async () => {
    const { client, server } = setting()
    const socket = await server.welcome()
    const answers = [client.publish('lobby', 'x', { volatile: true }), client.emitWithAck('save')]
    socket.refuse('publish', 'unavailable')
    socket.refuse('save', 'unavailable')
    for (const each of answers) await expect(each).rejects.toMatchObject({ code: 'unavailable' })
  })
})

describe('what nobody waits for', () => {
  it('fails without an unhandled rejection', async () => {
    const onUnhandled = vi.fn()
    process.on('unhandledRejection', onUnhandled)
    const { client, server } = setting()
    client.onError(() => {})
    const socket = await server.welcome()
    const lobby = client.subscribe('lobby')
    void client.publish('lobby', 1)
    void client.emitWithAck('save', 1)
    void client.timeout(5).emitWithAck('save', 1)
    void client.history('lobby')
    void client.presence('lobby')
    void client.auth('t')
    void lobby.publish(1)
    void lobby.history()
    void lobby.presence()
    client.emit('save', () => {})
    for (const { type, id } of socket.received.slice()) {
      if (id !== undefined) socket.say({ type: 'ack', id, error: { code: 'forbidden', message: `${type} refused` } })
    }
    void lobby.unsubscribe()
    socket.drop(4503, 'go away')
    void client.publish('lobby', 1)
    void client.auth()
    await settled()
    await settled()
    process.off('unhandledRejection', onUnhandled)
    expect(onUnhandled).not.toHaveBeenCalled()
  })
})
