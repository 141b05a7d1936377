// The pattern: `ws://` while developing, `wss://` in earnest.
// Here a server takes an `https.Server` as it takes an `http.Server`, and everything else stays as it is. The standalone
// server does it with an option, renews certificates without dropping anybody, and makes one for your own machine.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { Server } from '@partyline/server'

const { CERT = 'cert.pem', KEY = 'key.pem', PORT = 8443 } = process.env

const server = createServer({ cert: readFileSync(CERT), key: readFileSync(KEY), handshakeTimeout: 10_000 })
const io = new Server(server)

io.on('connection', (socket) => {
  socket.send(socket.handshake.secure ? 'nobody listens in' : 'anybody may listen in')
  socket.on('message', (text) => socket.send(`Echo: ${text}`))
})

server.listen(Number(PORT), '127.0.0.1', () => console.log(`wss://localhost:${server.address().port}`))
