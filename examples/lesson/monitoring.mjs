// The pattern: know how many are connected.
// Here `io.stats` counts them by transport and protocol, with rooms, sessions and what is kept. It is a getter and costs
// little: hand it to whatever you measure with. `refusalOf` keeps pages of other sites away from a route of your own.
import { createServer } from 'node:http'
import { Server } from '@partyline/server'

const server = createServer((request, response) => {
  if (request.url !== '/stats') return response.writeHead(404).end()
  if (io.refusalOf(request) !== undefined) return response.writeHead(403).end()
  response.setHeader('Content-Type', 'application/json')
  response.end(JSON.stringify(io.stats))
})
const io = new Server(server, { http: '/api', rooms: { lobby: { subscribe: true } } })

const tell = () => console.log(`connected: ${io.sockets.sockets.size}`)
io.on('connection', (socket) => {
  tell()
  socket.on('disconnect', tell)
})

server.listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () => {
  console.log(`http://localhost:${server.address().port}/stats`)
})
