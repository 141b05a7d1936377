import { describe, expect, it } from 'vitest'
import { PollingSocket } from '../src/polling-socket.ts'
import { FakeClock, settled } from './fake-clock.ts'
import { FakePolling } from './fake-polling.ts'

/** A socket, what it tells, and its server. */
function setting(url = 'ws://test/partyline/') {
  const server = new FakePolling()
  const clock = new FakeClock()
  const told: unknown[] = []
  const socket = new PollingSocket(url, { fetch: server.fetch, clock })
  socket.onopen = () => told.push('open')
  socket.onmessage = ({ data }: { data: unknown }) => told.push(data)
  socket.onclose = ({ code, reason }: { code: number; reason: string }) => told.push({ code, reason })
  return { server, clock, told, socket }
}

async function openSetting(url?: string) {
  const set = setting(url)
  await set.server.open()
  return set
}

const session = 'http://test/partyline/?EIO=4&transport=polling&sid=s%201'

describe('PollingSocket', () => {
  it.each([
    ['ws://test/partyline/', 'http://test/partyline/?EIO=4&transport=polling'],
    ['wss://test/partyline/ops?token=a%26b', 'https://test/partyline/ops?token=a%26b&EIO=4&transport=polling'],
  ])('asks for a session where %s has its WebSockets', async (url, expected) => {
    const { server, told } = setting(url)
    expect(server.requests.map(({ method, url }) => [method, url])).toEqual([['GET', expected]])
    await server.open()
    expect(told).toEqual(['open'])
    expect(server.last('GET').url).toBe(`${expected}&sid=s%201`)
  })

  it('hears messages in order, each once, and asks for more one at a time', async () => {
    const { server, told } = await openSetting()
    await server.say('4{"a":1}', '4{"b":"ü"}')
    await server.say('4{"c":3}')
    expect(told).toEqual(['open', '{"a":1}', '{"b":"ü"}', '{"c":3}'])
    expect(server.requests.map(({ method }) => method)).toEqual(['GET', 'GET', 'GET', 'GET'])
    expect(server.last('GET').url).toBe(session)
  })

  it('hears what comes with the session', async () => {
    const { server, told } = setting()
    await server.last('GET').answer('0{"sid":"s1","maxPayload":100}\x1e4{"a":1}')
    expect(told).toEqual(['open', '{"a":1}'])
  })

  it('hears bytes as an ArrayBuffer of their own', async () => {
    const { server, told } = await openSetting()
    await server.say('bAP8Q')
    const [, bytes] = told
    expect(bytes).toBeInstanceOf(ArrayBuffer)
    expect([...new Uint8Array(bytes as ArrayBuffer)]).toEqual([0, 255, 16])
  })

  it('says what is said in one turn with one POST, and the rest when that is answered', async () => {
    const { server, socket } = await openSetting()
    socket.send('{"a":1}')
    socket.send(new Uint8Array([0, 255, 16]).buffer)
    await settled()
    socket.send('{"b":2}')
    socket.send('{"c":3}')
    await settled()
    const posts = () => server.requests.filter(({ method }) => method === 'POST').map(({ body }) => body)
    expect(posts()).toEqual(['4{"a":1}\x1ebAP8Q'])
    expect(server.last('POST').url).toBe(session)
    await server.last('POST').answer('ok')
    expect(posts()).toEqual(['4{"a":1}\x1ebAP8Q', '4{"b":2}\x1e4{"c":3}'])
  })

  it.each([
    // the server takes 100 bytes
    [[49, 49], [2]], // with two ids and a separator 101
    [[48, 49], [2]],
    [[99], [1]],
  ])('fills a POST with packets of %j characters as far as the server takes it', async (lengths) => {
    const { server, socket } = await openSetting()
    for (const length of lengths) socket.send('x'.repeat(length))
    const taken = await server.take()
    const isTooLong = lengths.reduce((sum, length) => sum + length + 2, -1) > 100
    expect(taken).toHaveLength(isTooLong ? lengths.length - 1 : lengths.length)
    if (isTooLong) expect(await server.take()).toHaveLength(1)
  })

  it('counts bytes, not characters', async () => {
    const { server, socket } = await openSetting()
    socket.send('ü'.repeat(40))
    socket.send('x'.repeat(30))
    expect(await server.take()).toHaveLength(1)
    expect(await server.take()).toEqual([`4${'x'.repeat(30)}`])
  })

  it('shows the ping of the session as one of the protocol, and says the pong to it as one of the session', async () => {
    const { server, socket, told } = await openSetting()
    await server.say('2')
    expect(told).toEqual(['open', '{"type":"ping"}'])
    socket.send('{"type":"pong"}')
    socket.send('{"type":"ping"}')
    expect(await server.take()).toEqual(['3', '4{"type":"ping"}'])
  })

  it('ignores what means nothing here', async () => {
    const { server, told } = await openSetting()
    await server.say('6')
    await server.say('3', '5', '4{}')
    expect(told).toEqual(['open', '{}'])
  })

  it('tells the close that the server has said, and takes the close packet behind it', async () => {
    const { server, clock, told } = await openSetting()
    await server.say('4{"a":1}', { type: 'close', code: 4401, reason: 'the token has expired' })
    expect(told).toEqual(['open', '{"a":1}', { code: 4401, reason: 'the token has expired' }])
    expect(clock.pending).toBe(1)
    await server.say('6', '1')
    expect(server.requests).toHaveLength(3)
    expect(told).toHaveLength(3)
    expect(clock.pending).toBe(0)
  })

  it('does not ask for a close packet that it has, nor for ever for one that does not come', async () => {
    const first = await openSetting()
    await first.server.say({ type: 'close', code: 1001, reason: 'bye' }, '1')
    expect(first.server.requests).toHaveLength(2)
    const second = await openSetting()
    await second.server.say({ type: 'close', code: 1001, reason: 'bye' })
    await second.clock.pass(5_000)
    expect(second.server.last('GET').isAborted).toBe(true)
    expect(second.clock.pending).toBe(0)
  })

  it('ends where the server ends the session without a word', async () => {
    const { server, told } = await openSetting()
    await server.say('4{}', '1', '4{"late":1}')
    expect(told).toEqual(['open', '{}', { code: 1006, reason: 'the server has ended the session' }])
  })

  it.each([
    ['a request that fails', (server: FakePolling) => server.last('GET').fail('Failed to fetch'), 'Failed to fetch'],
    [
      'a session that is unknown',
      (server: FakePolling) => server.last('GET').answer('{"code":1,"message":"Session ID unknown"}', 400),
      'Session ID unknown',
    ],
    [
      'a proxy that answers',
      (server: FakePolling) => server.last('GET').answer('<h1>Bad Gateway</h1>', 502),
      'answered with 502',
    ],
    [
      'a server that is full',
      (server: FakePolling) =>
        server.last('GET').answer('{"code":4,"message":"too many"}', 503, { 'Retry-After': '3' }),
      'retry=3000 too many',
    ],
    ['bytes that are none', (server: FakePolling) => server.say('b!'), 'no base64'],
  ])('ends with 1006 on %s', async (_what, happen, reason) => {
    const { server, told, socket } = await openSetting()
    socket.send('{}')
    await settled()
    await happen(server)
    expect(told).toEqual(['open', { code: 1006, reason }])
    expect(server.last('POST').isAborted).toBe(true)
    expect(server.requests).toHaveLength(3)
  })

  it.each([
    ['a page', '<html></html>'],
    ['something else', '4{}'],
    ['nothing', ''],
    ['a session that cannot be read', '0{'],
  ])('ends with 1006 where %s is in the place of a session', async (_what, text) => {
    const { server, told } = setting()
    await server.last('GET').answer(text)
    expect(told).toEqual([{ code: 1006, reason: expect.any(String) }])
    expect(server.requests).toHaveLength(1)
  })

  it('ends with 1006 on a POST that fails, and lets go of the GET', async () => {
    const { server, told, socket } = await openSetting()
    socket.send('{}')
    await settled()
    await server.last('POST').answer('', 413)
    expect(told).toEqual(['open', { code: 1006, reason: 'answered with 413' }])
    expect(server.last('GET').isAborted).toBe(true)
  })

  it('says goodbye behind everything that was said, while the GET waits', async () => {
    const { server, clock, told, socket } = await openSetting()
    socket.send('{"a":1}')
    await settled()
    socket.send('{"b":2}')
    socket.close(1000)
    socket.send('{"late":1}')
    expect(await server.take()).toEqual(['4{"a":1}'])
    expect(server.last('GET').isAborted).toBe(false)
    expect(server.last('POST').keepalive).toBe(true)
    expect(await server.take()).toEqual(['4{"b":2}', '1'])
    expect(server.last('GET').isAborted).toBe(true)
    expect(told).toEqual(['open', { code: 1000, reason: '' }])
    expect(clock.pending).toBe(0)
  })

  it('does not take the answer to its goodbye for anything else', async () => {
    const { server, told, socket } = await openSetting()
    socket.close(1000)
    await settled()
    await server.say('6')
    expect(server.requests.map(({ method }) => method)).toEqual(['GET', 'GET', 'POST'])
    await server.take()
    expect(told).toEqual(['open', { code: 1000, reason: '' }])
  })

  it('does not wait for ever for its goodbye to be taken', async () => {
    const { server, clock, told, socket } = await openSetting()
    socket.close(1000)
    await settled()
    await clock.pass(5_000)
    expect(told).toEqual(['open', { code: 1006, reason: '' }])
    expect(server.requests.map(({ isAborted }) => isAborted)).toEqual([false, true, true])
    expect(clock.pending).toBe(0)
  })

  it.each([
    ['terminate', (socket: PollingSocket) => socket.terminate()],
    ['a code that is no goodbye', (socket: PollingSocket) => socket.close(4000)],
  ])('goes without a word on %s', async (_what, end) => {
    const { server, told, socket } = await openSetting()
    socket.send('{"a":1}')
    end(socket)
    await settled()
    expect(server.requests.map(({ method, isAborted }) => [method, isAborted])).toEqual([
      ['GET', false],
      ['GET', true],
    ])
    expect(told).toEqual(['open', { code: 1006, reason: '' }])
  })

  it('asks for nothing more where it is closed before there is a session', async () => {
    const { server, told, socket } = setting()
    socket.close(1000)
    expect(server.last('GET').isAborted).toBe(true)
    await settled()
    expect(server.requests).toHaveLength(1)
    expect(told).toEqual([{ code: 1006, reason: '' }])
  })

  it('is drained when the server has taken all that was said, or takes nothing any more', async () => {
    const { server, socket } = await openSetting()
    await socket.drained()
    const drained: string[] = []
    socket.send('{"a":1}')
    await settled()
    socket.send('{"b":2}')
    void socket.drained().then(() => drained.push('b'))
    await server.take()
    expect(drained).toEqual([])
    await server.take()
    expect(drained).toEqual(['b'])
    socket.send('{"c":3}')
    void socket.drained().then(() => drained.push('c'))
    await settled()
    expect(drained).toEqual(['b'])
    socket.terminate()
    await settled()
    expect(drained).toEqual(['b', 'c'])
    await socket.drained()
  })
})
