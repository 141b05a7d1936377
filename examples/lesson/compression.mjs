// The pattern: large messages are compressed.
// Here it is off by default, because it costs time, and one option turns it on for clients that offer it, as browsers do:
// what has 1,024 bytes or more is compressed, and a publication once for all who hear it. `compress(false)` leaves a
// message as it is: a secret must not be compressed together with what somebody else may choose.
import { Server } from '@partyline/server'

const io = new Server({ perMessageDeflate: true })

const book = 'It was a dark and rainy night, and the line was down again. '.repeat(1_000)

io.on('connection', (socket) => {
  socket.on('book', () => socket.send(book))
  socket.on('secret book', () => socket.compress(false).send(book))
})

io.listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () => {
  console.log(`ws://localhost:${io.httpServer.address().port}`)
})
