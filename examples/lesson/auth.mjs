// The pattern: a token in the URL, or in the first message.
// Here one function says whose token it is, wherever it came from: `?token=`, `Authorization: Bearer`, or a first message
// `{"type":"auth","token":"abc123"}`. Until then no handler is called, after ten seconds the line is closed, and a token
// is never logged: the URL below shows `***`.
import { Server } from '@partyline/server'

// In earnest this is a database, or the check of a signature.
const users = new Map([
  ['abc123', { id: 'ada', name: 'Ada' }],
  ['def456', { id: 'ben', name: 'Ben' }],
])

const io = new Server({ authenticate: (token) => users.get(token) })

io.on('connection', (socket) => {
  console.log(`${socket.user.name} came by ${socket.handshake.url}`)
  socket.send(`Hello ${socket.user.name}`)
  socket.on('message', (text) => io.send(`${socket.user.name}: ${text}`))
})

io.listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () => {
  console.log(`ws://localhost:${io.httpServer.address().port}`)
})
