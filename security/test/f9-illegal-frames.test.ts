import { describe, expect, it } from 'vitest'
import { isTorture } from '../../test/torture.ts'
import { frame, Opcode, text } from '../src/frame.ts'
import { mark, underAttack } from '../src/under-attack.ts'

const { continuation, close, ping } = Opcode
const cut = (bytes: Buffer, length: number): Buffer => bytes.subarray(0, length)

/** What is sent, and the code of the one close frame that answers it. Headers stand alone: no payload need follow. */
const illegal: readonly (readonly [name: string, bytes: Buffer, code: number])[] = [
  ['a length of 2^63', cut(text('', { claims: 1n << 63n }), 10), 1002],
  ['a length of 2^64 - 1', cut(text('', { claims: (1n << 64n) - 1n }), 10), 1002],
  ['a length of 2^63 - 1', cut(text('', { claims: (1n << 63n) - 1n }), 10), 1009],
  ['a length of 2^53 + 1', cut(text('', { claims: (1n << 53n) + 1n }), 10), 1009],
  ['a length of 4 GB', cut(text('', { claims: 1n << 32n }), 10), 1009],
  ['a byte more than the limit', cut(text('', { claims: 1_000_001n }), 10), 1009],
  [
    'a byte more than the limit, in two fragments',
    Buffer.concat([text('x', { final: false }), frame(continuation, '', { claims: 1_000_000n })]),
    1009,
  ],
  ['125 bytes with a length of 16 bits', text(mark.padEnd(125), { lengthBits: 16 }), 1002],
  ['no bytes with a length of 16 bits', text('', { lengthBits: 16 }), 1002],
  ['65,535 bytes with a length of 64 bits', cut(text('', { claims: 65_535n, lengthBits: 64 }), 10), 1002],
  ['a text without a mask', text(mark, { mask: 'none' }), 1002],
  ['a ping without a mask', frame(ping, mark, { mask: 'none' }), 1002],
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode) => [`opcode ${opcode}`, frame(opcode, mark), 1002] as const),
  ...[1, 2, 3, 4, 5, 6, 7].map((reserved) => [`reserved bits ${reserved}`, text(mark, { reserved }), 1002] as const),
  [
    'reserved bit 1 on a continuation',
    Buffer.concat([text('x', { final: false }), frame(continuation, mark, { reserved: 4 })]),
    1002,
  ],
  ['reserved bit 1 on a ping', frame(ping, mark, { reserved: 4 }), 1002],
  ['a ping of 126 bytes', frame(ping, 'x'.repeat(126)), 1002],
  ['a ping that claims 2^62 bytes', cut(frame(ping, '', { claims: 1n << 62n }), 2), 1002],
  ['a ping in fragments', frame(ping, mark, { final: false }), 1002],
  ['a close frame of one byte', frame(close, 'x'), 1002],
  ['a close frame with code 1005', frame(close, Buffer.from([0x03, 0xed])), 1002],
  ['a close frame whose reason is not UTF-8', frame(close, Buffer.from([0x03, 0xe8, 0xc0, 0x80])), 1007],
  ['a continuation of nothing', frame(continuation, mark), 1002],
  ['a text inside a text', Buffer.concat([text('x', { final: false }), text(mark)]), 1002],
  ['a text that is not UTF-8', text(Buffer.from([0x80])), 1007],
]

const bytesHeld = (): number => {
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  return arrayBuffers + heapUsed
}

describe('F9: illegal frames', () => {
  it.each(illegal)('closes %s', async (_name, bytes, code) => {
    await underAttack({}, async (target) => {
      for (const writes of [[bytes], [...bytes].map((byte) => Buffer.of(byte))]) {
        const attacker = await target.webSocket()
        for (const piece of writes) attacker.send(piece)
        // Nothing behind it is looked at.
        attacker.send(text(mark))
        expect(await attacker.closed()).toBe(code)
        await attacker.over()
        expect(attacker.closes).toHaveLength(1)
        expect(attacker.texts).toEqual([])
      }
    })
  })

  it('takes a mask of zeros for a mask', async () => {
    await underAttack({}, async (target) => {
      const peer = await target.webSocket()
      peer.send(text('hello', { mask: [0, 0, 0, 0] }))
      expect(await peer.texted(1)).toEqual(['Echo: hello'])
    })
  })

  it('sets nothing aside for what a header announces', async () => {
    const maxPayloadBytes = 256 * 1024 * 1024
    const count = isTorture ? 500 : 50
    await underAttack({ maxPayloadBytes }, async (target) => {
      const attackers = await target.webSockets(count)
      const before = bytesHeld()
      for (const each of attackers) each.send(cut(text('', { claims: BigInt(maxPayloadBytes) }), 14), 'x')
      // Each has been read when a message behind them has been.
      await target.healthy.echo()
      const probe = await target.webSocket()
      probe.send(text('behind them'))
      await probe.texted(1)
      expect(bytesHeld() - before).toBeLessThan(maxPayloadBytes / 4)
    })
  })
})
