import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server } from '@partyline/server'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { Random } from '../packages/server/test/hub/model/random.ts'
import { runs } from '../test/torture.ts'
import { Participant } from './src/participant.ts'
import { TcpProxy } from './src/tcp-proxy.ts'
import { faultsOf, type Line } from './src/transcript.ts'
import { until } from './src/until.ts'

const seed = Number(process.env.PARTYLINE_SEED ?? Date.now() % 1_000_000)
const open = { subscribe: true, publish: true }
const rooms = {
  kept: { keep: { entries: 100_000, ageMs: 3_600_000 }, ...open },
  passing: { keep: false, ...open },
} as const

/** A server, and a proxy of its own for each of two whose lines are cut. */
async function setting() {
  const httpServer = createServer()
  const io = new Server(httpServer, { rooms })
  io.on('connection', (socket) => {
    socket.on('are you there?', (acknowledge: () => void) => acknowledge())
  })
  httpServer.listen(0, '127.0.0.1')
  await once(httpServer, 'listening')
  onTestFinished(() => io.close())
  const { port } = httpServer.address() as AddressInfo
  const proxies = [await TcpProxy.start(port), await TcpProxy.start(port)] as const
  for (const proxy of proxies) onTestFinished(() => proxy.close())
  return { port, proxies }
}

/**
 * Ada and Ben publish in the room while their lines are cut, each after so many bytes, wherever that is: in a handshake,
 * a frame, a replay. Cleo, whose line holds, reads along. Returns what they saw, when all of it has come or never will.
 */
async function chatWhileLinesAreCut(room: string, cuts: number) {
  const random = new Random(seed)
  const { port, proxies } = await setting()
  const lines: Line[] = []
  const participant = (who: string, at: number): Participant => {
    const joined = new Participant(who, room, lines, `http://127.0.0.1:${at}`, {
      WebSocket,
      reconnect: { minDelayMs: 2, maxDelayMs: 20 },
      random: () => random.fraction(),
    })
    onTestFinished(() => joined.client.close())
    return joined
  }
  const ada = participant('Ada', proxies[0].port)
  const ben = participant('Ben', proxies[1].port)
  const cleo = participant('Cleo', port)
  const all = [ada, ben, cleo]
  await Promise.all(all.map((each) => each.join()))

  while (proxies[0].cutCount + proxies[1].cutCount < cuts) {
    const proxy = random.pick(proxies)
    proxy.cutAfter(random.below(4_000), random.pick(['reset', 'end']))
    for (let burst = random.below(12); burst >= 0; burst--) random.pick([ada, ben]).publish()
    // what is under way stays in bounds, and chance decides how much of it that is
    if (random.chance(0.3)) await Promise.all([ada.settled(), ben.settled()])
    else await random.pick([ada, ben]).settled()
  }
  for (const proxy of proxies) proxy.disarm()
  await Promise.all([ada.settled(), ben.settled()])

  // an answer shows that one is back, on a line that holds; what is said then shows that all before it has come, or never will
  await Promise.all(all.map(({ client }) => client.emitWithAck('are you there?')))
  const last = [ada.publish(), ben.publish()]
  await until(
    () => all.filter((each) => last.every((key) => each.has(key))).length,
    (count) => count === all.length,
  )
  await Promise.all([ada.settled(), ben.settled()])
  return { ada, ben, cleo, lines, faults: faultsOf(lines) }
}

describe(`two clients whose lines are cut (PARTYLINE_SEED=${seed})`, () => {
  it('miss nothing, get nothing twice, and agree on the order, in a room that is kept', async () => {
    const cuts = runs(60, 600)
    const { ada, ben, cleo, lines, faults } = await chatWhileLinesAreCut('kept', cuts)
    expect(faults.slice(0, 20)).toEqual([])
    expect(lines.filter(({ kind }) => kind === 'gap' || kind === 'refused' || kind === 'unknown')).toEqual([])
    for (const each of [ada, ben, cleo]) expect(each.hasRecovered).toBe(true)
    // a cut in a handshake is a return that never was
    expect(ada.liveCount + ben.liveCount).toBeGreaterThan(cuts / 3)
    expect(cleo.liveCount).toBe(1)
  })

  it('miss something in a room that keeps nothing, and are told so each time', async () => {
    const { ada, ben, lines, faults } = await chatWhileLinesAreCut('passing', runs(30, 300))
    expect(faults.slice(0, 20)).toEqual([])
    expect(ada.hasRecovered || ben.hasRecovered).toBe(false)
    // that something can be missed at all, and that the checker sees it, shows when the gaps are left out
    const untold = faultsOf(lines.filter(({ kind }) => kind !== 'gap')).join('\n')
    expect(untold).toMatch(/^Ada never received/m)
    expect(untold).toMatch(/^Ben never received/m)
    expect(untold).not.toMatch(/^Cleo/m)
  })
})
