// The same as flask_server.py, with this library. patterns.mjs PORT
import { createServer } from 'node:http'
import { escapeHtml, Server } from '@partyline/server'

const server = createServer()
const io = new Server(server)

io.use((socket, next) => next(socket.handshake.auth.token === 'bad' ? new Error('who are you?') : undefined))

io.on('connection', (socket) => {
  console.log('came')
  socket.emit('response', { data: 'you are in' })

  socket.on('message', (data) => {
    console.log('heard', data)
    socket.emit('response', { data: `Echo: ${data}` })
  })

  socket.on('broadcast', (data) => io.emit('broadcast', data))
  socket.on('to the others', (data) => socket.broadcast.emit('broadcast', data))

  socket.on('join', async ({ room }) => {
    await socket.join(room)
    io.to(room).send(`somebody joined ${room}`)
  })

  socket.on('leave', async ({ room }, answer) => {
    await socket.leave(room)
    io.to(room).send(`somebody left ${room}`)
    answer('left', room)
  })

  socket.on('room_message', ({ room, message }) => io.to(room).emit('message', message))
  socket.on('who am I', () => io.to(socket.id).emit('you', { 'is a text': typeof socket.id === 'string' }))
  socket.on('ping', () => socket.emit('pong'))

  socket.on('save', (data, answer) => {
    if (typeof data !== 'object' || !('type' in data)) answer({ error: 'no type' })
    else answer({ saved: escapeHtml(data.text) })
  })

  socket.on('bytes', (data, answer) => answer(Buffer.from(data).reverse(), data.length))
  socket.on('line', (number) => socket.emit('line', number))
  socket.on('go away', () => socket.disconnect())
  socket.on('disconnect', () => console.log('left'))
})

const chat = io.of('/chat')
chat.on('connection', (socket) => {
  socket.send('this is the chat')
  socket.on('message', (data) => chat.send(`chat: ${data}`))
})

server.listen(Number(process.argv[2]), '127.0.0.1')
