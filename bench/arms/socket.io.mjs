import { Server } from 'socket.io'

export const dialect = 'socket.io'
export const path = '/socket.io/?EIO=4&transport=websocket'

/** Socket.IO over WebSocket only, without compression, on `ws` as it comes. */
export function start(httpServer, { echo, onMessage }) {
  const io = new Server(httpServer, { transports: ['websocket'], perMessageDeflate: false, serveClient: false })
  io.on('connection', (socket) => {
    if (echo) socket.on('message', (text) => socket.emit('message', text))
    else if (onMessage) socket.on('message', onMessage)
  })
  return {
    clients: () => io.of('/').sockets.size,
    publish: (text) => io.emit('message', text),
  }
}
