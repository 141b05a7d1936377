import { describe, expect, it } from 'vitest'
import { runs } from '../../test/torture.ts'
import { collectGarbage } from '../src/collect-garbage.ts'
import { json, Opcode } from '../src/frame.ts'
import type { Peer } from '../src/peer.ts'
import { type Target, underAttack } from '../src/under-attack.ts'
import { until } from '../src/until.ts'

const publicationBytes = 10_000
const data = 'x'.repeat(publicationBytes)
const readers = runs(20, 200)
const publications = runs(1_500, 10_000)
const keptEntries = 20
const strict = { headers: ['Sec-WebSocket-Protocol: partyline.v1'] }

const rooms = {
  kept: { subscribe: true, keep: { entries: keptEntries, ageMs: 600_000 } },
  gone: { subscribe: true, keep: false },
} as const

/** What loopback holds by itself: some megabytes for each connection. */
const options = {
  rooms,
  sessionTtlMs: 500,
  maxBufferedBytes: runs(100_000, 1_000_000),
  hardMaxBufferedBytes: runs(400_000, 16_000_000),
}

async function readersOf(target: Target, room: string): Promise<Peer[]> {
  const peers = await target.webSockets(readers, strict)
  for (const peer of peers) peer.send(json({ type: 'connect' }), json({ type: 'subscribe', room, id: 1 }))
  for (const peer of peers) await peer.texted(2)
  for (const peer of peers) {
    peer.socket.pause()
    peer.frames.length = 0
  }
  return peers
}

const bytesHeld = (): number => {
  collectGarbage()
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  return arrayBuffers + heapUsed
}

/** Bytes that wait in Node for readers that do not read. */
const unsentBytes = ({ sockets }: Target): number[] => [...sockets].map((socket) => socket.writableLength)

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
      const slow = await readersOf(target, 'kept')
      const before = target.io.stats.publications
      const held = await flood(target, 'kept')
      expect(target.io.stats.publications - before).toBe(publications)
      for (const bytes of unsentBytes(target)) expect(bytes).toBeLessThan(2 * options.maxBufferedBytes)
      expect(held).toBeLessThan(readers * options.maxBufferedBytes + 8_000_000)
      expect(target.io.stats.clients.total).toBe(1 + readers)
      for (const reader of slow) reader.socket.resume()
      const { seq: head } = target.io.stats.kept
      const messages = (reader: Peer) => reader.texts.map((each) => JSON.parse(each))
      await new Promise((r) => setTimeout(r, 3000))
      console.log(
        head,
        slow.map((r) => {
          const m = messages(r)
          return [
            m.length,
            m.at(-1)?.seq,
            m.at(-1)?.type,
            r.isOver,
            JSON.stringify(m.find((x) => x.type === 'gap')),
          ].join(' ')
        }),
        held,
        unsentBytes(target),
      )
      await until(() => slow.every((reader) => messages(reader).at(-1)?.seq === head), 'everybody is at the head')
      for (const reader of slow) {
        const all = messages(reader).filter(({ type }) => type !== 'ping')
        // From the first publication on without a hole to where it fell behind, then a gap, then what is kept.
        const gap = all.findIndex(({ type }) => type === 'gap')
        expect(gap).toBeGreaterThan(0)
        const seqs = all.map(({ seq }) => seq)
        const steps = seqs.slice(1).map((seq, index) => seq - seqs[index])
        expect(steps.every((step, index) => step === 1 || index + 1 === gap)).toBe(true)
        expect(all.filter(({ type }) => type === 'gap')).toHaveLength(1)
        expect(reader.closes).toEqual([])
      }
    })
  })

  it('closes with 1013 and a delay for whom too much is unsent that nobody keeps', async () => {
    await underAttack(options, async (target) => {
      const slow = await readersOf(target, 'gone')
      const held = await flood(target, 'gone')
      expect(held).toBeLessThan(readers * options.hardMaxBufferedBytes + 8_000_000)
      await until(() => target.io.stats.clients.total === 1, 'the slow ones are closed')
      for (const reader of slow) {
        reader.socket.resume()
        // The window was closed: the close frame comes behind all that, or the time for it was over.
        const code = await reader.closed()
        if (code !== undefined)
          expect(reader.closes).toEqual([{ code: 1013, reason: expect.stringMatching(/^retry=\d+ /) }])
      }
    })
  })

  it('closes with 1013 who has not moved a byte while some are unsent', async () => {
    await underAttack({ ...options, heartbeatMs: 100, heartbeatTimeoutMs: 100 }, async (target) => {
      const slow = await readersOf(target, 'kept')
      await flood(target, 'kept')
      await until(() => target.io.stats.clients.total === 1, 'the stuck ones are closed')
      for (const reader of slow) {
        reader.socket.resume()
        await reader.over()
      }
    })
  })

  it('drops nobody who reads slowly', async () => {
    await underAttack({ ...options, heartbeatMs: 500, heartbeatTimeoutMs: 500 }, async (target) => {
      const [reader] = (await readersOf(target, 'kept')).splice(0, 1)
      for (const socket of target.io.sockets.sockets.values()) void socket
      await flood(target, 'kept')
      expect(reader?.isOver).toBe(false)
      expect(reader?.frames.some(({ opcode }) => opcode === Opcode.close)).toBe(false)
    })
  })
})
