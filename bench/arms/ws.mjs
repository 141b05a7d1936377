import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'
import { listen } from '../lib/listen.mjs'

export const dialect = 'plain'
export const path = '/'

/** npm `ws` as its documentation shows it: a loop of `send` over all clients. */
export async function start({ echo, relay, onMessage }) {
  const httpServer = createServer()
  const server = new WebSocketServer({ server: httpServer, perMessageDeflate: false })
  const sendAll = (data, isBinary) => {
    for (const client of server.clients) client.send(data, { binary: isBinary })
  }
  server.on('connection', (socket) => {
    if (echo) socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
    else if (relay) socket.on('message', sendAll)
    else if (onMessage) socket.on('message', onMessage)
  })
  return {
    port: await listen(httpServer),
    clients: () => server.clients.size,
    publish: (text) => sendAll(text, false),
  }
}
