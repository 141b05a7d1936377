import { describe, expect, it } from 'vitest'
import { clockTime, dayWords, fullTime, isoTime } from '../../src/chat/times.ts'

const at = new Date(2026, 10, 23, 9, 4, 5).getTime()

describe('times', () => {
  it('are hours and minutes, with the whole on demand', () => {
    expect(clockTime(at)).toBe('09:04')
    expect(fullTime(at)).toBe('Mon 23 Nov 2026, 09:04:05')
    expect(isoTime(at)).toBe(new Date(at).toISOString())
  })

  it('have the year where it is another one', () => {
    expect(dayWords(at, at)).toBe('Mon 23 Nov')
    expect(dayWords(at, new Date(2027, 0, 1).getTime())).toBe('Mon 23 Nov 2026')
  })

  it('that are none do not break the page', () => {
    expect(isoTime(Number.NaN)).toBeUndefined()
    expect(isoTime(Number.MAX_VALUE)).toBeUndefined()
  })
})
