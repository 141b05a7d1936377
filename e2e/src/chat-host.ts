import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { type RoomRule, Server, type ServerOptions } from '@partyline/server'
import { onTestFinished } from 'vitest'
import { chatFolder } from './chat-server.ts'

/** What a chat wants of a room. */
export const open: RoomRule = {
  keep: { entries: 10_000, ageMs: 600_000 },
  recover: 'kept',
  subscribe: true,
  publish: true,
  history: true,
  presence: true,
}

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
}

/** The chat on a server with rules of its own, which the test can speak through: an application with our page. */
export async function hostChat(options: ServerOptions = {}) {
  const files = new Map(
    readdirSync(chatFolder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => [file.slice(chatFolder.length).replaceAll('\\', '/'), readFileSync(file)]),
  )
  const httpServer = createServer(({ url = '/' }, response) => {
    const path = url === '/' ? '/index.html' : url
    const file = files.get(path)
    if (file === undefined) response.writeHead(404).end()
    else response.writeHead(200, { 'Content-Type': types[extname(path)] ?? 'application/octet-stream' }).end(file)
  })
  const io = new Server(httpServer, { rooms: { lobby: open, 'demo:*': open }, ...options })
  await new Promise<void>((resolve) => httpServer.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => io.close())
  const { port } = httpServer.address() as AddressInfo
  return { io, port, url: `http://127.0.0.1:${port}/` }
}
