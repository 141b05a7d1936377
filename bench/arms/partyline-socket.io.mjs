import { createServer } from 'node:http'
import { Server } from '../../packages/server/dist/esm/index.js'
import { listen } from '../lib/listen.mjs'

export const dialect = 'socket.io'
export const path = '/socket.io/?EIO=4&transport=websocket'

/** The same program as Socket.IO's arm, with the library's name in its import: stock clients over WebSocket, nothing kept. */
export async function start({ echo, relay, onMessage }) {
  const httpServer = createServer()
  const io = new Server(httpServer, { transports: ['websocket'], rooms: { '*': { keep: false } } })
  const publish = (text) => io.emit('message', text)
  io.on('connection', (socket) => {
    if (echo) socket.on('message', (text) => socket.emit('message', text))
    else if (relay) socket.on('message', publish)
    else if (onMessage) socket.on('message', onMessage)
  })
  return { port: await listen(httpServer), clients: () => io.of('/').sockets.size, publish }
}
