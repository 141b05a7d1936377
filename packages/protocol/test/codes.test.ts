import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { closeAction, closeCodes, closeReason, isErrorCode, retryAfterFrom } from '../src/index.ts'

describe('closeReason', () => {
  it('puts the delay before the words', () => {
    expect(closeReason('restarting', 3_000)).toBe('retry=3000 restarting')
    expect(closeReason('restarting')).toBe('restarting')
    expect(retryAfterFrom(closeReason('restarting', 2_999.6))).toBe(3_000)
  })

  it('fits into a close frame, cut between characters, its delay whole', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200, size: 'max' }), fc.nat(), (words, retryAfterMs) => {
        const reason = closeReason(words, retryAfterMs)
        expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123)
        expect(`retry=${Math.min(retryAfterMs, 999_999_999)} ${words}`.startsWith(reason)).toBe(true)
        expect(retryAfterFrom(reason)).toBe(Math.min(retryAfterMs, 999_999_999))
      }),
    )
  })
})

describe('closeAction', () => {
  it('leads back where the server or the line failed, and from 4000 to 4499', () => {
    const back = Object.values(closeCodes).filter(({ code }) => closeAction(code) === 'return')
    expect(back.map(({ code }) => code)).toEqual([1001, 1005, 1006, 1011, 1012, 1013, 4401])
    expect(closeAction(4499)).toBe('return')
    expect(closeAction(4500)).toBe('stay_away')
  })
})

describe('isErrorCode', () => {
  it.each(['__proto__', 'constructor', 'toString', '', 5, null])('does not know %j', (code) => {
    expect(isErrorCode(code)).toBe(false)
  })
})
