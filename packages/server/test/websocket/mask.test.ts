import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { turnKey, unmask } from '../../src/websocket/mask.ts'

const naive = (bytes: Uint8Array, key: Buffer): Buffer =>
  Buffer.from(bytes.map((byte, i) => byte ^ (key[i % 4] as number)))

const bytes = fc.uint8Array({ maxLength: 600 })
const key = fc.uint8Array({ minLength: 4, maxLength: 4 }).map((array) => Buffer.from(array))

describe('unmask', () => {
  it('is the exclusive or with the repeated key, at any offset and length', () => {
    fc.assert(
      fc.property(bytes, key, fc.nat(9), fc.nat(9), (payload, mask, before, behind) => {
        const chunk = Buffer.concat([Buffer.alloc(before, 1), payload, Buffer.alloc(behind, 2)])
        unmask(chunk, before, before + payload.length, mask.readInt32LE())
        const wanted = Buffer.concat([Buffer.alloc(before, 1), naive(payload, mask), Buffer.alloc(behind, 2)])
        expect(chunk.equals(wanted)).toBe(true)
      }),
      { numRuns: 1_000 },
    )
  })

  it('tells ASCII from what is not', () => {
    fc.assert(
      fc.property(bytes, key, fc.boolean(), (payload, mask, ascii) => {
        const plain = ascii ? payload.map((byte) => byte & 0x7f) : payload
        const bits = unmask(naive(plain, mask), 0, plain.length, mask.readInt32LE())
        expect(bits < 0x80 && bits >= 0).toBe(plain.every((byte) => byte < 0x80))
      }),
      { numRuns: 1_000 },
    )
  })

  it('goes on with the turned key where a payload is cut', () => {
    fc.assert(
      fc.property(bytes, key, fc.nat(600), (payload, mask, cut) => {
        const at = Math.min(cut, payload.length)
        const chunk = Buffer.from(payload)
        unmask(chunk, 0, at, mask.readInt32LE())
        unmask(chunk, at, chunk.length, turnKey(mask.readInt32LE(), at))
        expect(chunk.equals(naive(payload, mask))).toBe(true)
      }),
    )
  })
})
