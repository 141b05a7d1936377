import { io, type Socket } from 'socket.io-client'
import { describe, expect, it, onTestFinished } from 'vitest'
import { client, serve } from './setting.ts'

/** A stock client that is in, and what it has heard since. */
async function stock(url: string, options: Parameters<typeof io>[1] = {}) {
  const socket = io(url, { forceNew: true, reconnection: false, ...options })
  onTestFinished(() => void socket.disconnect())
  const heard: unknown[][] = []
  socket.onAny((...event: unknown[]) => heard.push(event))
  await new Promise((resolve, reject) => socket.once('connect', () => resolve(undefined)).once('connect_error', reject))
  return { socket, heard, until: (count: number) => expect.poll(() => heard).toHaveLength(count) }
}

const ask = (socket: Socket, request: string, fields?: unknown): Promise<unknown> =>
  socket.timeout(30_000).emitWithAck(request, fields)

const ways = [['polling'], ['websocket'], ['polling', 'websocket']]

describe.each(ways.map((transports) => ({ transports })))('a Socket.IO client over $transports', (way) => {
  it('is in the lobby from the start, with everybody else', async () => {
    const { url, standalone } = await serve()
    const ada = await stock(standalone.urls.socketIo, { ...way, auth: { name: 'Ada' } })
    const ben = await client(url)
    ben.say('hello')
    await ada.until(1)
    const position = await ada.socket.emitWithAck('message', 'hi')
    await ada.until(2)
    await ben.until(2)
    expect(ben.heard).toEqual(['hello', 'hi'])
    const [[, , first], [event, text, meta]] = ada.heard as [[string, string, object], [string, string, object]]
    expect(first).toMatchObject({ room: 'lobby', from: { id: expect.stringMatching(/^guest:/) } })
    expect([event, text]).toEqual(['message', 'hi'])
    expect(meta).toEqual({
      room: 'lobby',
      seq: (position as { seq: number }).seq,
      from: { id: expect.stringMatching(/^guest:/), name: 'Ada' },
      at: expect.any(Number),
    })
  })

  it('asks for rooms as plain clients do', async () => {
    const { standalone } = await serve()
    const { socket, heard, until } = await stock(standalone.urls.socketIo, way)
    const room = 'demo:games'
    expect(await ask(socket, 'subscribe', { room })).toEqual({
      data: { room, epoch: expect.any(String), seq: expect.any(Number) },
    })
    expect(await ask(socket, 'publish', { room, event: 'move', args: [1, 2] })).toEqual({
      data: { epoch: expect.any(String), seq: expect.any(Number) },
    })
    await until(1)
    expect(heard[0]?.slice(0, 4)).toEqual(['move', 1, 2, expect.objectContaining({ room })])
    expect(await ask(socket, 'history', { room })).toMatchObject({
      data: { publications: [{ room, event: 'move', args: [1, 2] }], more: false },
    })
    expect(await ask(socket, 'presence', { room })).toMatchObject({ data: { count: 1 } })
    expect(await ask(socket, 'unsubscribe', { room })).toEqual({ data: { room } })
  })
})

describe('a Socket.IO client', () => {
  it('is told in the acknowledgement why something is refused, else by an error', async () => {
    const { standalone } = await serve()
    const { socket, heard, until } = await stock(standalone.urls.socketIo)
    expect(await ask(socket, 'subscribe', { room: 'secret' })).toMatchObject({ error: { code: 'unknown_room' } })
    expect(await ask(socket, 'publish')).toMatchObject({ error: { code: 'invalid' } })
    expect(await ask(socket, 'wave')).toMatchObject({ error: { code: 'unknown_event' } })
    socket.emit('publish', { room: 'secret', data: 1 })
    socket.emit('wave')
    await until(2)
    expect(heard).toEqual([
      ['error', { code: 'unknown_room', message: expect.any(String), request: 'publish' }],
      ['error', { code: 'unknown_event', message: expect.any(String), request: 'wave' }],
    ])
  })

  it('is not in the lobby with subscribe=none', async () => {
    const { url, standalone } = await serve()
    const ada = await stock(standalone.urls.socketIo, { query: { subscribe: 'none' } })
    const ben = await client(url)
    ben.say('hello')
    await ben.until(1)
    expect(await ask(ada.socket, 'history', { room: 'lobby' })).toMatchObject({
      data: { publications: [{ data: 'hello' }] },
    })
    expect(ada.heard).toEqual([])
  })

  it('hears an echo in the namespace /echo', async () => {
    const { standalone } = await serve()
    const { socket, heard, until } = await stock(`${standalone.urls.socketIo}/echo`)
    socket.send('hi')
    socket.emit('any', 1, { a: 2 })
    await until(2)
    expect(heard).toEqual([
      ['message', 'Echo: hi'],
      ['any', 1, { a: 2 }],
    ])
  })
})

describe('Socket.IO by polling from a page of another origin', () => {
  const allowedOf = async (http: string, origin: string): Promise<[number, string | null]> => {
    const answer = await fetch(`${http}/socket.io/?EIO=4&transport=polling`, { headers: { Origin: origin } })
    return [answer.status, answer.headers.get('access-control-allow-origin')]
  }

  it.each(['http://localhost:5173', 'https://app.localhost', 'http://127.0.0.1:3000', 'http://[::1]', 'null'])(
    'may be read by %s while nothing is configured',
    async (origin) => {
      const { standalone } = await serve()
      expect(await allowedOf(standalone.urls.socketIo, origin)).toEqual([200, origin])
    },
  )

  it.each(['https://evil.example', 'http://localhost.evil.example', 'http://127.0.0.1.evil.example'])(
    'is refused for %s',
    async (origin) => {
      const { standalone } = await serve()
      expect(await allowedOf(standalone.urls.socketIo, origin)).toEqual([403, null])
    },
  )

  it('may be read by those that were configured, and by no others', async () => {
    const { standalone } = await serve({ origins: ['https://a.example', 'https://*.b.example'] })
    const { socketIo } = standalone.urls
    for (const origin of ['https://a.example', 'https://x.b.example']) {
      expect(await allowedOf(socketIo, origin)).toEqual([200, origin])
    }
    expect(await allowedOf(socketIo, 'https://c.example')).toEqual([403, null])
    expect((await allowedOf(socketIo, 'null'))[0]).toBe(403)
  })
})
