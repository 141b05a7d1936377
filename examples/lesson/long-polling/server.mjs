// The pattern: a fallback for clients whose network lets no WebSocket through.
// Here every room can be read over plain HTTP too, by long poll or server-sent events, and written to by POST. Everybody
// meets in the same room, whatever way they came, and a poll that comes back with its place misses nothing.
import { Server } from '@partyline/server'

const io = new Server({
  http: '/api',
  // The history is open: else who has no session, as over HTTP, could not have what came between two polls.
  rooms: { lobby: { subscribe: true, publish: true, history: true } },
})

io.on('connection', (socket) => {
  socket.join('lobby')
  socket.on('message', (text) => io.publish('lobby', text, { from: socket.user }))
})

io.listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () => {
  console.log(`http://localhost:${io.httpServer.address().port}/api/events?room=lobby`)
})
