import { createServer } from 'node:http'
import { Server } from '../../packages/server/dist/esm/index.js'
import { listen } from '../lib/listen.mjs'

export const dialect = 'plain'
export const path = '/partyline/'

/** The library as an application uses it, its clients lenient ones, its room not kept: what the peers do too. */
export const start = (work) => startWith({ bench: { keep: false, subscribe: true } }, work)

/** Clients join a room where there is something to hear in it; else they are only counted. */
export async function startWith(rooms, { echo, relay, onMessage, hasRoom }) {
  const httpServer = createServer()
  const io = new Server(httpServer, { rooms })
  const publish = (text) => io.to('bench').emit('message', text)
  let clients = 0
  io.on('connection', async (socket) => {
    if (echo) socket.on('message', (text) => socket.send(text))
    else if (relay) socket.on('message', publish)
    else if (onMessage) socket.on('message', onMessage)
    if (hasRoom) await socket.join('bench')
    clients++
  })
  return { port: await listen(httpServer), clients: () => clients, publish }
}
