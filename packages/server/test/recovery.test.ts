import type { Socket as StockSocket } from 'socket.io-client'
import { describe, expect, it } from 'vitest'
import type { Namespace, Server, ServerOptions, Socket } from '../src/index.ts'
import { once, serve } from './served.ts'
import { arrival, comeStock, dialStock, record, type StockOptions, settled, ways } from './stock-client.ts'
import { StillClock } from './suites/still-clock.ts'
import { connect, type TestClient } from './test-client.ts'

const recovers = { connectionStateRecovery: true } as const

/** What the stock client keeps to come back with. */
interface Keeping {
  readonly _pid: string | undefined
  readonly _lastOffset: string | undefined
}

const keptBy = (client: StockSocket): { pid: string | undefined; offset: string | undefined } => {
  const { _pid, _lastOffset } = client as unknown as Keeping
  return { pid: _pid, offset: _lastOffset }
}

/** A stock client and its socket, on the lane that it means to stay on. */
async function arrive(
  url: string,
  io: Server | Namespace,
  options: StockOptions = {},
): Promise<{ client: StockSocket; socket: Socket }> {
  const told = once(io, 'connection')
  const client = await comeStock(url, options)
  const [socket] = (await told) as [Socket]
  await settled(client)
  await expect.poll(() => socket.conn.transport.name).toBe(client.io.engine.transport.name)
  return { client, socket }
}

/** The line breaks; resolves when the server knows. */
async function breakLine(client: StockSocket, socket: Socket): Promise<string> {
  const gone = once(socket, 'disconnect')
  client.io.engine.close()
  const [reason] = await gone
  return reason as string
}

/** The client comes back; the socket as which it does. */
async function comeBack(client: StockSocket, io: Server): Promise<Socket> {
  const told = once(io, 'connection')
  client.connect()
  const [[socket]] = await Promise.all([told as Promise<[Socket]>, arrival(client)])
  return socket
}

describe.each(ways)('a Socket.IO client whose line broke, by %s', (_, way) => {
  it('is the same socket again, in its rooms, with its data and what it missed, in order', async () => {
    const { io, url } = await serve(recovers)
    const { client, socket } = await arrive(url, io, way)
    const { id } = socket
    await socket.join('room')
    await socket.join('left')
    await socket.leave('left')
    socket.data.score = 5
    const heard = record(client)
    const first = once(client, 'first')
    socket.emit('first', 1)
    await first
    expect(await breakLine(client, socket)).toMatch(/^transport (close|error)$/)

    io.emit('to all', { n: 1 })
    io.to('room').emit('to the room', 2, 'two')
    io.to(id).emit('to itself', null)
    io.to('left').emit('not to it')
    io.except('room').emit('not to it either')
    io.volatile.emit('nothing to miss')
    io.of('/other').emit('elsewhere')
    const back = await comeBack(client, io)
    const last = once(client, 'last')
    back.emit('last')
    await last

    expect([client.recovered, client.id, back.recovered, back.id]).toEqual([true, id, true, id])
    expect([...back.rooms].sort()).toEqual([id, 'room'].sort())
    expect(back.data).toEqual({ score: 5 })
    expect(heard.map((event) => event.slice(0, -1))).toEqual([
      ['first', 1],
      ['to all', { n: 1 }],
      ['to the room', 2, 'two'],
      ['to itself', null],
      ['last'],
    ])
    const offsets = heard.map((event) => event.at(-1))
    expect(offsets.every((offset) => typeof offset === 'string')).toBe(true)
    expect(new Set(offsets).size).toBe(offsets.length)
  })

  it('is recovered before it had heard anything', async () => {
    const { io, url } = await serve(recovers)
    const { client, socket } = await arrive(url, io, way)
    expect(keptBy(client)).toEqual({ pid: expect.any(String), offset: undefined })
    await breakLine(client, socket)
    io.emit('missed', 1)
    const missed = once(client, 'missed')
    const back = await comeBack(client, io)
    expect([client.recovered, back.recovered, back.id]).toEqual([true, true, socket.id])
    expect((await missed).slice(0, 1)).toEqual([1])
  })

  it('gets bytes that it missed as bytes', async () => {
    const { io, url } = await serve(recovers)
    const { client, socket } = await arrive(url, io, way)
    await breakLine(client, socket)
    io.emit('bytes', { deep: [Buffer.from([0xde, 0xad])] }, 'text')
    io.emit('after', 1)
    const [bytes, after] = [once(client, 'bytes'), once(client, 'after')]
    await comeBack(client, io)
    expect((await bytes).slice(0, -1)).toEqual([{ deep: [Buffer.from([0xde, 0xad])] }, 'text'])
    expect((await after).slice(0, -1)).toEqual([1])
    expect(client.recovered).toBe(true)
  })

  it('hears nothing twice that it had heard, whatever it was: bytes, a volatile text, an acknowledged event', async () => {
    const { io, url } = await serve(recovers)
    const { client, socket } = await arrive(url, io, way)
    client.on('asked', (_text: string, ack: (answer: string) => void) => ack('answer'))
    const heard = record(client)
    io.emit('plain', 1)
    await socket.timeout(10_000).emitWithAck('asked', 'text')
    io.emit('bytes', Buffer.from([1]))
    await socket.timeout(10_000).emitWithAck('asked', 'text')
    // a volatile one goes where nothing waits: a client of polling may have no GET there yet
    await expect
      .poll(() => {
        socket.volatile.emit('volatile', 'text')
        return heard.some(([event]) => event === 'volatile')
      })
      .toBe(true)
    await breakLine(client, socket)
    heard.splice(0)
    io.emit('missed', 1)
    const missed = once(client, 'missed')
    await comeBack(client, io)
    await missed
    expect(client.recovered).toBe(true)
    expect(heard.map((event) => event.slice(0, -1))).toEqual([['missed', 1]])
  })

  it('comes back more than once', async () => {
    const { io, url } = await serve(recovers)
    let { client, socket } = await arrive(url, io, way)
    const heard = record(client)
    for (const n of [1, 2, 3]) {
      await breakLine(client, socket)
      io.emit('missed', n)
      const missed = once(client, 'missed')
      socket = await comeBack(client, io)
      await missed
      expect(client.recovered).toBe(true)
    }
    expect(heard.map(([, n]) => n)).toEqual([1, 2, 3])
  })

  it('takes its socket over where nobody knows yet that its line is dead', async () => {
    const { io, url } = await serve(recovers)
    const { client, socket } = await arrive(url, io, way)
    const first = once(client, 'first')
    io.emit('first', 1)
    await first
    await socket.join('room')
    const gone = once(socket, 'disconnect')
    const second = await arrive(url, io, { ...way, auth: keptBy(client) })
    expect(await gone).toEqual(['taken over'])
    expect([second.socket.recovered, second.socket.id, [...second.socket.rooms].sort()]).toEqual([
      true,
      socket.id,
      [socket.id, 'room'].sort(),
    ])
    expect([...io.sockets.sockets.values()]).toEqual([second.socket])
  })
})

describe('a Socket.IO client that comes back', () => {
  it.each<[string, (client: StockSocket, socket: Socket) => unknown, string]>([
    ['left by itself', (client) => client.disconnect(), 'client namespace disconnect'],
    ['was disconnected by the server', (_, socket) => socket.disconnect(), 'server namespace disconnect'],
    ['was disconnected for good', (_, socket) => socket.disconnect(true), 'server namespace disconnect'],
  ])('is new where it %s', async (_, end, reason) => {
    const { io, url } = await serve(recovers)
    const { client, socket } = await arrive(url, io)
    const { pid } = keptBy(client)
    const [gone, left] = [once(socket, 'disconnect'), once(client, 'disconnect')]
    end(client, socket)
    expect(await gone).toEqual([reason])
    await left
    const back = await comeBack(client, io)
    expect([client.recovered, back.recovered, back.id === socket.id]).toEqual([false, false, false])
    expect(keptBy(client).pid).not.toBe(pid)
  })

  it('is new, and told so, where something is missing of what it missed', async () => {
    const keep = { entries: 2, ageMs: 60_000 }
    const { io, url } = await serve({ ...recovers, rooms: { '*': { keep } } })
    const { client, socket } = await arrive(url, io)
    const { pid } = keptBy(client)
    await socket.join('room')
    socket.data.score = 5
    await breakLine(client, socket)
    const heard = record(client)
    for (const n of [1, 2, 3]) io.to('room').emit('missed', n)
    const back = await comeBack(client, io)
    const last = once(client, 'last')
    io.emit('last')
    await last
    expect([client.recovered, back.recovered, back.id === socket.id]).toEqual([false, false, false])
    expect([[...back.rooms], back.data]).toEqual([[back.id], {}])
    expect(keptBy(client).pid).not.toBe(pid)
    expect(heard.map(([event]) => event)).toEqual(['last'])
  })

  it('is new after maxDisconnectionDuration', async () => {
    const clock = new StillClock()
    const { io, url } = await serve({ connectionStateRecovery: { maxDisconnectionDuration: 1_000 }, clock })
    let { client, socket } = await arrive(url, io, { transports: ['websocket'] })
    await breakLine(client, socket)
    clock.pass(999)
    const back = await comeBack(client, io)
    expect([client.recovered, back.recovered]).toEqual([true, true])
    await breakLine(client, back)
    clock.pass(1_001)
    socket = await comeBack(client, io)
    expect([client.recovered, socket.recovered, socket.id === back.id]).toEqual([false, false, false])
  })

  it.each<[string, Record<string, unknown>]>([
    ['an unknown pid', { pid: 'unknown', offset: 'unknown' }],
    ['an unknown pid and no offset', { pid: 'unknown' }],
    ['a pid that is no text', { pid: 5 }],
    ['an offset that is none of ours', { offset: 'nonsense' }],
    ['the pid of another namespace', {}],
  ])('is new with %s', async (_, given) => {
    const { io, url } = await serve(recovers)
    io.of('/other')
    const { client } = await arrive(url, io)
    const auth = { ...keptBy(client), ...given }
    const namespace = Object.keys(given).length === 0 ? '/other' : '/'
    const second = await arrive(`${url}${namespace}`, io.of(namespace), { auth })
    expect([second.client.recovered, second.socket.recovered]).toEqual([false, false])
    expect(keptBy(second.client).pid).not.toBe(auth.pid)
  })

  it.each([
    [undefined, 0],
    [true, 0],
    [false, 1],
  ])('is asked by middlewares as skipMiddlewares %s says', async (skipMiddlewares, times) => {
    const how = skipMiddlewares === undefined ? {} : { skipMiddlewares }
    const { io, url } = await serve({ connectionStateRecovery: how })
    const seen: boolean[] = []
    io.use((socket, next) => {
      seen.push(socket.recovered)
      next()
    })
    const { client, socket } = await arrive(url, io)
    await breakLine(client, socket)
    await comeBack(client, io)
    expect(client.recovered).toBe(true)
    expect(seen).toEqual([false, ...Array(times).fill(true)])
  })

  it('is refused where a middleware refuses it, and is new when it comes later', async () => {
    const { io, url } = await serve({ connectionStateRecovery: { skipMiddlewares: false } })
    let isOpen = true
    io.use((_socket, next) => next(isOpen ? undefined : new Error('closed')))
    const { client, socket } = await arrive(url, io)
    await breakLine(client, socket)
    isOpen = false
    client.connect()
    await expect(arrival(client)).rejects.toThrow('closed')
    expect(io.sockets.sockets.size).toBe(0)
    isOpen = true
    const back = await comeBack(client, io)
    expect([client.recovered, back.recovered, back.id === socket.id]).toEqual([false, false, false])
  })

  it('goes on with what it says while it comes back', async () => {
    const { io, url } = await serve(recovers)
    const { client, socket } = await arrive(url, io)
    await breakLine(client, socket)
    io.on('connection', (each) => {
      each.on('question', (text: string, answer: (text: string) => void) => answer(`${text}!`))
    })
    const answer = client.emitWithAck('question', 'here')
    await comeBack(client, io)
    expect(await answer).toBe('here!')
  })
})

/** A client that shows every packet. */
async function dialRaw(url: string, connectPacket = '40'): Promise<TestClient> {
  const client = await connect(`${url}/socket.io/?EIO=4&transport=websocket`)
  await client.take((packet) => `${packet}`.startsWith('0'))
  client.say(connectPacket)
  return client
}

async function framesOf(options: ServerOptions, speak: (io: Server, socket: Socket) => void): Promise<unknown[]> {
  const { io, url } = await serve(options)
  io.on('connection', (socket) => {
    speak(io, socket)
    socket.emit('end')
  })
  const client = await dialRaw(url)
  await client.take((packet) => `${packet}`.startsWith('42["end"'))
  return client.frames.slice(1)
}

describe('connection state recovery on the wire', () => {
  const speak = (io: Server, socket: Socket): void => {
    socket.emit('own', 'text')
    io.emit('all')
    socket.emit('bytes', Buffer.from([7]))
  }

  it('is not seen at all where it is off', async () => {
    const [connected, ...rest] = await framesOf({}, speak)
    expect(connected).toMatch(/^40\{"sid":"[^"]+"\}$/)
    expect(rest).toEqual([
      '42["own","text"]',
      '42["all"]',
      '451-["bytes",{"_placeholder":true,"num":0}]',
      Buffer.from([7]),
      '42["end"]',
    ])
  })

  it('is a pid, and an offset behind the arguments of events without an acknowledgement', async () => {
    const [connected, ...rest] = await framesOf(recovers, (io, socket) => {
      speak(io, socket)
      socket.emit('asked', 1, () => {})
    })
    expect(connected).toMatch(/^40\{"sid":"[^"]+","pid":"[^"]+"\}$/)
    expect(rest).toEqual([
      expect.stringMatching(/^42\["own","text","[^"]+"\]$/),
      expect.stringMatching(/^42\["all","[^"]+"\]$/),
      expect.stringMatching(/^451-\["bytes",\{"_placeholder":true,"num":0\},"[^"]+"\]$/),
      Buffer.from([7]),
      expect.stringMatching(/^42\d+\["asked",1\]$/),
      expect.stringMatching(/^42\["end","[^"]+"\]$/),
    ])
  })

  it('says CONNECT before what was missed, with the same sid and pid', async () => {
    const { io, url } = await serve(recovers)
    const told = once(io, 'connection')
    const first = await dialRaw(url)
    const { sid, pid } = JSON.parse(`${await first.take()}`.slice(2))
    const [socket] = (await told) as [Socket]
    const gone = once(socket, 'disconnect')
    first.drop()
    await gone
    io.emit('missed', 1)
    io.emit('missed', 2)
    const second = await dialRaw(url, `40${JSON.stringify({ pid })}`)
    expect(JSON.parse(`${await second.take()}`.slice(2))).toEqual({ sid, pid })
    expect([await second.take(), await second.take()]).toEqual([
      expect.stringMatching(/^42\["missed",1,"[^"]+"\]$/),
      expect.stringMatching(/^42\["missed",2,"[^"]+"\]$/),
    ])
  })

  it('ends a volatile event with an offset where it would end with text, and no other', async () => {
    const { io, url } = await serve(recovers)
    const told = once(io, 'connection')
    const client = await dialRaw(url)
    const [socket] = (await told) as [Socket]
    await client.take()
    const says: [(socket: Socket) => unknown, RegExp][] = [
      [(each) => each.volatile.emit('v', 'text'), /^42\["v","text","[^"]+"\]$/],
      [(each) => each.volatile.emit('v', 1), /^42\["v",1\]$/],
      [() => io.volatile.emit('v', 'text'), /^42\["v","text","[^"]+"\]$/],
      [() => io.volatile.emit('v', { a: 'text' }), /^42\["v",\{"a":"text"\}\]$/],
    ]
    for (const [say, expected] of says) {
      say(socket)
      expect(await client.take()).toMatch(expected)
    }
  })
})

describe('a Socket.IO client with its own reconnection', () => {
  it.each(ways)('comes back by itself and is recovered, by %s', async (_, way) => {
    const { io, url } = await serve(recovers)
    const client = dialStock(url, { ...way, reconnection: true, reconnectionDelay: 1, reconnectionDelayMax: 2 })
    await arrival(client)
    await settled(client)
    const { id } = client
    const again = once(client, 'connect')
    client.io.engine.close()
    await again
    expect([client.recovered, client.id]).toEqual([true, id])
    expect(io.sockets.sockets.size).toBe(1)
  })
})
