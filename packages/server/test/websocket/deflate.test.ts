import { describe, expect, it } from 'vitest'
import { deflatedFrame, MAX_DEFLATED_BYTES } from '../../src/websocket/deflate.ts'
import { binaryFrame, payloadStart, textFrame } from '../../src/websocket/frame.ts'
import { inflatable, inflate } from '../../src/websocket/inflate.ts'
import { noise, prose } from './deflate-bytes.ts'
import { farthestReference } from './farthest-reference.ts'

const settings = { thresholdBytes: 1_024, level: 4 }

const payloadOf = (frame: Buffer): Buffer => frame.subarray(payloadStart(frame))

function inflated(frame: Buffer, context?: Buffer): Buffer {
  const payload = payloadOf(frame)
  return inflate(inflatable(payload, 0, payload.length), 100_000, context)
}

describe('deflatedFrame', () => {
  it.each([1_024, 1_025, 4_096, 65_535, MAX_DEFLATED_BYTES])(
    'compresses %d bytes, and says so in the first byte',
    (size) => {
      const text = prose(size)
      const frame = deflatedFrame(textFrame(text), settings)
      expect(frame[0]).toBe(0xc1)
      expect(payloadOf(frame).length).toBeLessThan(size / 2)
      expect(inflated(frame).toString()).toBe(text)
      expect(deflatedFrame(binaryFrame(Buffer.from(text)), settings)[0]).toBe(0xc2)
    },
  )

  it.each([
    ['what is below the threshold', textFrame(prose(1_023))],
    ['what is larger than may be done in one go', textFrame(prose(MAX_DEFLATED_BYTES + 1))],
    ['what would not become smaller', binaryFrame(noise(5_000))],
  ])('leaves %s as it is', (_title, frame) => {
    expect(deflatedFrame(frame, settings)).toBe(frame)
  })

  it('leaves the empty message as it is, whatever the threshold', () => {
    const frame = textFrame('')
    expect(deflatedFrame(frame, { ...settings, thresholdBytes: 0 })).toBe(frame)
  })

  it('compresses messages of every length that gains by it', () => {
    for (let size = 1; size < 600; size += 7) {
      const text = 'x'.repeat(size)
      const frame = deflatedFrame(textFrame(text), { thresholdBytes: 0, level: 4 })
      expect(frame[0]).toBe(size < 4 ? 0x81 : 0xc1)
      if (frame[0] === 0xc1) expect(inflated(frame).toString()).toBe(text)
    }
  })

  it.each([9, 10, 11, 12, 13, 14, 15])('does not refer back further than a window of %d bits', (bits) => {
    for (const level of [1, 4, 6, 9]) {
      const text = `${prose(1 << bits)}${prose(1 << bits)}`.slice(0, MAX_DEFLATED_BYTES)
      const frame = deflatedFrame(textFrame(text), { ...settings, level }, bits)
      expect(frame[0]).toBe(0xc1)
      expect(farthestReference(payloadOf(frame)).back).toBeLessThanOrEqual(1 << bits)
      expect(inflated(frame).toString()).toBe(text)
    }
  })

  it.each([9, 12, 15])('refers back to what was said before, but not further than a window of %d bits', (bits) => {
    const context = noise(1 << bits)
    const message = context.subarray(0.75 * context.length)
    const frame = deflatedFrame(binaryFrame(message), { ...settings, thresholdBytes: 0 }, bits, context)
    const { back, before } = farthestReference(payloadOf(frame))
    expect(before).toBeGreaterThan(0)
    expect(back).toBeLessThanOrEqual(1 << bits)
    expect(inflated(frame, context).equals(message)).toBe(true)
  })
})
