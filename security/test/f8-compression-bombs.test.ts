import { constants, deflateRawSync } from 'node:zlib'
import type { ServerOptions } from '@partyline/server'
import { describe, expect, it } from 'vitest'
import { runs } from '../../test/torture.ts'
import { frame, Opcode, text } from '../src/frame.ts'
import type { Peer } from '../src/peer.ts'
import { mark, underAttack } from '../src/under-attack.ts'
import { until } from '../src/until.ts'

const { binary, close, continuation, ping, pong } = Opcode
const RSV1 = { reserved: 4 }
const offering = { headers: ['Sec-WebSocket-Extensions: permessage-deflate'] }
const options: ServerOptions = { perMessageDeflate: true }
const takeover: ServerOptions = {
  perMessageDeflate: { serverNoContextTakeover: false, clientNoContextTakeover: false },
}

/** The payload of a compressed message. */
const deflated = (data: string | Uint8Array): Buffer =>
  deflateRawSync(data, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4)

/** A compressed payload in frames of so many bytes. */
function inFragments(payload: Buffer, size: number): Buffer {
  const frames: Buffer[] = []
  for (let at = 0; at < payload.length; at += size) {
    const final = at + size >= payload.length
    const piece = payload.subarray(at, at + size)
    frames.push(at === 0 ? frame(binary, piece, { final, ...RSV1 }) : frame(continuation, piece, { final }))
  }
  return Buffer.concat(frames)
}

const zeros = deflated(Buffer.alloc(10_000_000))
const bytesHeld = (): number => process.memoryUsage().arrayBuffers
const messagesOf = (peer: Peer): number => peer.frames.filter(({ opcode }) => opcode === binary).length

/** Broken in one way or another, and the code that answers it. */
const broken: readonly (readonly [name: string, bytes: Buffer, code: number])[] = [
  ['garbage', text(Buffer.from('ffffffff', 'hex'), RSV1), 1007],
  ['no bytes', text('', RSV1), 1007],
  ['an end inside a block', text(deflated(mark.repeat(10)).subarray(0, 8), RSV1), 1007],
  ['text that is no UTF-8', text(deflated(Buffer.from([0x80])), RSV1), 1007],
  ['a reference to what was never said', text(Buffer.from('f200110000', 'hex'), RSV1), 1007],
  [
    'a reference to an earlier message',
    Buffer.concat([text(Buffer.from('f248cdc9c90700', 'hex'), RSV1), text(Buffer.from('f200110000', 'hex'), RSV1)]),
    1007,
  ],
  ['a million final blocks', text(Buffer.alloc(999_998, '0300', 'hex'), RSV1), 1008],
  [
    'the bit on a continuation',
    Buffer.concat([text('x', { final: false, ...RSV1 }), frame(continuation, mark, RSV1)]),
    1002,
  ],
  [
    'the bit on the continuation of what is not compressed',
    Buffer.concat([text('x', { final: false }), frame(continuation, mark, RSV1)]),
    1002,
  ],
  ['the bit on a ping', frame(ping, mark, RSV1), 1002],
  ['the bit on a pong', frame(pong, mark, RSV1), 1002],
  ['the bit on a close frame', frame(close, Buffer.from([0x03, 0xe8]), RSV1), 1002],
  ['the other reserved bits', text(mark, { reserved: 6 }), 1002],
]

describe('F8: compression bombs', () => {
  it.each([
    ['in one frame', zeros.length],
    ['in fragments of 100 bytes', 100],
    ['in fragments of a byte', 1],
  ])('closes with 1009 10 MB in 10 KB, %s, and inflates no more than the limit', async (_name, size) => {
    expect(zeros.length).toBeLessThan(10_000)
    const bomb = inFragments(zeros, size)
    await underAttack(options, async (target) => {
      const attackers = await target.webSockets(5, offering)
      const before = bytesHeld()
      for (const attacker of attackers) attacker.send(bomb, text(mark))
      for (const attacker of attackers) {
        expect(await attacker.closed()).toBe(1009)
        expect(messagesOf(attacker) + attacker.texts.length).toBe(0)
      }
      expect(bytesHeld() - before).toBeLessThan(20_000_000)
    })
  })

  it('takes what comes to exactly the limit', async () => {
    await underAttack({ ...options, maxPayloadBytes: 100_000 }, async (target) => {
      const peer = await target.webSocket(offering)
      peer.send(inFragments(deflated(Buffer.alloc(100_000)), 10))
      await until(() => messagesOf(peer) === 1, 'the echo has come')
      peer.send(inFragments(deflated(Buffer.alloc(100_001)), 10))
      expect(await peer.closed()).toBe(1009)
    })
  })

  it.each(broken)('closes %s', async (_name, bytes, code) => {
    await underAttack(options, async (target) => {
      for (const writes of [[bytes], [bytes.subarray(0, 3), bytes.subarray(3)]]) {
        const attacker = await target.webSocket(offering)
        for (const piece of writes) attacker.send(piece)
        attacker.send(text(mark))
        expect(await attacker.closed()).toBe(code)
        await attacker.over()
        expect(attacker.texts).not.toContain(`Echo: ${mark}`)
      }
    })
  })

  it('knows no compressed message where nobody asked for any', async () => {
    await underAttack(options, async (target) => {
      const attacker = await target.webSocket()
      attacker.send(text(deflated(mark), RSV1))
      expect(await attacker.closed()).toBe(1002)
    })
    await underAttack({}, async (target) => {
      const attacker = await target.webSocket(offering)
      attacker.send(text(deflated(mark), RSV1))
      expect(await attacker.closed()).toBe(1002)
    })
  })

  it('inflates one at a time of 1,000 small bombs that come at once', async () => {
    const bomb = inFragments(deflated(Buffer.alloc(2_000_000)), 10_000)
    await underAttack(options, async (target) => {
      const attackers = await target.webSockets(runs(100, 1_000), offering)
      const before = bytesHeld()
      let most = 0
      for (const attacker of attackers) attacker.send(bomb)
      while (attackers.some((attacker) => attacker.closeCode === undefined)) {
        await target.healthy.echo()
        most = Math.max(most, bytesHeld())
      }
      for (const attacker of attackers) expect(attacker.closeCode).toBe(1009)
      // All at once they would be a megabyte each.
      expect(most - before).toBeLessThan(50_000_000)
    })
  })

  it('serves others while thousands of bombs wait in a few segments', async () => {
    const bombs = runs(1_000, 10_000)
    const bomb = frame(binary, deflated(Buffer.alloc(60_000)), RSV1)
    await underAttack(options, async (target) => {
      const attacker = await target.webSocket(offering)
      attacker.send(Buffer.alloc(bombs * bomb.length, bomb))
      await until(() => messagesOf(attacker) > 0, 'the first has been inflated')
      for (let echoes = 0; echoes < 3; echoes++) await target.healthy.echo()
      expect(messagesOf(attacker)).toBeLessThan(bombs)
      await until(() => messagesOf(attacker) === bombs, 'all of them have been answered')
    })
  })

  it('keeps 64 KB at most for a client that may refer back, and nothing when it has gone', async () => {
    const count = runs(50, 500)
    const noise = Buffer.from(Array.from({ length: 40_000 }, (_, i) => Math.imul(i, 2_654_435_761) >>> 13))
    await underAttack(takeover, async (target) => {
      const attackers = await target.webSockets(count, offering)
      const before = bytesHeld()
      for (const attacker of attackers) {
        attacker.send(frame(binary, deflated(noise), RSV1), frame(binary, deflated(Buffer.alloc(60_000)), RSV1))
        await until(() => messagesOf(attacker) === 2, 'both echoes have come')
      }
      expect(bytesHeld() - before).toBeLessThan(count * 65_536 + 30_000_000)
      await Promise.all(attackers.map((attacker) => attacker.drop()))
      await target.left()
    })
  })

  it('lets go of what waits for those who go in the middle', async () => {
    const bomb = frame(binary, deflated(Buffer.alloc(900_000)), RSV1)
    await underAttack(options, async (target) => {
      const attackers = await target.webSockets(runs(20, 200), offering)
      for (const attacker of attackers) attacker.send(Buffer.alloc(50 * bomb.length, bomb))
      await Promise.all(attackers.map((attacker) => attacker.drop()))
      await target.left()
    })
  })
})
