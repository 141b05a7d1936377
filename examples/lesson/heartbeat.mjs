// The pattern: the client says "ping" every now and then, the server answers "pong".
// Here that text is answered without a handler, and nobody needs it: the server itself sends WebSocket pings, which
// browsers answer unseen. Who does not is gone. Here that is quick, to be seen; by default it is 25 and 20 seconds.
import { Server } from '@partyline/server'

const io = new Server({ heartbeatMs: 2_000, heartbeatTimeoutMs: 1_000 })

io.on('connection', (socket) => {
  socket.on('message', (text) => socket.send(`Echo: ${text}`)) // never hears a ping
  socket.on('disconnect', (reason) => console.log(`gone: ${reason}`)) // `ping timeout` where the line was dead
})

io.listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () => {
  console.log(`ws://localhost:${io.httpServer.address().port}`)
})
