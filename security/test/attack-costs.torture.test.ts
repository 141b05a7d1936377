import { constants, deflateRawSync } from 'node:zlib'
import type { ServerOptions } from '@partyline/server'
import { describe, expect, it } from 'vitest'
import { frame, json, Opcode, ping, text } from '../src/frame.ts'
import { type Attackers, measuredAttack } from '../src/measured-attack.ts'
import { Peer, upgradeHead } from '../src/peer.ts'

const { continuation } = Opcode
const repeated = (bytes: Buffer, count: number): Buffer => Buffer.alloc(count * bytes.length, bytes)
const opening = text('', { final: false })

/** What each of so many attackers sends on an open WebSocket, before it waits for the end. */
const floods: readonly (readonly [name: string, attackers: number, bytes: Buffer])[] = [
  [
    'F2: 100,000 empty fragments',
    1,
    Buffer.concat([opening, repeated(frame(continuation, '', { final: false }), 100_000)]),
  ],
  [
    'F2: fragments of one byte',
    1,
    Buffer.concat([opening, repeated(frame(continuation, 'x', { final: false }), 200_000)]),
  ],
  ['F3: 100,000 pings', 1, repeated(ping('x'), 100_000)],
  ['F3: 100,000 pongs', 1, repeated(frame(Opcode.pong, 'x'), 100_000)],
  ['F9: frames that claim 2^62 bytes', 100, text('', { claims: 1n << 62n }).subarray(0, 14)],
  [
    'A4: brackets that never end, and a bad frame',
    1,
    Buffer.concat([text(`{"type":"deep","data":${'['.repeat(900_000)}`), text('', { reserved: 7 })]),
  ],
  ['F1: messages that are never finished', 200, text('x'.repeat(100)).subarray(0, 50)],
]

/** As the standalone server has them; the library has none unless it is told. */
const rates: ServerOptions = { rates: { messages: '100 per second, burst 200' } }

async function isCheap(attack: (attackers: Attackers) => Promise<void>, options: ServerOptions = {}): Promise<void> {
  const { attacked, spared, heapGrowth, clients } = await measuredAttack(attack, options)
  expect(clients).toBe(1)
  expect(attacked.echoes).toBeGreaterThan(0)
  expect(attacked.slowestEchoMs - spared.slowestEchoMs, 'the slowest echo, in ms').toBeLessThan(200)
  expect(attacked.blockedMs, 'the longest that the loop was blocked, in ms').toBeLessThan(50)
  expect(heapGrowth, 'the heap after and before').toBeLessThan(1.05)
}

describe('what an attack costs', () => {
  it.each(floods)('is little for %s', async (_name, count, bytes) => {
    await isCheap(async ({ webSockets }) => {
      const attackers = await webSockets(count)
      for (const attacker of attackers) attacker.send(bytes)
      await Promise.all(attackers.map((attacker) => attacker.over()))
    })
  })

  it('is little for H4: heads of 2,001 fields', async () => {
    const head = upgradeHead({ headers: Array.from({ length: 1_996 }, () => 'a: b') })
    await isCheap(async ({ port }) => {
      for (let round = 0; round < 20; round++) {
        const peers = await Promise.all(Array.from({ length: 25 }, () => Peer.tcp(port)))
        for (const peer of peers) peer.send(head)
        for (const peer of peers) await peer.over()
        for (const peer of peers) expect(peer.status).toBe(431)
        await Promise.all(peers.map((peer) => peer.drop()))
      }
    })
  })

  it.each([
    ['1,000 small bombs, 200 at a time', 5, 200, 2_000_000, 1],
    ['20,000 bombs within the limit, in a row', 1, 10, 60_000, 2_000],
  ])('is little for F8: %s', async (_name, rounds, count, bytes, repeats) => {
    const payload = deflateRawSync(Buffer.alloc(bytes), { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4)
    const bombs = repeated(frame(Opcode.binary, payload, { reserved: 4 }), repeats)
    await isCheap(async ({ webSockets }) => {
      for (let round = 0; round < rounds; round++) {
        const attackers = await webSockets(count, { headers: ['Sec-WebSocket-Extensions: permessage-deflate'] })
        for (const attacker of attackers) {
          attacker.onFrame = () => {}
          attacker.send(bombs, text('', { reserved: 7 }))
        }
        await Promise.all(attackers.map((attacker) => attacker.over()))
      }
    })
  })

  it('is little for A2: 10,000 names that were made up', async () => {
    const messages = Array.from({ length: 500 }, (_, index) => json({ type: `name ${index}`, id: index }))
    await isCheap(async ({ webSockets }) => {
      const attackers = await webSockets(20)
      for (const attacker of attackers) attacker.send(...messages)
      for (const attacker of attackers) await attacker.texted(messages.length)
    }, rates)
  })

  it('is little for F6: 200 readers that stop while 100 MB are published', async () => {
    const publication = json({ type: 'publish', room: 'gone', data: 'x'.repeat(10_000) })
    await isCheap(async ({ webSockets }) => {
      const readers = await webSockets(200)
      for (const reader of readers) reader.send(json({ type: 'subscribe', room: 'gone', id: 1 }))
      for (const reader of readers) await reader.texted(1)
      for (const reader of readers) reader.socket.pause()
      const [publisher] = (await webSockets(1)) as [Peer]
      for (let count = 1; count <= 500; count++) {
        for (let each = 0; each < 20; each++) publisher.send(publication)
        publisher.send(json({ type: 'history', room: 'gone', id: count }))
        await publisher.texted(count)
      }
    })
  })
})
