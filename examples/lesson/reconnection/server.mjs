// The pattern: a client that was cut off comes back.
// Here that is half of it: what was said meanwhile comes too, in order and once, or the client is told of a gap. The server
// says a number each half second; cut the line with the page's button, or `curl -X POST http://localhost:8080/cut`.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { Server } from '@partyline/server'

const page = readFileSync(new URL('page.html', import.meta.url))
const script = readFileSync(new URL(import.meta.resolve('@partyline/client/partyline.min.js')))

const server = createServer((request, response) => {
  if (request.url === '/') response.setHeader('Content-Type', 'text/html').end(page)
  else if (request.url === '/partyline.min.js') response.setHeader('Content-Type', 'text/javascript').end(script)
  else if (request.url === '/cut' && request.method === 'POST') cut(request, response)
  else response.writeHead(404).end()
})
const io = new Server(server, { rooms: { numbers: { subscribe: true } } })

let number = 0
setInterval(() => io.publish('numbers', ++number), 500)

/** Nobody says goodbye: as when a train enters a tunnel. */
const lines = new Set()
server.on('connection', (line) => lines.add(line.on('close', () => lines.delete(line))))
function cut(request, response) {
  if (io.refusalOf(request) !== undefined) return response.writeHead(403).end()
  for (const line of lines) if (line !== request.socket) line.resetAndDestroy()
  response.end('cut\n')
}

server.listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () => {
  console.log(`http://localhost:${server.address().port}`)
})
