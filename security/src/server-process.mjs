// A server in a process of its own, whose loop and heap nobody else is a burden to; more options as JSON. Told 'measure', it begins anew; told
// 'tell', it answers how long its loop was blocked since, and its heap after several collections. Blocked is counted in the
// processor's time: what other processes of the machine take is not ours.
import { setTimeout as delay } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Server } from '@partyline/server'

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc')

const TICK_MS = 2
const PATIENCE_TURNS = 1_000

function heapBytes(io) {
  for (let round = 0; round < 5; round++) gc()
  return process.memoryUsage().heapUsed - io.stats.kept.bytes
}

const silent = () => {}
const everything = { subscribe: true, publish: true, history: true, presence: true }
const io = new Server({
  rooms: { lobby: everything, gone: { ...everything, keep: false } },
  http: '/api',
  closeTimeoutMs: 500,
  messageTimeoutMs: 1_000,
  perMessageDeflate: true,
  logger: { info: silent, warn: silent, error: silent },
  ...JSON.parse(process.argv[2] ?? '{}'),
})
io.on('connection', (socket) => {
  socket.on('message', (data) => socket.send(typeof data === 'string' ? `Echo: ${data}` : data))
})

let blockedMs = 0
let ticking

function measure() {
  blockedMs = 0
  let last = process.cpuUsage()
  ticking = setInterval(() => {
    const { user, system } = process.cpuUsage(last)
    last = process.cpuUsage()
    blockedMs = Math.max(blockedMs, (user + system) / 1_000)
  }, TICK_MS)
}

/** Waits until the attackers' ends are seen. */
async function calm() {
  for (let turn = 0; io.stats.clients.total > 1 && turn < PATIENCE_TURNS; turn++) await delay(5)
}

async function tell() {
  clearInterval(ticking)
  await calm()
  process.send({ blockedMs, heapBytes: heapBytes(io), clients: io.stats.clients.total })
}

process.on('message', (order) => {
  if (order === 'tell') void tell()
  else {
    void calm().then(() => {
      process.send({ heapBytes: heapBytes(io) })
      measure()
    })
  }
})
io.listen(0, '127.0.0.1', () => process.send({ port: io.httpServer.address().port }))
