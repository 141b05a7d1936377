import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'
import { type EchoServer, listenOnLoopback } from './echo-server.ts'

/** The echo server of npm `ws`, without compression, with the limit that is told to the suite. */
export function startWsEcho(maxPayloadBytes: number): Promise<EchoServer> {
  const server = createServer()
  const webSockets = new WebSocketServer({ server, maxPayload: maxPayloadBytes, perMessageDeflate: false })
  webSockets.on('connection', (socket) => {
    socket.on('error', () => socket.terminate())
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
  })
  return listenOnLoopback(server)
}
