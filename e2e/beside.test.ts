import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Server } from '@partyline/server'
import { createServer as createVite } from 'vite'
import { afterEach, describe, expect, it } from 'vitest'
import WebSocket, { WebSocketServer } from 'ws'

const cleanUps: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

/** A line that echoes, on a server that serves other things too. */
function echoOn(server: HttpServer): Server {
  const io = new Server(server)
  io.on('connection', (socket) => {
    socket.on('message', (text) => socket.send(`Partyline: ${text}`))
  })
  cleanUps.push(() => io.close())
  return io
}

async function listening(server: HttpServer): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

/** What a WebSocket hears first after it has said hello; a refusal is its status. */
function firstWords(url: string, protocols: string[] = [], hello = 'hello'): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, protocols)
    cleanUps.push(() => socket.terminate())
    socket.on('open', () => socket.send(hello))
    socket.on('message', (data) => resolve(String(data)))
    socket.on('unexpected-response', (_request, response) => resolve(String(response.statusCode)))
    socket.on('error', reject)
    socket.on('close', (code) => resolve(`closed ${code}`))
  })
}

describe('the library on a server that others use too', () => {
  it.each([
    ['with a path', { path: '/' }],
    ['for every path', {}],
  ])('leaves / to a WebSocketServer of ws %s, whoever came first', async (_, options) => {
    for (const order of ['before', 'behind'] as const) {
      const server = createServer((_request, response) => response.end('the application'))
      if (order === 'behind') echoOn(server)
      const others = new WebSocketServer({ server, ...options })
      others.on('connection', (socket) => socket.on('message', (data) => socket.send(`ws: ${data}`)))
      cleanUps.push(() => others.close())
      if (order === 'before') echoOn(server)
      const port = await listening(server)
      expect(await firstWords(`ws://127.0.0.1:${port}/`)).toBe('ws: hello')
      expect(await firstWords(`ws://127.0.0.1:${port}/partyline/`)).toBe('Partyline: hello')
      expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('the application')
    }
  })

  it('has / to itself where nobody else takes upgrades', async () => {
    const server = createServer((_request, response) => response.end('the application'))
    echoOn(server)
    const port = await listening(server)
    expect(await firstWords(`ws://127.0.0.1:${port}/`)).toBe('Partyline: hello')
    expect(await firstWords(`ws://127.0.0.1:${port}/partyline/`)).toBe('Partyline: hello')
    expect(await firstWords(`ws://127.0.0.1:${port}/nowhere`)).toBe('404')
  })

  it('leaves a Vite development server its hot reload', async () => {
    const root = mkdtempSync(join(tmpdir(), 'partyline-beside-'))
    cleanUps.push(() => rmSync(root, { recursive: true, force: true }))
    writeFileSync(join(root, 'index.html'), '<script type="module" src="/main.js"></script>')
    writeFileSync(join(root, 'main.js'), 'export const version = 1')
    const server = createServer()
    const vite = await createVite({
      root,
      configFile: false,
      logLevel: 'silent',
      appType: 'spa',
      server: { middlewareMode: true, hmr: { server } },
    })
    cleanUps.push(() => vite.close())
    server.on('request', vite.middlewares)
    echoOn(server)
    const port = await listening(server)
    expect(await (await fetch(`http://127.0.0.1:${port}/main.js`)).text()).toContain('version = 1')
    expect(await firstWords(`ws://127.0.0.1:${port}/partyline/`)).toBe('Partyline: hello')

    const reload = new WebSocket(`ws://127.0.0.1:${port}/?token=${vite.config.webSocketToken}`, 'vite-hmr')
    cleanUps.push(() => reload.terminate())
    const heard: { type: string }[] = []
    reload.on('message', (data) => heard.push(JSON.parse(String(data))))
    await expect.poll(() => heard.map(({ type }) => type), { timeout: 10_000 }).toContain('connected')
    writeFileSync(join(root, 'main.js'), 'export const version = 2')
    await expect.poll(() => heard.map(({ type }) => type), { timeout: 10_000 }).toContain('full-reload')
    expect(await firstWords(`ws://127.0.0.1:${port}/partyline/`)).toBe('Partyline: hello')
  })
})
