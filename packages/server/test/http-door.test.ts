import { createServer, type Server as HttpServer, request } from 'node:http'
import { type AddressInfo, connect as connectTcp } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocketServer } from 'ws'
import { Server, type ServerOptions } from '../src/index.ts'
import { open, serve } from './served.ts'
import { come, connect, refusal } from './test-client.ts'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()))
})

/** An application's own HTTP server with ours attached to it. */
async function attached(options: ServerOptions = {}, before: (http: HttpServer) => void = () => {}) {
  const http = createServer((_request, response) => response.end('the application'))
  before(http)
  const logger = { warn: () => {}, error: () => {} }
  const io = new Server(http, { logger, closeTimeoutMs: 1_000, rooms: { lobby: open }, ...options })
  closing.push(() => io.close())
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const { port } = http.address() as AddressInfo
  return { io, http, port, url: `ws://127.0.0.1:${port}` }
}

/** The status and the body of an HTTP request. */
function get(
  port: number,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status?: number; body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request({ port, host: '127.0.0.1', path, headers, agent: false }, (response) => {
      let body = ''
      response.on('data', (chunk) => {
        body += String(chunk)
      })
      response.on('end', () => resolve({ ...(response.statusCode && { status: response.statusCode }), body }))
    })
    asked.on('error', reject).end()
  })
}

/** Another taker of upgrades beside us, as `ws` users write it. */
function ownWebSockets(http: HttpServer): WebSocketServer {
  const others = new WebSocketServer({ noServer: true })
  others.on('connection', (socket) => socket.send('theirs'))
  http.on('upgrade', (upgrade, stream, head) => {
    if (upgrade.url === '/') others.handleUpgrade(upgrade, stream, head, (socket) => others.emit('connection', socket))
  })
  closing.push(async () => {
    for (const each of others.clients) each.terminate()
  })
  return others
}

describe('a server attached to an application’s', () => {
  it('has / and the namespaces’ own paths while nobody else takes upgrades', async () => {
    const { io, url, port } = await attached()
    io.of('/ops')
    for (const path of ['/', '/ops', '/partyline/', '/partyline/ops']) {
      expect(await (await connect(url + path)).rest()).toEqual([])
    }
    expect(await get(port, '/')).toEqual({ status: 200, body: 'the application' })
    expect((await refusal(`${url}/other`)).status).toBe(404)
  })

  it.each(['before', 'after'] as const)(
    'leaves / to a listener that was there %s it, and stays below its prefix',
    async (when) => {
      const { io, http, url } = await attached({}, (http) => void (when === 'before' && ownWebSockets(http)))
      if (when === 'after') ownWebSockets(http)
      io.of('/ops')
      const theirs = await connect(url)
      expect(await theirs.take()).toBe('theirs')
      for (const path of ['/partyline', '/partyline/', '/partyline/ops']) {
        expect(await (await connect(url + path)).rest()).toEqual([])
      }
      expect((await refusal(`${url}/partyline/other`)).status).toBe(404)
      expect(io.stats.clients.total).toBe(3)
    },
  )

  it('works beside a WebSocketServer that ends all upgrades that are not for its path', async () => {
    const { url } = await attached({}, (http) => {
      const others = new WebSocketServer({ server: http, path: '/theirs' })
      others.on('connection', (socket) => socket.send('theirs'))
      closing.push(async () => {
        for (const each of others.clients) each.terminate()
      })
    })
    expect(await (await connect(`${url}/theirs`)).take()).toBe('theirs')
    expect(await (await connect(`${url}/partyline/`)).rest()).toEqual([])
    expect((await refusal(`${url}/`)).status).toBe(400)
  })

  it('takes / back when the other listener has gone', async () => {
    const listener = () => {}
    const { io, http, url } = await attached({}, (http) => void http.on('upgrade', listener))
    http.off('upgrade', listener)
    await (await connect(url)).rest()
    expect(io.stats.clients.total).toBe(1)
  })

  it.each([
    ['/x', '/x', '/x/ops'],
    ['x/', '/x/', '/x/ops'],
    ['/a/b', '/a/b', '/a/b/ops'],
    ['/', '/', '/ops'],
  ])('is under the path %s alone where that was said', async (path, root, ops) => {
    const { io, url } = await attached({ plain: { path } })
    io.of('/ops')
    for (const ours of [root, ops]) expect(await (await connect(url + ours)).rest()).toEqual([])
    expect((await refusal(`${url}/partyline/`)).status).toBe(404)
  })

  it('has other names for namespaces where that was said', async () => {
    const { url } = await attached({ plain: { aliases: { '/chat': '/' } } })
    expect(await (await connect(`${url}/chat`)).rest()).toEqual([])
  })

  it('takes neither plain clients nor Socket.IO’s where that was said, and no upgrades at all', async () => {
    const { http, url, port } = await attached({ plain: false, path: false })
    expect(http.listenerCount('upgrade')).toBe(0)
    expect(await get(port, '/', { Connection: 'Upgrade', Upgrade: 'websocket' })).toMatchObject({
      body: 'the application',
    })
    ownWebSockets(http)
    expect(await (await connect(url)).take()).toBe('theirs')
  })

  it('does not wait for the WebSockets of others for ever when it closes', async () => {
    const { io, http, url } = await attached({ closeTimeoutMs: 50 }, (http) => void ownWebSockets(http))
    const theirs = await connect(url)
    await theirs.take()
    await io.close()
    expect([http.listening, theirs.socket.readyState]).toEqual([false, theirs.socket.OPEN])
  })

  it('closes those that are there, and lets nobody in, while it closes', async () => {
    const { io, http, url, port } = await attached()
    const { client } = await come(url)
    // a keep-alive connection that is there already, and asks for an upgrade while we close
    const late = connectTcp(port, '127.0.0.1')
    await new Promise((resolve) => late.once('connect', resolve))
    const ended = new Promise((resolve) => late.once('close', resolve))
    late.on('error', () => {})
    const closed = io.close()
    late.write(
      'GET /partyline/ HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    )
    let answer = ''
    late.on('data', (chunk) => {
      answer += String(chunk)
    })
    expect((await client.closed).code).toBe(1001)
    late.end()
    await ended
    await closed
    expect(answer).not.toContain('101')
    expect([http.listening, io.stats.clients.total]).toEqual([false, 0])
  })

  it('refuses to be attached to what is no server, or twice', async () => {
    const { io } = await attached()
    expect(() => new Server().attach((() => {}) as never)).toThrow(/http\.createServer\(app\)/)
    expect(() => io.attach(createServer())).toThrow(/attached already/)
  })
})

describe('a server that closes', () => {
  it('does not wait for connections on which nothing was asked', async () => {
    const { io, url } = await serve({ closeTimeoutMs: 60_000 })
    const silent = connectTcp(Number(new URL(url).port), '127.0.0.1').on('error', () => {})
    const ended = new Promise((resolve) => silent.on('close', resolve))
    await new Promise((resolve) => silent.on('connect', resolve))
    const asked = await connect(url)
    await io.close()
    await Promise.all([ended, asked.closed])
  })
})

describe('a server of its own', () => {
  it('answers 404 to everything else', async () => {
    const { io } = await serve({ path: false })
    const { port } = (io.httpServer as HttpServer).address() as AddressInfo
    expect(await get(port, '/')).toMatchObject({ status: 404 })
    expect(await get(port, '/socket.io/?EIO=4&transport=polling')).toMatchObject({ status: 404 })
  })

  it.each([
    ['http://evil.example', 403],
    ['http://127.0.0.1.evil.example', 403],
    ['null', 403],
    ['http://LOCALHOST.', 403],
    ['http://localhost:5173', 101],
    ['http://127.0.0.1', 101],
    [undefined, 101],
  ])('answers the origin %s with %d', async (origin, status) => {
    const { url, log } = await serve()
    const headers = origin === undefined ? {} : { Origin: origin }
    for (const path of ['/', '/partyline/']) {
      if (status === 101) expect(await (await connect(url + path, { headers })).rest()).toEqual([])
      else {
        const refused = await refusal(url + path, { headers })
        expect(refused.status).toBe(status)
        expect(refused.body).toContain('cors.origin')
      }
    }
    expect(log.length > 0).toBe(status === 403)
  })

  it('looks at Host where names are configured', async () => {
    const { url } = await serve({ hosts: ['chat.example'], addressesAreHosts: false })
    const at = (host: string) => ({ headers: { Host: host } })
    expect((await refusal(url, at('evil.example'))).status).toBe(403)
    expect((await refusal(url, at('192.0.2.1'))).status).toBe(403)
    for (const host of ['chat.example', 'localhost', '127.0.0.1']) await connect(url, at(host))
  })

  it('lets pages of configured origins in', async () => {
    const { url } = await serve({ cors: { origin: ['https://good.example', /https:\/\/\w+\.fine\.example/] } })
    for (const origin of ['https://good.example', 'https://a.fine.example']) {
      await connect(url, { headers: { Origin: origin } })
    }
    for (const origin of ['https://evilgood.example', 'https://a.fine.example.evil.example']) {
      expect((await refusal(url, { headers: { Origin: origin } })).status).toBe(403)
    }
  })

  it('speaks partyline.v1 where it is among those offered, and refuses others with 400 and its name', async () => {
    const { io, url } = await serve()
    const client = await connect(url, { protocols: ['mqtt', 'partyline.v1'] })
    expect(client.socket.protocol).toBe('partyline.v1')
    const { status, body } = await refusal(url, { protocols: ['mqtt'] })
    expect([status, body]).toEqual([400, expect.stringContaining('partyline.v1')])
    expect(io.stats.clients).toMatchObject({ total: 1, byProtocol: { strict: 1, lenient: 0 } })
  })

  it('refuses a path that cannot be read', async () => {
    const { url } = await serve()
    expect((await refusal(`${url}/%ff`)).status).toBe(400)
  })

  it('may be made by a port, or be told later', async () => {
    const logger = { warn: () => {}, error: () => {} }
    const byPort = new Server(0, { logger })
    closing.push(() => byPort.close())
    const http = byPort.httpServer as HttpServer
    if (!http.listening) await new Promise((resolve) => http.once('listening', resolve))
    const { port } = http.address() as AddressInfo
    await (await connect(`ws://127.0.0.1:${port}`)).rest()
    const unborn = new Server({ logger })
    expect(unborn.httpServer).toBeUndefined()
    await unborn.close()
  })
})
