import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeBase64, decodeBase64Portably, encodeBase64, encodeBase64Portably } from '../src/base64.ts'

describe('base64', () => {
  it('is the same with and without a Buffer', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const text = Buffer.from(bytes).toString('base64')
        expect(encodeBase64(bytes)).toBe(text)
        expect(encodeBase64Portably(bytes)).toBe(text)
        expect([...decodeBase64Portably(text)]).toEqual([...bytes])
        expect([...(decodeBase64(text) ?? [])]).toEqual([...bytes])
      }),
    )
  })

  it('uses every letter of the alphabet', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
    expect([...decodeBase64Portably(encodeBase64Portably(bytes))]).toEqual([...bytes])
  })

  it.each(['A', 'AAA', 'AA=', '=AAA', 'A=AA', 'AAA\n', 'AA-_', 'ÄAAA'])('refuses %j', (text) => {
    expect(decodeBase64(text)).toBeUndefined()
  })
})
