import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import WebSocket from 'ws'
import type { Server, Socket } from '../src/index.ts'
import { once, serve } from './served.ts'
import { comeStock, dialStock, type StockOptions, settled, ways } from './stock-client.ts'

type Next = (error?: unknown) => void
const http = (url: string): string => url.replace('ws:', 'http:')
const handshake = (url: string): string => `${http(url)}/socket.io/?EIO=4&transport=polling`

/** The headers with which a WebSocket is opened, or the status with which it is not. */
function upgradeOf(
  url: string,
  headers: Record<string, string> = {},
): Promise<{ status: number | undefined; headers: IncomingMessage['headers'] }> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${url}/socket.io/?EIO=4&transport=websocket`, { headers })
    const tell = (response: IncomingMessage): void => {
      resolve({ status: response.statusCode, headers: response.headers })
      socket.terminate()
    }
    socket.on('upgrade', tell).on('unexpected-response', (_request, response) => tell(response))
    socket.on('error', reject)
  })
}

/** What the package `helmet` does: it sets headers. */
const helmet = (_request: IncomingMessage, response: ServerResponse, next: Next): void => {
  response.setHeader('X-Frame-Options', 'SAMEORIGIN')
  next()
}

type Sessioned = IncomingMessage & { session?: { views: number } }

/** What the package `express-session` does: a session on the request, and its cookie when the head is written. */
function expressSession(): (request: Sessioned, response: ServerResponse, next: Next) => void {
  const sessions = new Map<string, { views: number }>()
  return (request, response, next) => {
    const sid = /connect\.sid=(\w+)/.exec(request.headers.cookie ?? '')?.[1] ?? `s${sessions.size + 1}`
    const session = sessions.get(sid) ?? { views: 0 }
    sessions.set(sid, session)
    request.session = session
    const writeHead = response.writeHead
    response.writeHead = ((...args: Parameters<typeof writeHead>) => {
      response.setHeader('Set-Cookie', `connect.sid=${sid}; Path=/; HttpOnly`)
      return Reflect.apply(writeHead, response, args)
    }) as typeof writeHead
    setImmediate(next) // it reads its store
  }
}

async function arrive(
  io: Server,
  url: string,
  options: StockOptions = {},
): Promise<{ socket: Socket; conn: Socket['conn'] }> {
  const told = once(io, 'connection')
  const client = await comeStock(url, options)
  const [socket] = (await told) as [Socket]
  await settled(client)
  await expect.poll(() => socket.conn.transport.name).toBe(client.io.engine.transport.name)
  return { socket, conn: socket.conn }
}

describe('io.engine.use', () => {
  it('sets headers of every answer, also of upgrades and of refusals', async () => {
    const { io, url } = await serve()
    io.engine.use(helmet)
    const answers = [await fetch(handshake(url)), await fetch(`${http(url)}/socket.io/?transport=unknown`)]
    expect(answers.map(({ status, headers }) => [status, headers.get('x-frame-options')])).toEqual([
      [200, 'SAMEORIGIN'],
      [400, 'SAMEORIGIN'],
    ])
    const { status, headers } = await upgradeOf(url)
    expect([status, headers['x-frame-options']]).toEqual([101, 'SAMEORIGIN'])
    const other = await fetch(`${http(url)}/elsewhere`)
    expect(other.headers.get('x-frame-options')).toBeNull()
  })

  it.each(ways)('puts a session on the request that sockets have, by %s', async (_, way) => {
    const { io, url } = await serve()
    io.engine.use(expressSession())
    const seen: unknown[] = []
    io.use((socket, next) => {
      const { session } = socket.request as Sessioned
      if (session !== undefined) session.views++
      next()
    })
    io.on('connection', (socket) => seen.push((socket.request as Sessioned).session))
    const extraHeaders = { cookie: 'connect.sid=abc' }
    for (let n = 0; n < 2; n++) await arrive(io, url, { ...way, extraHeaders })
    expect(seen).toEqual([{ views: 2 }, { views: 2 }])
    expect(seen[0]).toBe(seen[1])
  })

  it('may set headers when the head is written, by polling and by WebSocket', async () => {
    const { io, url } = await serve()
    io.engine.use(expressSession())
    const cookie = 'connect.sid=abc; Path=/; HttpOnly'
    const polled = await fetch(handshake(url), { headers: { cookie: 'connect.sid=abc' } })
    expect(polled.headers.get('set-cookie')).toBe(cookie)
    const { headers } = await upgradeOf(url, { cookie: 'connect.sid=abc' })
    expect(headers['set-cookie']).toEqual([cookie])
  })

  it('knows a handshake by the query that is on the request', async () => {
    const { io, url } = await serve()
    const handshakes: boolean[] = []
    io.engine.use((request: IncomingMessage & { _query?: Record<string, string> }, _response, next) => {
      handshakes.push(request._query?.sid === undefined)
      next()
    })
    await arrive(io, url)
    expect(handshakes[0]).toBe(true)
    expect(handshakes.slice(1).length).toBeGreaterThan(0)
    expect(handshakes.slice(1)).not.toContain(true)
  })

  it('asks in order, and answers in the place of the server where it likes', async () => {
    const { io, url } = await serve()
    const asked: number[] = []
    io.engine
      .use((_request, _response, next) => {
        asked.push(1)
        setImmediate(next)
      })
      .use((_request, response, next) => {
        asked.push(2)
        if (asked.length < 3) response.writeHead(302, { Location: '/login' }).end()
        else next()
      })
    const answer = await fetch(handshake(url), { redirect: 'manual' })
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/login'])
    expect((await fetch(handshake(url))).status).toBe(200)
    expect(asked).toEqual([1, 2, 1, 2])
  })

  it.each<[string, (request: IncomingMessage, response: ServerResponse, next: Next) => void]>([
    ['passes an error on', (_request, _response, next) => next(new Error('no'))],
    [
      'throws',
      () => {
        throw new Error('no')
      },
    ],
  ])('refuses where a middleware %s', async (_, middleware) => {
    const { io, url } = await serve()
    io.engine.use(middleware)
    const told = once(io.engine, 'connection_error')
    const answer = await fetch(handshake(url))
    expect([answer.status, await answer.text()]).toEqual([400, '{"code":3,"message":"Bad request"}'])
    expect((await told)[0]).toMatchObject({ code: 3, context: { name: 'MIDDLEWARE_FAILURE' } })
    expect((await upgradeOf(url)).status).toBe(400)
    expect(io.engine.clientsCount).toBe(0)
  })
})

describe('io.engine.generateId', () => {
  it.each<[string, () => string | Promise<string>]>([
    ['at once', () => 'my-id'],
    ['later', async () => 'my-id'],
  ])('makes the ids of sessions, %s', async (_, generateId) => {
    const { io, url } = await serve()
    io.engine.generateId = generateId
    const { socket, conn } = await arrive(io, url)
    expect(conn.id).toBe('my-id')
    expect(socket.id).not.toBe('my-id')
  })

  it('refuses where it fails', async () => {
    const { io, url } = await serve()
    io.engine.generateId = async () => {
      throw new Error('no')
    }
    const told = once(io.engine, 'connection_error')
    expect((await fetch(handshake(url))).status).toBe(400)
    expect((await told)[0]).toMatchObject({ code: 3, context: { name: 'ID_GENERATION_ERROR' } })
    expect((await upgradeOf(url)).status).toBe(400)
  })
})

describe('io.engine', () => {
  it('tells connections, and counts them', async () => {
    const { io, url } = await serve()
    const told: unknown[] = []
    io.engine.on('connection', (conn) => told.push(conn))
    const [one, other] = [await arrive(io, url), await arrive(io, url, { transports: ['websocket'] })]
    expect(told).toEqual([one.conn, other.conn])
    expect(io.engine.clientsCount).toBe(2)
    one.socket.disconnect(true)
    await expect.poll(() => io.engine.clientsCount).toBe(1)
  })

  it.each<[string, string, RequestInit, number, number, object]>([
    ['an unknown transport', '?EIO=4&transport=unknown', {}, 400, 0, { transport: 'unknown' }],
    ['an unknown sid', '?EIO=4&transport=polling&sid=unknown', {}, 400, 1, { sid: 'unknown' }],
    ['a handshake by POST', '?EIO=4&transport=polling', { method: 'POST' }, 400, 2, { method: 'POST' }],
    ['a WebSocket that is none', '?EIO=4&transport=websocket', {}, 400, 3, { name: 'TRANSPORT_HANDSHAKE_ERROR' }],
    ['an old version', '?EIO=3&transport=polling', {}, 400, 5, { protocol: '3' }],
  ])('tells connection_error for %s', async (_, query, init, status, code, context) => {
    const { io, url } = await serve()
    const told = once(io.engine, 'connection_error')
    const answer = await fetch(`${http(url)}/socket.io/${query}`, init)
    const [error] = (await told) as [{ req: IncomingMessage; code: number; message: string; context: object }]
    expect(answer.status).toBe(status)
    expect(await answer.json()).toEqual({ code, message: error.message })
    expect([error.code, error.context, error.req.url]).toEqual([code, context, `/socket.io/${query}`])
  })

  it('tells connection_error where allowRequest says no, with its message', async () => {
    const { io, url } = await serve({ allowRequest: (request, decide) => decide('closed', request.url === '/') })
    const told = once(io.engine, 'connection_error')
    const answer = await fetch(handshake(url))
    expect([answer.status, await answer.json()]).toEqual([403, { code: 4, message: 'closed' }])
    expect((await told)[0]).toMatchObject({ code: 4, message: 'closed', context: { message: 'closed' } })
    const client = dialStock(url)
    const [error] = (await once(client, 'connect_error')) as [Error & { context?: { responseText?: string } }]
    expect(error.message).toBe('xhr poll error')
  })

  it.each(ways)('lets headers be set: initial_headers once, headers each time, by %s', async (_, way) => {
    const { io, url } = await serve()
    const seen: string[] = []
    io.engine.on('initial_headers', (headers, request: IncomingMessage) => {
      headers['x-first'] = 'yes'
      seen.push(`initial ${request.method}`)
    })
    io.engine.on('headers', (headers) => {
      headers['x-each'] = 'yes'
      seen.push('each')
    })
    await arrive(io, url, way)
    expect(seen.filter((each) => each === 'initial GET').length).toBe(1)
    if (way.transports?.[0] === 'websocket') expect(seen).toEqual(['initial GET', 'each'])
    else expect(seen.filter((each) => each === 'each').length).toBeGreaterThan(1)
    const { headers } = await upgradeOf(url)
    expect([headers['x-first'], headers['x-each']]).toEqual(['yes', 'yes'])
    const polled = await fetch(handshake(url))
    expect([polled.headers.get('x-first'), polled.headers.get('x-each')]).toEqual(['yes', 'yes'])
  })

  it('is not there where Socket.IO is not served', async () => {
    const { io, url } = await serve({ path: false })
    expect(() => io.engine).toThrow('there is no engine')
    expect((await fetch(handshake(url))).status).toBe(404)
  })
})

describe('socket.conn', () => {
  it('is the connection that sockets of one client share, with what people read of it', async () => {
    const { io, url } = await serve()
    const { socket, conn } = await arrive(io, url, { transports: ['websocket'] })
    const { transport, protocol, readyState, upgraded, upgrading, remoteAddress } = conn
    expect(transport).toMatchObject({ name: 'websocket', writable: true })
    expect([protocol, readyState, upgraded, upgrading, remoteAddress]).toEqual([4, 'open', false, false, '127.0.0.1'])
    expect(socket.client.conn).toBe(conn)
    expect(socket.conn).toBe(conn)
  })

  it('tells that it changes to a WebSocket', async () => {
    const { io, url } = await serve()
    const told: unknown[] = []
    io.on('connection', (socket) => {
      told.push(socket.conn.transport.name)
      socket.conn.once('upgrade', (transport: { name: string }) => told.push(`upgrade ${transport.name}`))
    })
    const { conn } = await arrive(io, url)
    expect(told).toEqual(['polling', 'upgrade websocket'])
    expect([conn.transport.name, conn.upgraded]).toEqual(['websocket', true])
  })

  it('tells packets, messages and its end', async () => {
    const { io, url } = await serve()
    const told: unknown[] = []
    io.engine.on('connection', (conn: Socket['conn']) => {
      for (const event of ['packet', 'data', 'message', 'close']) {
        conn.on(event, (value: unknown) => told.push([event, value]))
      }
    })
    const client = await comeStock(url, { transports: ['websocket'] })
    client.emit('hi', 1)
    client.disconnect()
    await expect.poll(() => told.at(-1)).toEqual(['close', 'transport close'])
    const message = (data: string): unknown[] => [
      ['packet', { type: 'message', data }],
      ['data', data],
      ['message', data],
    ]
    expect(told.slice(0, 9)).toEqual([...message('0'), ...message('2["hi",1]'), ...message('1')])
  })

  it.each(ways)('sends a message of its own and closes, by %s', async (_, way) => {
    const { io, url } = await serve()
    io.on('connection', (socket) => {
      socket.on('say', () => socket.conn.send('2["sent",1]', {}, () => socket.emit('called back')))
      socket.on('close', () => socket.conn.close())
    })
    const client = await comeStock(url, way)
    await settled(client)
    const [sent, calledBack] = [once(client, 'sent'), once(client, 'called back')]
    client.emit('say')
    expect(await sent).toEqual([1])
    await calledBack
    const [socket] = [...io.sockets.sockets.values()] as [Socket]
    const told = [once(client, 'disconnect'), once(socket, 'disconnect')] as const
    client.emit('close')
    expect((await told[0])[0]).toMatch(/^transport (close|error)$/)
    expect((await told[1])[0]).toBe('forced close')
  })

  it('lets go of its request where it is told so', async () => {
    const { io, url } = await serve()
    io.engine.use((_request, _response, next) => next())
    const { socket, conn } = await arrive(io, url)
    expect(socket.request.url).toContain('transport=polling')
    expect(conn.request).toBe(socket.request)
    const whole = conn.request
    Object.assign(conn, { request: null })
    expect(conn.request).not.toBe(whole)
    expect(socket.request).toBe(conn.request)
    expect(socket.request.headers.host).toBe(socket.handshake.headers.host)
  })
})

describe('socket.request', () => {
  it('is the same each time, with url, headers and address, where no middleware has seen it', async () => {
    const { io, url } = await serve()
    const { socket } = await arrive(io, url, { query: { from: 'test' }, extraHeaders: { 'x-test': 'yes' } })
    const { request } = socket
    expect(request.headers['x-test']).toBe('yes')
    expect(new URL(request.url as string, 'http://x').searchParams.get('from')).toBe('test')
    expect([request.method, request.socket.remoteAddress]).toEqual(['GET', '127.0.0.1'])
    Object.assign(request, { user: 'Ada' })
    expect((socket.request as { user?: string }).user).toBe('Ada')
    expect((socket.client.request as { user?: string }).user).toBe('Ada')
  })
})
