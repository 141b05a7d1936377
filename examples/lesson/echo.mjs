// The pattern: greet who comes, answer each message, notice who goes.
// Here anything that speaks WebSocket may come, without a client library: text in is the event `message`, `socket.send` is
// text out, and bytes come back as bytes. Who comes without a token is a guest with a name.
import { Server } from '@partyline/server'

const io = new Server()

io.on('connection', (socket) => {
  console.log(`${socket.user.name} has come`)
  socket.send(`Welcome, ${socket.user.name}`)
  socket.on('message', (said) => socket.send(typeof said === 'string' ? `Echo: ${said}` : said))
  socket.on('disconnect', (reason) => console.log(`${socket.user.name} has gone: ${reason}`))
})

io.listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () => {
  console.log(`ws://localhost:${io.httpServer.address().port}`)
})
