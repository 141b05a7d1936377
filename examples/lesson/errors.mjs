// The pattern: errors are handled, and none takes the server or the connection down.
// Here a `RequestError` is a refusal, and its words are told to who asked. Whatever else a handler throws is our own fault:
// the client gets the number of a log line, the log gets the stack, and the connection lives on.
import { RequestError, Server } from '@partyline/server'

const io = new Server()

io.on('connection', (socket) => {
  socket.on('message', (text) => socket.send(`Echo: ${text}`))

  socket.on('divide', ({ dividend, divisor }, done) => {
    if (divisor === 0) throw new RequestError('invalid', 'nobody divides by zero')
    done(dividend / divisor)
  })

  socket.on('crash', async () => {
    throw new Error('the password of the database is wrong') // stays among us
  })
})

io.listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () => {
  console.log(`ws://localhost:${io.httpServer.address().port}`)
})
