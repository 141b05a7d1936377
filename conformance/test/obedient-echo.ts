import { createServer } from 'node:http'
import { acceptUpgrade, type Connection, holdUpgrade, refuseUpgrade } from '@partyline/server/websocket'
import type { SubjectFacts } from '../src/index.ts'
import { type EchoServer, listenOnLoopback } from './echo-server.ts'

/** What the suite has to know of this server. */
export const obedientFacts = {
  maxPayloadBytes: 300_000,
  headTimeoutMs: 600,
  closeTimeoutMs: 600,
  pongTimeoutMs: 600,
  refusedOrigin: 'https://elsewhere.example',
  refusedPath: '/refused',
  closeCommand: true,
  shutdownCommand: true,
} as const satisfies SubjectFacts

const closeCommand = /^close-in (\d+) (\d+) ?(.*)$/s

/** An echo server on our layer that also does what the cases need a server to do: close on command, ping, refuse, go away. */
export async function startObedientEcho(): Promise<EchoServer> {
  const { maxPayloadBytes, headTimeoutMs, closeTimeoutMs, pongTimeoutMs } = obedientFacts
  const connections = new Set<Connection>()
  const server = createServer({ headersTimeout: headTimeoutMs, connectionsCheckingInterval: 100 })

  const shutdown = () => {
    server.close()
    for (const connection of connections) connection.close(1001, 'the server goes away')
  }
  const obey = (command: string, connection: Connection): boolean => {
    const [, ms, code, reason = ''] = closeCommand.exec(command) ?? []
    if (command === 'shutdown') shutdown()
    else if (ms === '0') closeAsTold(connection, Number(code), reason)
    else if (ms !== undefined) setTimeout(() => closeAsTold(connection, Number(code), reason), Number(ms))
    else return false
    return true
  }

  server.on('upgrade', (request, stream, head) => {
    holdUpgrade(stream)
    if (request.url === obedientFacts.refusedPath) {
      setTimeout(() => refuseUpgrade(stream, 403), 50)
      return
    }
    if (request.headers.origin === obedientFacts.refusedOrigin) {
      refuseUpgrade(stream, 403)
      return
    }
    const connection = acceptUpgrade(request, stream, head, { maxPayloadBytes, closeTimeoutMs })
    if (!connection) return
    connections.add(connection)
    const stopPings = keepAlive(connection, pongTimeoutMs)
    connection.onMessage = (data) => {
      if (typeof data !== 'string' || !obey(data, connection)) connection.send(data)
    }
    connection.onClose = () => {
      stopPings()
      connections.delete(connection)
    }
  })
  const { url, stop } = await listenOnLoopback(server)
  return { url, stop: () => (server.listening ? stop() : Promise.resolve()) }
}

/** What may not be sent throws, and is told as an error of our own. */
function closeAsTold(connection: Connection, code: number, reason: string): void {
  try {
    connection.close(code, reason)
  } catch {
    connection.close(1011, 'told to send a code that cannot be sent')
  }
}

/** Pings, and drops a connection from which nothing came since. */
function keepAlive(connection: Connection, timeoutMs: number): () => void {
  let seen = connection.chunksRead
  const timer = setInterval(() => {
    if (connection.chunksRead === seen) connection.terminate()
    seen = connection.chunksRead
    connection.ping()
  }, timeoutMs)
  return () => clearInterval(timer)
}
