// The pattern: what one client says is sent to all.
// Here it is written once for all of them, in one order, and kept for two minutes: a client of `@partyline/client` that
// was away gets what it missed. `socket.broadcast` leaves the sender out, `io.volatile` keeps nothing.
import { Server } from '@partyline/server'

const io = new Server()

io.on('connection', (socket) => {
  socket.on('message', (text) => io.send(`${socket.user.name}: ${text}`))
  socket.on('wave', () => socket.broadcast.send(`${socket.user.name} waves at you`))
  socket.on('pointer', (where) => io.volatile.emit('pointer', where))
})

io.listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () => {
  console.log(`ws://localhost:${io.httpServer.address().port}`)
})
