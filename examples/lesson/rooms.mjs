// The pattern: clients join rooms, and what is said in a room is heard there and nowhere else.
// Here it can be written by hand, with events of one's own (`room:*` below), or left to the server: one rule, and clients
// `subscribe`, `publish`, read the `history` and see who is present in every room whose name fits.
import { Server } from '@partyline/server'
import { z } from 'zod'

const io = new Server({
  rooms: { 'chat:*': { subscribe: true, publish: true, history: true, presence: true } },
})

const room = z.enum(['red', 'blue'])

io.on('connection', (socket) => {
  socket.on('room:join', z.object({ room }), ({ room }) => {
    socket.join(room)
    io.to(room).send(`${socket.user.name} joined ${room}`)
  })

  socket.on('room:leave', z.object({ room }), ({ room }) => socket.leave(room))

  socket.on('room:say', z.object({ room, message: z.string() }), ({ room, message }) => {
    if (socket.rooms.has(room)) io.to(room).send(`${socket.user.name}: ${message}`)
  })
})

io.listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () => {
  console.log(`ws://localhost:${io.httpServer.address().port}`)
})
