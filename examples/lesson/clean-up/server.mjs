// The pattern: take listeners off again, or memory leaks.
// Here what listens to a socket goes with it. What a socket hung on something that stays, like the clock below, must be
// taken off when it goes. What is said to a room needs no listener of its own: a socket that has gone is in no room.
import { EventEmitter } from 'node:events'
import { Server } from '@partyline/server'

const clock = new EventEmitter()
setInterval(() => clock.emit('tick', new Date().toISOString()), 250)

const io = new Server()
clock.on('tick', (time) => io.to('watching').emit('tick', time)) // one for all of them

io.on('connection', (socket) => {
  socket.once('watch', () => socket.join('watching'))

  const tell = (time) => socket.volatile.emit('tick', time)
  socket.once('listen', () => clock.on('tick', tell)) // once: a second one would be a second listener
  socket.on('stop', () => clock.off('tick', tell))
  socket.on('disconnect', () => {
    clock.off('tick', tell)
    console.log(
      `left: ${io.sockets.sockets.size} sockets, ${clock.listenerCount('tick')} listener, ${io.stats.rooms} rooms`,
    )
  })
})

io.listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () => {
  console.log(`ws://localhost:${io.httpServer.address().port}`)
})
