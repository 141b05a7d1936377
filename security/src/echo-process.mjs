// A healthy client in a process of its own: asks for an echo, and so many milliseconds after it for the next. Told 'measure', it begins anew; told
// 'tell', it answers how many it got since, and how long the slowest took.
import WebSocket from 'ws'

const [port, paceMs] = process.argv.slice(2)
const socket = new WebSocket(`ws://127.0.0.1:${port}`)
let echoes = 0
let slowestMs = 0
let askedAt = 0

function ask() {
  askedAt = performance.now()
  socket.send('healthy')
}

socket.on('open', () => {
  process.send('open')
  ask()
})
socket.on('message', () => {
  echoes++
  slowestMs = Math.max(slowestMs, performance.now() - askedAt)
  setTimeout(ask, Number(paceMs))
})
socket.on('close', () => process.exit(1))
process.on('message', (order) => {
  if (order === 'tell') process.send({ echoes, slowestMs })
  echoes = 0
  slowestMs = 0
})
