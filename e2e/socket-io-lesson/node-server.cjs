// A first Socket.IO program. What it is made with is the package that this name stands for.
const express = require('express')
const http = require('node:http')
const socketIo = require('socket.io')

const app = express()
const server = http.createServer(app)
const io = socketIo(server)

app.get('/', (_request, response) => response.send('the page'))

io.on('connection', (socket) => {
  console.log('somebody came')

  socket.on('message', (data) => {
    console.log('heard', data)
    socket.emit('response', `Echo: ${data}`)
  })

  socket.on('to all', (data) => io.emit('news', data))

  socket.on('disconnect', () => console.log('somebody left'))
})

server.listen(0, '127.0.0.1', () => console.log(`up at http://localhost:${server.address().port}`))
