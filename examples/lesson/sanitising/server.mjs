// The pattern: escape what people say before it is shown.
// Here text stays text: "<b>" arrives as "<b>", and the page shows it with `textContent`, which no markup survives. Who
// builds HTML by hand, like /transcript below, escapes there and then, once, with `escapeHtml`.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { escapeHtml, Server } from '@partyline/server'
import { z } from 'zod'

const page = readFileSync(new URL('page.html', import.meta.url))
const lastWords = []

const server = createServer((request, response) => {
  response.setHeader('Content-Type', 'text/html; charset=utf-8')
  if (request.url === '/') response.end(page)
  else if (request.url === '/transcript') response.end(transcript())
  else response.writeHead(404).end()
})

function transcript() {
  const lines = lastWords.map((text) => `<li>${escapeHtml(text)}</li>`)
  return `<!doctype html><title>Transcript</title><ul>${lines.join('')}</ul>`
}

const io = new Server(server)

io.on('connection', (socket) => {
  socket.on('message', z.string().max(1_000), (text) => {
    if (lastWords.push(text) > 100) lastWords.shift()
    io.send(text)
  })
})

server.listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () => {
  console.log(`http://localhost:${server.address().port}`)
})
