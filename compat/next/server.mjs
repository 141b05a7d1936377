import { createServer } from 'node:http'
import { Server } from '@partyline/server'
import next from 'next'
import { WebSocketServer } from 'ws'

// A custom server as the documentation of Next has it, with Partyline and a WebSocket of the application's own beside it.

const server = createServer((request, response) => handle(request, response))
const app = next({ dev: process.argv.includes('--dev'), dir: import.meta.dirname, httpServer: server })
const handle = app.getRequestHandler()

const io = new Server(server)
io.on('connection', (socket) => {
  socket.on('message', (text) => socket.send(`Echo: ${text}`))
  socket.on('double', (number, answer) => answer(2 * number))
})

const beside = new WebSocketServer({ noServer: true })
server.on('upgrade', (request, stream, head) => {
  if (request.url !== '/beside') return
  beside.handleUpgrade(request, stream, head, (socket) => {
    socket.on('message', (text) => socket.send(`beside: ${text}`))
  })
})

await app.prepare()
server.listen(0, '127.0.0.1', () => console.log(`listening on port ${server.address().port}`))
