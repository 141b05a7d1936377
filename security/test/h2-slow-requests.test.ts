import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server } from '@partyline/server'
import { describe, expect, it, onTestFinished } from 'vitest'
import { isTorture, runs } from '../../test/torture.ts'
import { HealthyClient } from '../src/healthy-client.ts'
import { httpRequest, Peer, upgradeHead } from '../src/peer.ts'
import { mark, type Target, underAttack } from '../src/under-attack.ts'

const rooms = { lobby: { subscribe: true, publish: true, history: true } }
const options = { rooms, http: '/api' }

/** The limit: what the server sets itself, or less where nobody wants to wait for that. */
const limitMs = isTorture ? 10_000 : 400
const dripMs = isTorture ? 1_000 : 30
const count = runs(20, 700)

/** Longer than any peer gets with one byte at a time. */
const head = upgradeHead({ headers: [`X-Slow: ${mark.repeat(20)}`] })
const body = mark.repeat(20)
const posting = ['Host: localhost', 'Content-Type: text/plain', `Content-Length: ${body.length}`]

/** What is sent at once, and what is sent byte by byte. */
const slow: readonly (readonly [name: string, start: string, rest: string])[] = [
  ['the head of a WebSocket', '', head],
  ['the body of a POST', httpRequest('POST', '/api/rooms/lobby/publications', posting), body],
  [
    'a body in chunks',
    httpRequest('POST', '/api/rooms/lobby/publications', [...posting.slice(0, 2), 'Transfer-Encoding: chunked']),
    `${body.length.toString(16)}\r\n${body}`,
  ],
]

/** Sends the rest a byte at a time to each, until the server has let go of all. */
async function drip(peers: readonly (readonly [Peer, string])[], everyMs: number): Promise<void> {
  let at = 0
  const timer = setInterval(() => {
    for (const [peer, rest] of peers) if (!peer.isOver && at < rest.length) peer.send(rest[at] as string)
    at++
  }, everyMs)
  try {
    for (const [peer] of peers) await peer.over()
  } finally {
    clearInterval(timer)
  }
  // Whoever was let go of was not through.
  for (const [, rest] of peers) expect(at).toBeLessThan(rest.length)
}

/** A limit that is short enough to wait for. How often it is looked at stays as it is. */
function shorten({ io }: Target): void {
  const server = io.httpServer
  if (server === undefined) throw new Error('it does not listen')
  expect([server.headersTimeout, server.requestTimeout]).toEqual([10_000, 10_000])
  server.headersTimeout = limitMs
  server.requestTimeout = limitMs
}

describe('H2: slow requests', () => {
  it('answers 408 to whoever takes too long for head or body, many at once, and lets go of them', async () => {
    await underAttack(options, async (target) => {
      shorten(target)
      const peers: (readonly [Peer, string])[] = []
      for (const [, start, rest] of slow) {
        for (let each = 0; each < count; each++) {
          const peer = await target.tcp()
          if (start !== '') peer.send(start)
          peers.push([peer, rest])
        }
      }
      await drip(peers, dripMs)
      expect(new Set(peers.map(([peer]) => peer.status))).toEqual(new Set([408]))
      for (const [peer] of peers) expect(peer.answer).not.toContain(mark)
      await target.left()
      expect(target.io.stats.kept.entries).toBe(0)
    })
  })

  it('reads what comes slowly and in time', async () => {
    await underAttack(options, async (target) => {
      const [upgrading, posting] = [await target.tcp(), await target.tcp()]
      const data = 'slowly'
      const post = httpRequest('POST', '/api/rooms/lobby/publications', [
        'Host: localhost',
        'Content-Type: text/plain',
        `Content-Length: ${data.length}`,
      ])
      const texts = [upgradeHead(), `${post}${data}`] as const
      for (let at = 0; at < Math.max(...texts.map(({ length }) => length)); at++) {
        upgrading.send(texts[0][at] ?? '')
        posting.send(texts[1][at] ?? '')
        await new Promise(setImmediate)
      }
      await upgrading.answered()
      await posting.answered()
      expect([upgrading.status, posting.status]).toEqual([101, 201])
      expect(target.io.stats.kept.entries).toBe(1)
    })
  })

  it('leaves the limits of a server that it was attached to as they are, and these hold', async () => {
    const limits = { headersTimeout: 300, requestTimeout: 300, connectionsCheckingInterval: 50 }
    const http = createServer(limits, (_request, response) => void response.end())
    const io = new Server(http, options)
    io.on('connection', (socket) => {
      socket.on('message', (text) => socket.send(`Echo: ${text}`))
    })
    onTestFinished(() => io.close())
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    expect([http.headersTimeout, http.requestTimeout]).toEqual([300, 300])
    const { port } = http.address() as AddressInfo
    const healthy = await HealthyClient.connect(port)
    const peers: (readonly [Peer, string])[] = []
    for (const [, start, rest] of slow) {
      const peer = await Peer.tcp(port)
      peer.send(start)
      peers.push([peer, rest])
    }
    await drip(peers, 30)
    for (const [peer] of peers) expect(peer.status).toBe(408)
    await healthy.echo()
    await healthy.stop()
    await Promise.all([healthy.peer, ...peers.map(([peer]) => peer)].map((peer) => peer.drop()))
  })
})
