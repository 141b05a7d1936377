import { describe, expect, it } from 'vitest'
import { runs } from '../../test/torture.ts'
import { collectGarbage } from '../src/collect-garbage.ts'
import { frame, json, Opcode } from '../src/frame.ts'
import type { Peer } from '../src/peer.ts'
import { type Target, underAttack } from '../src/under-attack.ts'
import { until } from '../src/until.ts'

const data = 'x'.repeat(10_000)
const readers = runs(20, 200)
/** Loopback alone holds some megabytes for each connection: more than those must be published. */
const publications = runs(1_500, 10_000)

const rooms = {
  kept: { subscribe: true, keep: { entries: 20, ageMs: 600_000 } },
  gone: { subscribe: true, keep: false },
} as const

const options = {
  rooms,
  maxBufferedBytes: runs(100_000, 1_000_000),
  hardMaxBufferedBytes: runs(400_000, 16_000_000),
}

/** What is held beside the limits: what rooms keep, frames that are shared, and what the tests themselves leave about. */
const otherBytes = 8_000_000

/** Members of a room that stop reading. */
async function stopped(target: Target, room: string): Promise<Peer[]> {
  const peers = await target.webSockets(readers)
  for (const peer of peers) peer.send(json({ type: 'subscribe', room, id: 1 }))
  for (const peer of peers) {
    await peer.texted(1)
    peer.socket.pause()
    peer.frames.length = 0
  }
  return peers
}

/** What it has read so far, in order. */
const heard = (reader: Peer) => reader.texts.map((each) => JSON.parse(each))

function bytesHeld(): number {
  collectGarbage()
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  return arrayBuffers + heapUsed
}

/** Publishes all of it, a handful a turn, and answers the most that was held meanwhile beyond what was before. */
async function flood(target: Target, room: string): Promise<number> {
  const before = bytesHeld()
  let most = 0
  for (let sent = 0; sent < publications; ) {
    for (let turn = 0; turn < 20 && sent < publications; turn++, sent++) await target.io.publish(room, data)
    await target.healthy.echo()
    if (sent % 500 === 0) most = Math.max(most, bytesHeld() - before)
  }
  return most
}

describe('F6: slow readers', () => {
  it('holds a bounded amount for those who stop, drops nobody, and tells each what it missed', async () => {
    await underAttack(options, async (target) => {
      const slow = await stopped(target, 'kept')
      const first = target.io.stats.kept.seq + 1
      const held = await flood(target, 'kept')
      const { seq: head } = target.io.stats.kept
      expect(head).toBe(first + publications - 1)
      expect(held).toBeLessThan(readers * options.maxBufferedBytes + otherBytes)
      for (const socket of target.sockets) expect(socket.writableLength).toBeLessThan(2 * options.maxBufferedBytes)
      expect(target.io.stats.clients.total).toBe(1 + readers)

      for (const reader of slow) reader.socket.resume()
      await until(() => slow.every((reader) => heard(reader).at(-1)?.type === 'gap'), 'everybody is told')
      await target.io.publish('kept', 'live')
      for (const reader of slow) {
        await until(() => heard(reader).at(-1)?.data === 'live', 'everybody is at the head')
        const all = heard(reader)
        // Without a hole up to where it fell behind, then the gap to where it stands, and live from there on.
        expect(all.slice(0, -2).map(({ seq }) => seq)).toEqual(
          Array.from({ length: all.length - 2 }, (_, index) => first + index),
        )
        expect(all.at(-2)).toMatchObject({ type: 'gap', room: 'kept', seq: head })
        expect(all.at(-1)).toMatchObject({ type: 'message', seq: head + 1 })
        expect(reader.closes).toEqual([])
      }
    })
  })

  it('closes with 1013 and a delay for whom too much is unsent that nobody keeps', async () => {
    // The close frame waits behind all that lies in the window, for as long as this.
    await underAttack({ ...options, closeTimeoutMs: 60_000 }, async (target) => {
      const slow = await stopped(target, 'gone')
      const held = await flood(target, 'gone')
      expect(held).toBeLessThan(readers * options.hardMaxBufferedBytes + otherBytes)
      for (const reader of slow) reader.socket.resume()
      for (const reader of slow) {
        expect(await reader.closed()).toBe(1013)
        expect(reader.closes).toEqual([{ code: 1013, reason: expect.stringMatching(/^retry=\d+ /) }])
        expect(reader.texts.length).toBeLessThan(publications)
      }
    })
  })

  it('closes with 1013 who has not moved a byte for a minute, and not who reads slowly', async () => {
    await underAttack(
      { ...options, closeTimeoutMs: 300 },
      async (target) => {
        const [slow, ...stuck] = await stopped(target, 'kept')
        const reader = slow as Peer
        reader.onFrame = (each) => {
          reader.frames.push(each)
          if (each.opcode === Opcode.ping) reader.send(frame(Opcode.pong, each.payload))
        }
        // A little at a time, so that a ping is read within the two minutes that a slow line has; the others read nothing.
        let left = 0
        reader.socket.on('data', (bytes) => {
          left -= bytes.length
          if (left <= 0) reader.socket.pause()
        })
        const pace = setInterval(() => {
          left = 128 * 1024
          reader.socket.resume()
        }, 40)
        try {
          await flood(target, 'kept')
          await until(() => target.io.stats.clients.total <= 2, 'the stuck ones are closed')
          const { seq: head } = target.io.stats.kept
          await until(() => reader.isOver || heard(reader).at(-1)?.seq === head, 'the slow one is at the head')
        } finally {
          clearInterval(pace)
        }
        expect(reader.isOver).toBe(false)
        expect(reader.closes).toEqual([])
        for (const each of stuck) each.socket.resume()
        for (const each of stuck) await each.over()
      },
      { speed: 30 },
    )
  })
})
