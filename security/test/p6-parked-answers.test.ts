import type { AddressLimits } from '@partyline/server'
import { describe, expect, it } from 'vitest'
import { isTorture, runs } from '../../test/torture.ts'
import { httpRequest, type Peer } from '../src/peer.ts'
import { type Target, underAttack } from '../src/under-attack.ts'
import { until } from '../src/until.ts'

const rooms = { lobby: { subscribe: true, publish: true, history: true, presence: true } }
/** The limit that there is, or one that is sooner reached. */
const most = runs(20, 500)
const beyond = runs(20, 1_500)
const perAddress: AddressLimits = isTorture ? {} : { maxStreams: most }
const options = { rooms, http: '/api', trustProxy: true, perAddress }

const here = '203.0.113.7'

interface Kind {
  readonly name: 'sse' | 'longPoll'
  open(target: Target, address?: string): Promise<Peer>
  /** Whether it is one that goes on: a poll that waits is not answered yet. */
  isOpen(peer: Peer): boolean
}

async function place(target: Target): Promise<string> {
  const peer = await target.tcp()
  peer.send(httpRequest('GET', '/api/events?room=lobby', ['Host: localhost', 'Connection: close']))
  await peer.over()
  return JSON.parse(peer.answer.slice(peer.answer.indexOf('\r\n\r\n'))).place
}

const from = (address: string): string[] => ['Host: localhost', `X-Forwarded-For: ${address}`]

const kinds: readonly Kind[] = [
  {
    name: 'sse',
    async open(target, address = here) {
      const peer = await target.tcp()
      peer.send(httpRequest('GET', '/api/events?room=lobby', [...from(address), 'Accept: text/event-stream']))
      await peer.answered()
      return peer
    },
    isOpen: (peer) => !peer.isOver && peer.status === 200 && !peer.answer.includes('overloaded'),
  },
  {
    name: 'longPoll',
    async open(target, address = here) {
      const since = await place(target)
      const peer = await target.tcp()
      const before = target.io.stats.clients.byTransport.longPoll
      peer.send(httpRequest('GET', `/api/events?room=lobby&since=${since}&wait=55`, from(address)))
      const isParked = (): boolean => target.io.stats.clients.byTransport.longPoll > before
      await until(() => isParked() || peer.status !== undefined, 'it waits, or is answered')
      return peer
    },
    isOpen: (peer) => !peer.isOver && peer.status === undefined,
  },
]

async function openMany(target: Target, kind: Kind, count: number): Promise<Peer[]> {
  const peers: Peer[] = []
  for (let index = 0; index < count; index++) peers.push(await kind.open(target))
  return peers
}

function expectRefused({ name }: Kind, peer: Peer): void {
  if (name === 'sse') {
    // An `EventSource` does not come back after an error status.
    expect([peer.status, peer.answer]).toEqual([200, expect.stringMatching(/\r\nretry: 1000\nevent: overloaded\n/)])
  } else {
    expect([peer.status, peer.answer]).toEqual([429, expect.stringMatching(/\r\nRetry-After: 1\r\n/)])
    expect(peer.answer).toContain('"code":"too_many"')
  }
}

describe.each(kinds)('P6: parked answers, $name', (kind) => {
  it('are so many for one address, and others get theirs; when they have gone there is room again', async () => {
    await underAttack(options, async (target) => {
      const open = await openMany(target, kind, most)
      expect(open.every((peer) => kind.isOpen(peer))).toBe(true)
      for (const peer of await openMany(target, kind, beyond)) expectRefused(kind, peer)
      expect(target.io.stats.clients.byTransport[kind.name]).toBe(most)
      // Another address has room, and one network of IPv6 is one address.
      expect(kind.isOpen(await kind.open(target, '203.0.113.8'))).toBe(true)
      // What is short is not refused.
      expect(await place(target)).toMatch(/^[\w.-]+$/)

      for (const peer of open.slice(0, 3)) await peer.drop()
      await until(() => target.io.stats.clients.byTransport[kind.name] === most - 2, 'they are gone')
      for (let index = 0; index < 3; index++) expect(kind.isOpen(await kind.open(target))).toBe(true)
      expectRefused(kind, await kind.open(target))
    })
  })

  it('all hear what is said, and the refused nothing', async () => {
    await underAttack(options, async (target) => {
      const open = await openMany(target, kind, most)
      const refused = await kind.open(target)
      await target.io.publish('lobby', 'heard by all')
      for (const peer of open) await until(() => peer.answer.includes('heard by all'), 'it is heard')
      expect(refused.answer).not.toContain('heard by all')
    })
  })

  it('are counted with WebSockets over all addresses', async () => {
    await underAttack({ ...options, perAddress: false, maxConnections: 5 }, async (target) => {
      const open = await openMany(target, kind, 4)
      expect(open.every((peer) => kind.isOpen(peer))).toBe(true)
      const peer = await kind.open(target)
      if (kind.name === 'sse') expectRefused(kind, peer)
      else expect([peer.status, peer.answer]).toEqual([503, expect.stringMatching(/\r\nRetry-After: 1\r\n/)])
      expect((await target.asking()).status).toBe(503)
      for (const each of open) await each.drop()
      await until(() => target.io.stats.clients.total === 1, 'they are gone')
      expect((await target.asking()).status).toBe(101)
    })
  })

  it('are not counted for loopback by default, where no proxy is trusted', async () => {
    await underAttack({ rooms, http: '/api' }, async (target) => {
      const open = await openMany(target, kind, runs(30, 1_000))
      expect(open.every((peer) => kind.isOpen(peer))).toBe(true)
    })
  })
})
