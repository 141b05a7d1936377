import { describe, expect, it } from 'vitest'
import { codeOf, refusalOf, refusalWords } from '../../src/state/refusal.ts'

describe('a refusal', () => {
  it('is said in words, with the time to wait counting down', () => {
    const refusal = refusalOf({ code: 'rate_limited', message: 'slow down', retryAfterMs: 2500 }, 1000)
    expect(refusalWords(refusal, 1000)).toBe('That was a little fast. Again in 3 s.')
    expect(refusalWords(refusal, 3400)).toBe('That was a little fast. Again in 1 s.')
    expect(refusalWords(refusal, 3500)).toBe('That was a little fast. You can try again now.')
  })

  it.each([
    [{ code: 'forbidden', message: '' }, 'You may not write in this room.'],
    [{ code: 'new_code', message: 'this is why' }, 'This is why.'],
    [{ code: 'new_code', message: '' }, 'New_code.'],
    [new Error('broken!'), 'Broken!'],
    ['odd', 'Odd.'],
    [null, 'Null.'],
  ])('of %j is a sentence', (error, words) => {
    expect(refusalWords(refusalOf(error, 0), 0)).toBe(words)
  })

  it('has no code where the server gave none', () => {
    expect(codeOf(new Error('x'))).toBe('')
    expect(codeOf({ code: 'too_large' })).toBe('too_large')
  })
})
