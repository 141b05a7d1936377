import { isUtf8 } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Utf8Validator } from '../../src/websocket/utf8-validator.ts'
import { hex } from './client-frame.ts'
import { text } from './text.ts'

/** Where the first impossible byte is, or -1; and whether the text may end there. */
function validate(pieces: readonly Uint8Array[]): [failedAt: number, complete: boolean] {
  const validator = new Utf8Validator()
  let at = 0
  for (const piece of pieces) {
    if (!validator.push(Buffer.from(piece), 0, piece.length)) return [at, false]
    at += piece.length
  }
  return [-1, validator.complete]
}

const bytewise = (bytes: Uint8Array): Uint8Array[] => [...bytes].map((byte) => Uint8Array.of(byte))

describe('Utf8Validator', () => {
  it.each([
    ['an impossible first byte', 'ff', 0],
    ['a lone continuation byte', '61 80', 1],
    ['an overlong form of two bytes', 'c0', 0],
    ['an overlong form of three bytes', 'e0 9f', 1],
    ['an overlong form of four bytes', 'f0 8f', 1],
    ['a surrogate', 'ed a0', 1],
    ['what is above U+10FFFF', 'f4 90', 1],
    ['a first byte above f4', 'f5', 0],
    ['a character that is not continued', 'e2 82 41', 2],
    ['a bad third byte', 'e1 80 c0', 2],
    ['a bad fourth byte', 'f1 80 80 7f', 3],
    ['the byte after K and f4', 'cebae1bdb9cf83cebcceb5 f4 90', 12],
  ])('fails at the very byte: %s', (_, bytes, at) => {
    expect(validate(bytewise(hex(bytes)))).toEqual([at, false])
  })

  it.each(['c2', 'e1 80', 'f1 80 80', '61 f4 8f bf'])(
    'knows that a text may not end inside a character: %s',
    (text) => {
      expect(validate([hex(text)])).toEqual([-1, false])
    },
  )

  it.each(['24', 'c2a2', 'e282ac', 'f0a4ada2', 'ed9fbf', 'ee8080', 'efbfbf', 'f48fbfbf', 'f0908080', 'e0a080', ''])(
    'takes %s',
    (text) => {
      expect(validate(bytewise(hex(text)))).toEqual([-1, true])
      expect(validate([hex(text)])).toEqual([-1, true])
    },
  )

  it('agrees with Node on whole texts, however they are cut', () => {
    const part = fc.oneof(
      text.map((string) => Buffer.from(string)),
      fc.uint8Array({ maxLength: 12 }).map((array) => Buffer.from(array)),
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 3 }), fc.array(fc.nat(400), { maxLength: 8 }), (parts, cuts) => {
        const bytes = Buffer.concat(parts)
        const edges = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length]
        const pieces = edges.slice(1).map((edge, i) => bytes.subarray(edges[i], edge))
        expect(validate(pieces)[1]).toBe(isUtf8(bytes))
      }),
      { numRuns: 2_000 },
    )
  })
})
