import { WebSocketServer } from 'ws'

export const dialect = 'plain'
export const path = '/'

/** npm `ws` as its documentation shows it: a loop of `send` over all clients. */
export function start(httpServer, { echo, onMessage }) {
  const server = new WebSocketServer({ server: httpServer, perMessageDeflate: false })
  server.on('connection', (socket) => {
    if (echo) socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
    else if (onMessage) socket.on('message', onMessage)
  })
  return {
    clients: () => server.clients.size,
    publish(text) {
      for (const client of server.clients) client.send(text)
    },
  }
}
