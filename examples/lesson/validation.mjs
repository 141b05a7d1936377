// The pattern: look at a message before doing what it says.
// Here a handler takes a schema (zod, valibot, arktype, …) and gets what the schema made of the message. What does not fit
// is answered `invalid`, with words that say where, and the handler is not called.
import { Server } from '@partyline/server'
import { z } from 'zod'

const chat = z.object({
  message: z.string().trim().min(1).max(200),
  mood: z.enum(['happy', 'sad']).default('happy'),
})

const io = new Server()

io.on('connection', (socket) => {
  socket.on('chat', chat, ({ message, mood }, done) => {
    io.emit('chat', { message, mood })
    done('said')
  })
})

io.listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () => {
  console.log(`ws://localhost:${io.httpServer.address().port}`)
})
