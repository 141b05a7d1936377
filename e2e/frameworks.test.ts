import {
  createServer,
  type Server as HttpServer,
  get as httpGet,
  type IncomingMessage,
  type RequestListener,
} from 'node:http'
import { createServer as createHttpsServer, type Server as HttpsServer, get as httpsGet } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { type Client, connect } from '@partyline/client'
import { Server } from '@partyline/server'
import express from 'express'
import fastify from 'fastify'
import { describe, expect, it, onTestFinished } from 'vitest'
import WebSocket, { WebSocketServer } from 'ws'
import { makePem } from '../packages/partyline/test/certificates.ts'

const pem = await makePem()

/** An application that is up: its server, and how it stops by itself. */
interface Application {
  readonly server: HttpServer | HttpsServer
  readonly scheme: 'http' | 'https'
  close(): Promise<unknown>
}

const words: RequestListener = (_request, response) => response.end('the application')

function closed(server: HttpServer | HttpsServer): Promise<void> {
  return new Promise((resolve, reject) => server.close((error) => (error ? reject(error) : resolve())))
}

async function listening(server: HttpServer | HttpsServer): Promise<void> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
}

/** Each kind of application, with ours attached before it listens, as their users write it. */
const kinds: [string, (attach: (server: HttpServer | HttpsServer) => void) => Promise<Application>][] = [
  [
    'plain http',
    async (attach) => {
      const server = createServer(words)
      attach(server)
      await listening(server)
      return { server, scheme: 'http', close: () => closed(server) }
    },
  ],
  [
    'https',
    async (attach) => {
      const server = createHttpsServer(pem, words)
      attach(server)
      await listening(server)
      return { server, scheme: 'https', close: () => closed(server) }
    },
  ],
  [
    'Express',
    async (attach) => {
      const app = express()
      app.get('/', words)
      const server = createServer(app)
      attach(server)
      await listening(server)
      return { server, scheme: 'http', close: () => closed(server) }
    },
  ],
  [
    'Express that listens by itself',
    async (attach) => {
      const app = express()
      app.get('/', words)
      const server = app.listen(0, '127.0.0.1')
      attach(server)
      await new Promise((resolve) => server.once('listening', resolve))
      return { server, scheme: 'http', close: () => closed(server) }
    },
  ],
  [
    'Fastify',
    async (attach) => {
      const app = fastify()
      app.get('/', async () => 'the application')
      attach(app.server)
      await app.listen({ port: 0, host: '127.0.0.1' })
      return { server: app.server, scheme: 'http', close: () => app.close() }
    },
  ],
]

/** The certificate is one that nobody trusts who was not told to. */
class TrustingWebSocket extends WebSocket {
  constructor(url: string | URL, protocols?: string | string[]) {
    super(url, protocols, { ca: pem.cert })
  }
}

/** An application of this kind with upgrades of its own at `/theirs`, and ours. */
async function start(open: (typeof kinds)[number][1]) {
  const theirs = new WebSocketServer({ noServer: true })
  theirs.on('connection', (socket) => socket.on('message', (data) => socket.send(`theirs: ${data}`)))
  const onUpgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    if (request.url !== '/theirs') return
    theirs.handleUpgrade(request, stream, head, (socket) => theirs.emit('connection', socket, request))
  }
  let io = new Server()
  const { server, scheme, close } = await open((attached) => {
    io = new Server(attached, { closeTimeoutMs: 2_000 })
    attached.on('upgrade', onUpgrade)
  })
  io.on('connection', (socket) => {
    socket.on('echo', (text, ack) => ack(`ours: ${text}`))
  })
  onTestFinished(async () => {
    for (const socket of theirs.clients) socket.terminate()
    await io.close()
  })
  const { port } = server.address() as AddressInfo
  const url = `${scheme}://127.0.0.1:${port}`
  return { io, server, close, url, onUpgrade }
}

/** Our client, once it is in. */
async function come(url: string): Promise<Client> {
  const client = connect(url, { WebSocket: TrustingWebSocket, reconnect: false })
  client.onError(() => {}) // it is told that the server stops
  onTestFinished(() => client.close())
  expect(await client.emitWithAck('echo', 'hello')).toBe('ours: hello')
  return client
}

/** The body of a request, over a connection of its own. */
function bodyOf(url: string): Promise<string> {
  const get = url.startsWith('https') ? httpsGet : httpGet
  return new Promise((resolve, reject) => {
    const asked = get(url, { agent: false, ca: pem.cert }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (text) => {
        body += text
      })
      response.on('end', () => resolve(body))
    })
    asked.on('error', reject)
  })
}

/** What their WebSocket answers. */
function theirAnswer(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = new TrustingWebSocket(`${url.replace('http', 'ws')}/theirs`)
    onTestFinished(() => socket.terminate())
    socket.on('open', () => socket.send('hello'))
    socket.on('message', (data) => resolve(String(data)))
    socket.on('error', reject)
  })
}

describe.each(kinds)('on %s', (_, open) => {
  it('clients come in, routes answer, and the application’s own upgrades are its own', async () => {
    const { io, url } = await start(open)
    const client = await come(url)
    expect(await bodyOf(`${url}/`)).toBe('the application')
    expect(await theirAnswer(url)).toBe('theirs: hello')
    expect(await client.emitWithAck('echo', 'again')).toBe('ours: again')
    expect(io.stats.clients.total).toBe(1)
  })

  it('closing ours leaves nothing behind', async () => {
    const { io, server, url, onUpgrade } = await start(open)
    const client = await come(url)
    const gone = new Promise<void>((resolve) => {
      client.onState(({ name }) => name === 'closed' && resolve())
    })
    await io.close()
    await gone
    expect([io.stats.clients.total, io.stats.rooms, server.listening]).toEqual([0, 0, false])
    expect(server.listeners('upgrade')).toEqual([onUpgrade])
    expect(await new Promise((resolve) => server.getConnections((_error, count) => resolve(count)))).toBe(0)
  })

  it('the application may be closed behind ours, and before it', async () => {
    const first = await start(open)
    await come(first.url)
    await first.io.close()
    await first.close().catch((error) => expect(error).toMatchObject({ code: 'ERR_SERVER_NOT_RUNNING' }))

    const second = await start(open)
    await come(second.url)
    const closing = second.close()
    await second.io.close()
    await closing
    expect([second.server.listening, second.io.stats.clients.total]).toEqual([false, 0])
  })
})
