import { Server } from '../../packages/server/dist/esm/index.js'

export const dialect = 'plain'
export const path = '/partyline/'

/** The library as an application uses it, its clients lenient ones, its room not kept: what the peers do too. */
export const start = (httpServer, work) => startWith({ bench: { keep: false, subscribe: true } }, httpServer, work)

export function startWith(rooms, httpServer, { echo, onMessage }) {
  const io = new Server(httpServer, { rooms })
  let clients = 0
  io.on('connection', async (socket) => {
    if (echo) socket.on('message', (text) => socket.send(text))
    else if (onMessage) socket.on('message', onMessage)
    socket.on('disconnect', () => clients--)
    await socket.join('bench')
    clients++
  })
  return {
    clients: () => clients,
    publish: (text) => io.to('bench').emit('message', text),
  }
}
