import type { RoomRules } from '@partyline/server'
import { describe, expect, it } from 'vitest'
import { isTorture, runs } from '../../test/torture.ts'
import { excess } from '../src/footing.ts'
import { json, text } from '../src/frame.ts'
import { LeakWatch } from '../src/leak-watch.ts'
import { httpRequest, type Peer } from '../src/peer.ts'
import { type Target, underAttack } from '../src/under-attack.ts'
import { until } from '../src/until.ts'

const everything = { subscribe: true, publish: true, history: true, presence: true }
const keep = { entries: 100, ageMs: 600_000 }
const rooms: RoomRules = { lobby: { ...everything, keep }, 'own:*': { ...everything, keep: false } }

/**
 * Twenty seconds pass for the server in one of ours: who has dropped is waited for, shown as present and forgotten within a
 * few of ours. Nobody is to be missed or closed meanwhile because this machine is slow.
 */
const speed = 20
const options = {
  rooms,
  http: '/api',
  sessionTtlMs: 10_000,
  connectTimeoutMs: 600_000,
  heartbeatMs: 600_000,
  closeTimeoutMs: 20_000,
} as const

const atOnce = runs(50, 500)
const SOAK_MS = 60_000

/** Comes, and does what clients do. */
type Coming = (target: Target, index: number) => Promise<Peer>

/** What everybody over a WebSocket does when it is in. */
async function takePart(peer: Peer, index: number): Promise<Peer> {
  const before = peer.texts.length
  peer.send(
    json({ type: 'subscribe', room: 'lobby', id: 1 }),
    json({ type: 'subscribe', room: `own:${index}`, id: 2 }),
    json({ type: 'presence', room: 'lobby', id: 3 }),
    json({ type: 'publish', room: 'lobby', data: index, key: `key ${index}`, id: 4 }),
    json({ type: 'asked', data: index, id: 5 }),
  )
  await peer.texted(before + 5)
  return peer
}

const comings: readonly Coming[] = [
  async (target, index) => takePart(await target.webSocket(), index),
  async (target, index) => {
    const peer = await target.webSocket({ headers: ['Sec-WebSocket-Protocol: partyline.v1'] })
    peer.send(json({ type: 'connect', name: `number ${index}` }))
    await peer.texted(1)
    return takePart(peer, index)
  },
  async (target) => {
    const peer = await target.tcp()
    peer.send(httpRequest('GET', '/api/events?room=lobby', ['Host: localhost', 'Accept: text/event-stream']))
    await peer.answered()
    return peer
  },
  async (target) => {
    const asking = await target.tcp()
    asking.send(httpRequest('GET', '/api/events?room=own:none', ['Host: localhost', 'Connection: close']))
    await asking.over()
    const { place } = JSON.parse(asking.answer.slice(asking.answer.indexOf('\r\n\r\n')))
    const peer = await target.tcp()
    peer.send(httpRequest('GET', `/api/events?room=own:none&since=${place}&wait=55`, ['Host: localhost']))
    return peer
  },
  async (target, index) => {
    const peer = await target.tcp()
    const path = '/api/rooms/lobby/publications'
    peer.send(httpRequest('POST', path, ['Host: localhost', 'Content-Type: text/plain'], `said by ${index}`))
    await peer.answered()
    return peer
  },
]

/** Goes, politely first, then in every other way. */
const goings: readonly ((peer: Peer) => Promise<void>)[] = [
  (peer) => peer.leave(),
  (peer) => peer.drop(),
  (peer) => peer.leave(),
  async (peer) => void peer.socket.end(text('half a frame').subarray(0, 5)),
  (peer) => peer.leave(),
  async (peer) => void peer.socket.end(),
  (peer) => peer.leave(),
  async (peer) => {
    peer.send(text('half a frame').subarray(0, 5))
    await peer.drop()
  },
  (peer) => peer.leave(),
  async (peer) => peer.send(text('', { reserved: 7 })),
  (peer) => peer.leave(),
  async (peer) => void peer.socket.destroy(),
  (peer) => peer.leave(),
  // Only falls silent, with its line open.
  async (peer) => void peer.socket.pause(),
]

/** So many come and go, `atOnce` of them at a time. */
async function comeAndGo(target: Target, from: number): Promise<void> {
  const indices = Array.from({ length: atOnce }, (_, each) => from + each)
  // In all combinations of coming and going: their numbers have no common divisor.
  const peers = await Promise.all(indices.map((index) => (comings[index % comings.length] as Coming)(target, index)))
  await Promise.all(peers.map((peer, each) => goings[(from + each) % goings.length]?.(peer)))
  await target.dropAll()
}

/** Lets them come and go, and answers what there is more of when all have gone and nobody is waited for any more. */
async function soak(target: Target, comeAndGoAgain: (count: number) => boolean): Promise<string[]> {
  const watch = new LeakWatch(target.io)
  await comeAndGo(target, 0)
  await allGone(target)
  const before = watch.counts()
  let count = atOnce
  while (comeAndGoAgain(count)) {
    await comeAndGo(target, count)
    count += atOnce
  }
  await allGone(target)
  // A socket or two may be what was looked at last.
  const now = watch.counts()
  const sockets = 'sockets in memory'
  return excess({ ...before, [sockets]: (before[sockets] ?? 0) + 2 }, now)
}

async function allGone({ io }: Target): Promise<void> {
  await until(() => io.stats.clients.total === 1, 'the clients have gone')
  await until(() => io.stats.suspended.count === 0, 'the sessions have been forgotten')
  await until(() => io.stats.presenceRooms === 0, 'nobody is shown any more')
}

/** What an application does for each socket, and answers how it is undone. */
type Leak = (target: Target) => () => void

const leaks: readonly (readonly [what: string, leak: Leak])[] = [
  [
    'listeners of the process',
    ({ io }) => {
      const onSignal = (): void => {}
      io.on('connection', () => void process.on('SIGUSR2', onSignal))
      return () => void process.removeAllListeners('SIGUSR2')
    },
  ],
  [
    'listeners of the HTTP server',
    ({ io }) => {
      io.on('connection', () => void io.httpServer?.on('timeout', () => {}))
      return () => void io.httpServer?.removeAllListeners('timeout')
    },
  ],
  [
    'listeners of the server',
    ({ io }) => {
      io.on('connection', () => void io.on('connection', () => {}))
      return () => {}
    },
  ],
  [
    'sockets in memory',
    ({ io }) => {
      const heard: unknown[] = []
      io.on('connection', (socket) => {
        socket.on('disconnect', () => void heard.push(() => socket.id))
      })
      return () => {}
    },
  ],
]

describe('a soak', () => {
  it('leaves everything as it was: handles, rooms, timers, maps and listeners', async () => {
    await underAttack(
      options,
      async (target) => {
        target.io.on('connection', (socket) => {
          socket.on('asked', (data: unknown, answer: (data: unknown) => void) => answer(data))
          socket.on('disconnect', () => {})
        })
        const end = performance.now() + SOAK_MS
        const goOn = (count: number): boolean => (isTorture ? performance.now() < end : count < 1_000)
        expect(await soak(target, goOn)).toEqual([])
      },
      { speed },
    )
  })

  it.each(leaks)('finds what leaks: %s', async (what, leak) => {
    await underAttack(
      options,
      async (target) => {
        // Node's own detector is not meant here.
        const most = process.getMaxListeners()
        process.setMaxListeners(0)
        target.io.httpServer?.setMaxListeners(0)
        const undo = leak(target)
        try {
          expect(await soak(target, (count) => count < 2 * atOnce)).toEqual([expect.stringContaining(`${what}: `)])
        } finally {
          undo()
          process.setMaxListeners(most)
        }
      },
      { speed },
    )
  })
})
