import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'
import { type EchoServer, listenOnLoopback } from './echo-server.ts'

/** The echo server of npm `ws`, with the limit that is told to the suite. */
export function startWsEcho(maxPayloadBytes: number, compresses = false): Promise<EchoServer> {
  const server = createServer()
  const webSockets = new WebSocketServer({
    server,
    maxPayload: maxPayloadBytes,
    perMessageDeflate: compresses && { threshold: 0 },
  })
  webSockets.on('connection', (socket) => {
    // It sends its close frame by itself, behind what is being compressed.
    socket.on('error', () => {})
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
  })
  return listenOnLoopback(server)
}
