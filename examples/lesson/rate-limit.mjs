// The pattern: ten messages a minute for each client.
// Here that is one line. The eleventh is answered `rate_limited` and `retryAfterMs`, and no handler is called. `messages`
// would count everything that a client sends, and a room's rule may have a `rate` too.
import { Server } from '@partyline/server'

const io = new Server({
  rates: { events: { message: '10 per minute' } },
})

io.on('connection', (socket) => {
  socket.on('message', (text) => socket.send(`Echo: ${text}`))
})

io.listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () => {
  console.log(`ws://localhost:${io.httpServer.address().port}`)
})
