import { describe, expect, it, vi } from 'vitest'
import { type Client, connect } from '../src/index.ts'
import { FakeClock, settled } from './fake-clock.ts'
import { setting } from './setting.ts'

/** The codes that `onError` hears from here on. */
function codesOf(client: Client): string[] {
  const codes: string[] = []
  client.onError(({ code }) => codes.push(code))
  return codes
}

describe('Requests', () => {
  it('resolves emitWithAck to the answer', async () => {
    const { client, server } = setting()
    const socket = await server.welcome()
    const answer = client.emitWithAck('save', { a: 1 })
    expect(socket.last('save')).toMatchObject({
      id: expect.any(Number),
      key: expect.stringMatching(/^[0-9a-f]{32}$/),
      data: { a: 1 },
    })
    socket.ack('save', 'done')
    expect(await answer).toBe('done')
  })

  it('rejects with the code of a refusal', async () => {
    const { client, server } = setting()
    const socket = await server.welcome()
    const answer = client.emitWithAck('save', 1)
    socket.refuse('save', 'rate_limited', 1500)
    await expect(answer).rejects.toMatchObject({
      name: 'PartylineError',
      code: 'rate_limited',
      message: 'save refused',
      retryAfterMs: 1500,
    })
  })

  it('rejects with timeout when no answer comes', async () => {
    const { client, server, clock } = setting({ ackTimeoutMs: 3000 })
    const socket = await server.welcome()
    const answer = client.emitWithAck('save', 1)
    const rejected = expect(answer).rejects.toMatchObject({ code: 'timeout' })
    await clock.pass(3000)
    await rejected
    socket.ack('save', 'too late')
    await settled()
  })

  it('counts the time of an answer only while there is a connection', async () => {
    const { client, server, clock } = setting({ ackTimeoutMs: 3000, autoConnect: false })
    const answer = client.publish('lobby', 'patient')
    await clock.pass(60_000)
    client.connect()
    const socket = await server.welcome()
    await clock.pass(2999)
    socket.ack('publish', { epoch: 'e1', seq: 9 })
    expect(await answer).toEqual({ epoch: 'e1', seq: 9 })
  })

  it('counts the time given by timeout from the call on', async () => {
    const { client, server, clock } = setting({ autoConnect: false })
    const rejected = expect(client.timeout(500).emitWithAck('save', 1)).rejects.toMatchObject({ code: 'timeout' })
    await clock.pass(500)
    await rejected
    client.connect()
    const socket = await server.welcome()
    expect(socket.all('save')).toEqual([])
  })

  it('sends what waited in the order in which it was said', async () => {
    const { client, server } = setting()
    client.emit('one')
    const answers = [client.publish('lobby', 'two'), client.emitWithAck('three')]
    client.emit('four', 1, 2)
    const socket = await server.welcome()
    const types = socket.received.map(({ type }) => type)
    expect(types).toEqual(['connect', 'ping', 'one', 'publish', 'three', 'four'])
    expect(socket.last('four')).toEqual({ type: 'four', args: [1, 2] })
    socket.ack('publish', { epoch: 'e1', seq: 1 })
    socket.ack('three')
    await Promise.all(answers)
  })

  it('publishes again after a return, with the same key', async () => {
    const { client, server, clock } = setting()
    const first = await server.welcome()
    const answer = client.publish('lobby', 'once')
    const said = first.last('publish')
    expect(said).toMatchObject({ room: 'lobby', data: 'once', key: expect.stringMatching(/^[0-9a-f]{32}$/) })
    first.drop()
    await clock.pass(750)
    const second = await server.welcome()
    expect(second.all('publish')).toEqual([said])
    second.ack('publish', { epoch: 'e1', seq: 4 })
    expect(await answer).toEqual({ epoch: 'e1', seq: 4 })
  })

  it('uses the key that it is given', async () => {
    const { client, server } = setting()
    const socket = await server.welcome()
    client.publish('lobby', 'x', { key: 'mine', event: 'note' }).catch(() => {})
    expect(socket.last('publish')).toMatchObject({ key: 'mine', event: 'note' })
  })

  it('uses another key for each', async () => {
    const { client, server } = setting()
    const socket = await server.welcome()
    for (let i = 0; i < 20; i++) client.publish('lobby', 'same').catch(() => {})
    expect(new Set(socket.all('publish').map(({ key }) => key)).size).toBe(20)
  })

  it('asks again with the same key when the session came back', async () => {
    const { client, server, clock } = setting()
    const first = await server.welcome()
    const answer = client.emitWithAck('save', 1)
    first.drop()
    await clock.pass(750)
    const second = await server.welcome()
    expect(second.last('save')).toEqual(first.last('save'))
    second.ack('save', 'ok')
    expect(await answer).toBe('ok')
  })

  it('tells that the outcome is unknown when an event was sent in a session that is gone', async () => {
    const { client, server, clock } = setting()
    const first = await server.welcome()
    const sent = client.emitWithAck('save', 1)
    first.drop()
    const waiting = client.emitWithAck('later', 2)
    const rejected = expect(sent).rejects.toMatchObject({ code: 'outcome_unknown' })
    await clock.pass(750)
    const second = await server.welcome({ id: 'socket-2', session: 'secret-2' })
    await rejected
    expect(second.all('save')).toEqual([])
    second.ack('later', 'ok')
    expect(await waiting).toBe('ok')
  })

  it('drops what is volatile while there is no connection', async () => {
    const { client, server, clock } = setting()
    expect(await client.publish('lobby', 'typing', { volatile: true })).toEqual({})
    const first = await server.welcome()
    expect(first.all('publish')).toEqual([])
    const sent = client.publish('lobby', 'typing', { volatile: true })
    expect(first.last('publish')).toEqual({
      type: 'publish',
      room: 'lobby',
      id: expect.any(Number),
      volatile: true,
      data: 'typing',
    })
    first.drop()
    expect(await sent).toEqual({})
    await clock.pass(750)
    const second = await server.welcome()
    expect(second.all('publish')).toEqual([])
  })

  it('tells when something volatile is refused', async () => {
    const { client, server } = setting()
    const socket = await server.welcome()
    const answer = client.publish('lobby', 'typing', { volatile: true })
    socket.refuse('publish', 'forbidden')
    await expect(answer).rejects.toMatchObject({ code: 'forbidden' })
  })

  it('refuses what does not fit into the queue', async () => {
    const { client, server } = setting({ maxQueued: 3 })
    const codes = codesOf(client)
    client.emit('one')
    const answers = [client.emitWithAck('two'), client.emitWithAck('three')]
    await expect(client.emitWithAck('four')).rejects.toMatchObject({ code: 'too_many' })
    client.emit('five')
    expect(codes).toEqual(['too_many'])
    const socket = await server.welcome()
    socket.ack('two')
    socket.ack('three')
    await Promise.all(answers)
    expect(socket.received.some(({ type }) => type === 'four' || type === 'five')).toBe(false)
    client.emit('six')
    expect(socket.last('six')).toEqual({ type: 'six', args: [] })
  })

  it('counts what a drop has left unanswered as waiting', async () => {
    const { client, server } = setting({ maxQueued: 2 })
    const socket = await server.welcome()
    for (const room of ['a', 'b']) client.history(room).catch(() => {})
    socket.drop()
    await expect(client.history('c')).rejects.toMatchObject({ code: 'too_many' })
  })

  it('does not count the time of a drop against an answer', async () => {
    const { client, server, clock } = setting({ ackTimeoutMs: 3000 })
    const first = await server.welcome()
    const answer = client.publish('lobby', 'patient')
    first.drop(1012, 'retry=30000 restarting')
    await clock.pass(30_000)
    const second = await server.welcome()
    second.ack('publish', { epoch: 'e1', seq: 9 })
    expect(await answer).toEqual({ epoch: 'e1', seq: 9 })
  })

  it('refuses what comes on top of ten thousand requests without an answer', async () => {
    const { client, server } = setting()
    const socket = await server.welcome()
    for (let i = 0; i < 10_000; i++) client.history('lobby').catch(() => {})
    await expect(client.history('lobby')).rejects.toMatchObject({ code: 'too_many' })
    socket.ack('history', { publications: [], epoch: 'e1', more: false })
    client.history('one more').catch(() => {})
    expect(socket.last('history').room).toBe('one more')
  })

  it('makes room again when what waited has timed out', async () => {
    const { client, clock } = setting({ maxQueued: 1, autoConnect: false })
    const codes = codesOf(client)
    const rejected = expect(client.timeout(10).emitWithAck('one')).rejects.toMatchObject({ code: 'timeout' })
    await clock.pass(10)
    await rejected
    client.emit('two')
    expect(codes).toEqual([])
    client.emit('three')
    expect(codes).toEqual(['too_many'])
  })

  it('does not send what is larger than the server takes', async () => {
    const { client, server } = setting()
    const codes = codesOf(client)
    const socket = await server.welcome({ maxPayloadBytes: 200 })
    await expect(client.publish('lobby', 'é'.repeat(100))).rejects.toMatchObject({ code: 'too_large' })
    client.emit('big', 'x'.repeat(200))
    client.emit('message', new Uint8Array(201))
    expect(codes).toEqual(['too_large', 'too_large'])
    expect(socket.all('publish')).toEqual([])
    expect(socket.frames).toEqual([])
    client.emit('small', 'x'.repeat(150))
    expect(socket.last('small').data).toHaveLength(150)
  })

  it('reports an event that waited and turned out too large', async () => {
    const { client, server } = setting()
    const codes = codesOf(client)
    client.emit('big', 'x'.repeat(200))
    await server.welcome({ maxPayloadBytes: 200 })
    expect(codes).toEqual(['too_large'])
  })

  it('rejects everything with disconnected when the client is closed', async () => {
    const { client, server } = setting()
    await server.welcome()
    const pending = [
      client.publish('lobby', 1),
      client.emitWithAck('x'),
      client.history('lobby'),
      client.presence('lobby'),
    ]
    client.close()
    for (const each of [...pending, client.publish('lobby', 2)]) {
      await expect(each).rejects.toMatchObject({ code: 'disconnected' })
    }
    const codes = codesOf(client)
    client.emit('x')
    client.emit('x', () => {})
    await settled()
    expect(codes).toEqual(['disconnected', 'disconnected'])
  })

  it('repeats history and presence after a return', async () => {
    const { client, server, clock } = setting()
    const first = await server.welcome()
    const page = client.history('lobby', { before: 9, limit: 2 })
    const present = client.presence('lobby')
    first.drop()
    await clock.pass(750)
    const second = await server.welcome()
    expect(second.last('history')).toEqual(first.last('history'))
    second.ack('history', {
      publications: [
        { room: 'lobby', seq: 7, event: 'message', from: null, at: 5, data: { $binary: 'AQI=' } },
        { room: 'lobby', seq: 8, event: 'pair', from: { id: 'a', name: 'A' }, at: 6, args: [1, 2] },
      ],
      epoch: 'e1',
      more: true,
    })
    second.ack('presence', { users: [{ id: 'a', name: 'A', since: 1 }], count: 1 })
    expect(await present).toEqual({ users: [{ id: 'a', name: 'A', since: 1 }], count: 1 })
    const { publications, more } = await page
    expect(more).toBe(true)
    expect(Array.from(publications[0]?.data as Uint8Array)).toEqual([1, 2])
    expect(publications[1]).toEqual({
      room: 'lobby',
      seq: 8,
      event: 'pair',
      from: { id: 'a', name: 'A' },
      at: 6,
      args: [1, 2],
      data: 1,
    })
  })

  it('hands the answer to a callback behind the arguments', async () => {
    const { client, server } = setting()
    const socket = await server.welcome()
    const heard = vi.fn()
    client.emit('save', { n: 1 }, heard)
    expect(socket.last('save')).toMatchObject({ id: expect.any(Number), key: expect.any(String), data: { n: 1 } })
    socket.say({ type: 'ack', id: socket.last('save').id, args: ['ok', 2] })
    await settled()
    expect(heard.mock.calls).toEqual([['ok', 2]])
  })

  it('reports a refusal where the callback hears only answers', async () => {
    const { client, server } = setting()
    const codes = codesOf(client)
    const socket = await server.welcome()
    const heard = vi.fn()
    client.emit('save', heard)
    socket.refuse('save', 'forbidden')
    await settled()
    expect(codes).toEqual(['forbidden'])
    expect(heard).not.toHaveBeenCalled()
  })

  it('hands an error, or null and the answer, to a callback whose time is limited', async () => {
    const { client, server, clock } = setting()
    const socket = await server.welcome()
    const heard = vi.fn()
    client.timeout(500).emit('one', 1, heard)
    client.timeout(500).emit('two', heard)
    socket.ack('one', 'ok')
    await clock.pass(500)
    expect(heard.mock.calls).toEqual([[null, 'ok'], [expect.objectContaining({ code: 'timeout' })]])
    expect(() => client.timeout(500).emit('three')).toThrow('give a callback')
  })

  it('refuses a callback where the promise is the answer', async () => {
    const { client } = setting({ autoConnect: false })
    await expect(client.emitWithAck('save', 1, () => {})).rejects.toThrow('emitWithAck returns the answer')
  })

  it('throws what cannot be encoded at whoever says it', async () => {
    const { client } = setting({ autoConnect: false })
    expect(() => client.emit('x', 1n)).toThrow(TypeError)
    await expect(client.publish('lobby', 1n)).rejects.toThrow(TypeError)
    client.emit('y')
  })

  it('reports a refusal that belongs to no request, and logs it where nobody listens', async () => {
    const { client, server } = setting()
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    const socket = await server.welcome()
    const refusal = { type: 'error', error: { code: 'unknown_event', message: 'no "x" here' }, request: 'x' }
    socket.say(refusal)
    expect(log).toHaveBeenCalledWith('partyline: no "x" here (unknown_event)')
    const codes: string[] = []
    client.onError(({ code }) => codes.push(code))
    socket.say(refusal)
    expect(codes).toEqual(['unknown_event'])
    expect(log).toHaveBeenCalledTimes(1)
    log.mockRestore()
  })

  it('queues before the first connection is asked for', () => {
    const client = connect('http://test', { autoConnect: false, clock: new FakeClock() })
    expect(() => client.emit('x')).not.toThrow()
    client.close()
  })
})
