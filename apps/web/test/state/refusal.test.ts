import { describe, expect, it } from 'vitest'
import { codeOf, refusalOf, waitWords } from '../../src/state/refusal.ts'

describe('a refusal', () => {
  it('is said in words, with the time to wait counting down', () => {
    const refusal = refusalOf({ code: 'rate_limited', message: 'slow down', retryAfterMs: 2500 }, 1000)
    expect(refusal.words).toBe('That was a little fast.')
    const said = [1000, 1499, 1500, 3400, 3500, 9000].map((nowMs) => waitWords(refusal, nowMs))
    expect(said).toEqual(['Again in 3 s.', 'Again in 3 s.', 'Again in 2 s.', 'Again in 1 s.', '', ''])
  })

  it('says a long time in minutes, and none where the server gave none', () => {
    const long = refusalOf({ code: 'rate_limited', retryAfterMs: 600_000 }, 0)
    expect([0, 1, 480_000, 480_001].map((nowMs) => waitWords(long, nowMs))).toEqual([
      'Again in 10 min.',
      'Again in 10 min.',
      'Again in 120 s.',
      'Again in 120 s.',
    ])
    expect(waitWords(refusalOf({ code: 'forbidden', message: '' }, 0), 0)).toBeNull()
  })

  it.each([
    [{ code: 'forbidden', message: '' }, 'You may not write in this room.'],
    [{ code: 'new_code', message: 'this is why' }, 'This is why.'],
    [{ code: 'new_code', message: '' }, 'New_code.'],
    [new Error('broken!'), 'Broken!'],
    ['odd', 'Odd.'],
    [null, 'Null.'],
  ])('of %j is a sentence', (error, words) => {
    expect(refusalOf(error, 0).words).toBe(words)
  })

  it('has no code where the server gave none', () => {
    expect(codeOf(new Error('x'))).toBe('')
    expect(codeOf({ code: 'too_large' })).toBe('too_large')
  })
})
