import { describe, expect, it } from 'vitest'
import { settled } from './fake-clock.ts'
import { goUp, lasting, pollingSetting } from './polling-setting.ts'

describe('Upgrade', () => {
  it('tries a WebSocket after 30 s, then after 60, up to ten minutes', async () => {
    const { server, clock } = await pollingSetting({}, lasting)
    const tries: number[] = []
    let lastMs = clock.nowMs
    for (let count = 2; count <= 8; count++) {
      while (server.sockets.length < count) await clock.pass(1_000)
      tries.push((clock.nowMs - lastMs) / 1_000)
      lastMs = clock.nowMs
      server.last.drop()
    }
    expect(tries).toEqual([30, 60, 120, 240, 480, 600, 600])
  })

  it('begins with 30 s again after a drop', async () => {
    const { server, polling, clock } = await pollingSetting({}, lasting)
    await clock.pass(30_000)
    server.last.drop()
    await polling.last('GET').fail()
    await clock.pass(750)
    await polling.welcome(lasting)
    await clock.pass(29_999)
    expect(server.sockets).toHaveLength(2)
    await clock.pass(1)
    expect(server.sockets).toHaveLength(3)
  })

  it('comes back by the WebSocket that opens, to its session and its positions', async () => {
    const set = await pollingSetting({}, lasting)
    const { client, server, polling, clock, states } = set
    const heard: unknown[] = []
    client.on('message', (text) => heard.push(text))
    const message = { type: 'message', room: 'lobby', from: null, at: 1 }
    await polling.say({ ...message, seq: 1, data: 'a' })
    await clock.pass(30_000)
    await polling.take() // a ping
    await polling.say({ ...message, seq: 2, data: 'b' })
    expect(client.state.name).toBe('live')
    const get = polling.last('GET')
    server.last.open()
    await settled()
    expect(get.isAborted).toBe(true)
    expect(server.last.received[0]).toMatchObject({
      type: 'connect',
      session: 'secret-1',
      rooms: { lobby: { epoch: 'e1', seq: 2 } },
    })
    server.last.welcome({ rooms: ['lobby'], recovered: true })
    server.last.publication('lobby', 3, 'c')
    server.last.pong()
    expect(client.state).toEqual({ name: 'live', recovered: true, caughtUp: 1, gaps: [], transport: 'websocket' })
    expect(heard).toEqual(['a', 'b', 'c'])
    expect(states).toEqual(['polling', 'connecting', 'websocket'])
    const count = polling.requests.length
    await clock.pass(9_000)
    expect(polling.requests).toHaveLength(count)
    expect(server.sockets).toHaveLength(2)
  })

  it('goes on hearing by polling until the WebSocket opens', async () => {
    const { client, server, polling, clock } = await pollingSetting({ ackTimeoutMs: 100_000 }, lasting)
    const answer = client.emitWithAck('hello')
    const [asked = ''] = await polling.take()
    await clock.pass(30_000)
    expect(server.sockets).toHaveLength(2)
    await polling.say({ type: 'ack', id: JSON.parse(asked.slice(1)).id, data: 'hi' })
    expect(await answer).toBe('hi')
    expect(client.transport).toBe('polling')
  })

  it('asks again over the WebSocket what has no answer yet', async () => {
    const set = await pollingSetting({ ackTimeoutMs: 100_000 }, lasting)
    const { client, server, polling, clock } = set
    const answer = client.emitWithAck('hello')
    await polling.take()
    await clock.pass(30_000)
    await goUp(set)
    server.last.ack('hello', 'hi')
    expect(await answer).toBe('hi')
  })

  it('sends what was said by polling to its end before it says a word over the WebSocket, and what is said meanwhile there', async () => {
    const set = await pollingSetting({}, lasting)
    const { client, server, polling, clock } = set
    await clock.pass(30_000)
    await polling.take()
    client.emit('first', 1)
    await settled()
    client.emit('second', 2)
    server.last.open()
    client.emit('third', 3)
    await settled()
    expect(server.last.received).toEqual([])
    expect(await polling.take()).toEqual(['4{"type":"first","data":1}'])
    expect(server.last.received).toEqual([])
    expect(await polling.take()).toEqual(['4{"type":"second","data":2}'])
    server.last.welcome({ recovered: true })
    expect(server.last.received.map(({ type }) => type)).toEqual(['connect', 'ping', 'third'])
  })

  it.each([
    ['that fails', 0],
    ['that is never answered', 2_500],
  ])('does not wait for a POST %s before it goes up', async (_what, waitMs) => {
    const { client, server, polling, clock } = await pollingSetting({}, lasting)
    await clock.pass(30_000) // its ping is never taken
    server.last.open()
    await settled()
    expect(client.state.name).toBe('connecting')
    if (waitMs === 0) await polling.last('POST').fail()
    else await clock.pass(waitMs - 1)
    expect(server.last.received).toHaveLength(waitMs === 0 ? 1 : 0)
    await clock.pass(1)
    expect(server.last.received.map(({ type }) => type)).toEqual(['connect'])
    expect(polling.last('GET').isAborted).toBe(true)
  })

  it('is polling again, with its session, where the WebSocket opens and carries nothing', async () => {
    const { client, server, polling, clock, states } = await pollingSetting({}, lasting)
    await clock.pass(30_000)
    await polling.take()
    server.last.open()
    await settled()
    expect(server.last.last('connect').session).toBe('secret-1')
    await clock.pass(10_000)
    expect(await polling.welcome({ ...lasting, recovered: true })).toMatchObject({ session: 'secret-1' })
    expect(client.transport).toBe('polling')
    expect(states).toEqual(['polling', 'connecting', 'polling'])
    await clock.pass(599_999)
    expect(server.sockets).toHaveLength(2)
    await clock.pass(1)
    expect(server.sockets).toHaveLength(3)
  })

  it('gives up the WebSocket that it tries when polling drops', async () => {
    const { client, server, polling, clock } = await pollingSetting({}, lasting)
    await clock.pass(30_000)
    const tried = server.last
    await polling.last('GET').fail()
    expect(client.state.name).toBe('waiting')
    expect(tried.closedWith).toEqual({ code: 4000 })
    tried.open()
    await settled()
    expect(tried.received).toEqual([])
  })

  it('is tried no more after it was closed, even while a WebSocket opens', async () => {
    const { client, server, polling, clock } = await pollingSetting({}, lasting)
    await clock.pass(30_000)
    await polling.take()
    client.close()
    expect(server.last.closedWith).toEqual({ code: 1000 })
    expect(await polling.take()).toEqual(['1'])
    await clock.pass(1_000_000)
    expect(server.sockets).toHaveLength(2)
    expect(clock.pending).toBe(0)
  })

  it('says goodbye by polling where it is closed before the WebSocket has its session', async () => {
    const { client, server, polling, clock } = await pollingSetting({}, lasting)
    await clock.pass(30_000) // a ping is under way
    server.last.open()
    expect(client.state.name).toBe('connecting')
    client.close()
    await polling.take()
    expect(await polling.take()).toEqual(['1'])
    expect(server.last.received).toEqual([])
    expect(server.last.closedWith).toEqual({ code: 1000 })
    expect(clock.pending).toBe(0)
  })

  it('asks for a token before it goes up, and stays where there is none', async () => {
    const tokens: (string | Error)[] = ['t1', 't2', new Error('no token'), 't3']
    const token = async () => {
      const next = tokens.shift()
      if (next instanceof Error) throw next
      return next
    }
    const set = await pollingSetting({ token }, lasting)
    const { client, server, polling, clock } = set
    await clock.pass(30_000)
    await polling.take()
    expect(client.transport).toBe('polling')
    expect(server.sockets).toHaveLength(1)
    await clock.pass(60_000)
    await polling.take()
    await goUp(set)
    expect(server.last.last('connect').token).toBe('t3')
  })
})
