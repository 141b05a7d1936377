import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inflatable, inflate } from '../../src/websocket/inflate.ts'
import { ProtocolError } from '../../src/websocket/protocol-error.ts'
import { hex } from './client-frame.ts'
import { deflated, noise, prose } from './deflate-bytes.ts'

const inflated = (bytes: Buffer, maxBytes = 1_000_000, context?: Buffer): Buffer =>
  inflate(inflatable(bytes, 0, bytes.length), maxBytes, context)

/** The message's text, or the close code it ends with. */
function outcome(bytes: Buffer, maxBytes?: number, context?: Buffer): string | number {
  try {
    return inflated(bytes, maxBytes, context).toString('latin1')
  } catch (error) {
    if (error instanceof ProtocolError) return error.code
    throw error
  }
}

describe('inflate', () => {
  it.each([
    ['a fixed block', 'f248cdc9c90700', 'Hello'],
    ['a stored block', '000500faff48656c6c6f00', 'Hello'],
    ['a final block', 'f348cdc9c9070000', 'Hello'],
    ['two blocks', 'f248050000 00ffff cac9c90700', 'Hello'],
    ['two final blocks', 'f348cdc9c90700 f348cdc9c90700 00', 'HelloHello'],
    ['a final block that the next one refers back behind', 'f348cdc9c90700 f3001100 00', 'HelloHello'],
    ['nothing', '00', ''],
    ['nothing, in a final block', '030000', ''],
  ])('takes %s', (_title, bytes, text) => {
    expect(outcome(hex(bytes))).toBe(text)
  })

  it('takes only the bytes it is told to', () => {
    const bytes = hex('ffff f248cdc9c90700 ffff')
    expect(inflate(inflatable(bytes, 2, 9), 5, undefined).toString()).toBe('Hello')
  })

  it('refers back to earlier messages where there are any', () => {
    expect(outcome(hex('f200110000'), 5, Buffer.from('Hello'))).toBe('Hello')
    expect(outcome(hex('f200110000'))).toBe(1007)
  })

  it.each([
    ['garbage', 'ffffffff'],
    ['a reserved kind of block', '06'],
    ['a stored block whose length is not what it says', '000500faf048656c6c6f00'],
    ['the end inside a fixed block', 'f248'],
    ['the end inside a block, where what we put behind it ends the block', '0b783b'],
    ['the end inside a stored block', '000500faff4865'],
    ['the end behind the final block, without the empty one', 'f348cdc9c90700'],
    ['no bytes', ''],
    ['what follows the end', '0000000000'],
  ])('says 1007 to %s', (_title, bytes) => {
    expect(outcome(hex(bytes))).toBe(1007)
  })

  it('says 1007 to a message that is cut anywhere', () => {
    const whole = deflated(prose(3_000))
    for (let length = 0; length < whole.length; length++) {
      expect([length, outcome(whole.subarray(0, length))]).toEqual([length, 1007])
    }
  })

  it.each([0, 1, 100, 1_023, 1_024, 70_000, 1_000_000])(
    'takes %d bytes where so many are allowed, and not one less',
    (size) => {
      for (const data of [Buffer.alloc(size), Buffer.from(prose(size)), noise(size)]) {
        const bytes = deflated(data)
        expect(inflated(bytes, size).equals(data)).toBe(true)
        if (size > 0) expect(outcome(bytes, size - 1)).toBe(1009)
      }
    },
  )

  it('counts what is behind a final block too', () => {
    const bytes = hex('f348cdc9c90700 f348cdc9c90700 00')
    expect(outcome(bytes, 10)).toBe('HelloHello')
    expect(outcome(bytes, 9)).toBe(1009)
    expect(outcome(bytes, 5)).toBe(1009)
  })

  it('stops where the limit is passed', () => {
    const bomb = deflated(Buffer.alloc(50_000_000))
    const before = process.memoryUsage().arrayBuffers
    expect(outcome(bomb, 100_000)).toBe(1009)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000)
  })

  it('says 1008 to a message of thousands of final blocks', () => {
    expect(outcome(Buffer.concat([Buffer.alloc(2 * 20, '0300', 'hex'), hex('00')]))).toBe('')
    expect(outcome(Buffer.concat([Buffer.alloc(2 * 10_000, '0300', 'hex'), hex('00')]))).toBe(1008)
  })

  it('has a message or a close code for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(), fc.integer({ min: 0, max: 255 }), (bytes, at, byte) => {
        expect(['string', 'number']).toContain(typeof outcome(Buffer.from(bytes), 10_000))
        const spoiled = deflated(bytes)
        spoiled[at % spoiled.length] = byte
        expect(['string', 'number']).toContain(typeof outcome(spoiled, 10_000))
      }),
    )
  })
})
