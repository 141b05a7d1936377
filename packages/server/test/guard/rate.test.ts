import { describe, expect, it } from 'vitest'
import { type Rate, resolveRate } from '../../src/guard/rate.ts'

describe('a rate', () => {
  it.each<[Rate, number, number, number]>([
    ['10 per minute', 10, 60_000, 10],
    ['1 per second', 1, 1_000, 1],
    ['100 per second, burst 200', 100, 1_000, 200],
    ['100 per second, bursts of 200', 100, 1_000, 200],
    ['5 per 10 seconds', 5, 10_000, 5],
    ['5/10s'.replace('s', ' seconds'), 5, 10_000, 5],
    [' 3 Per Hour ', 3, 3_600_000, 3],
    ['1000 per day', 1_000, 86_400_000, 1_000],
    [{ count: 2, perMs: 50 }, 2, 50, 2],
    [{ count: 2, perMs: 50, burst: 9 }, 2, 50, 9],
  ])('may be %j', (rate, count, perMs, burst) => {
    expect(resolveRate(rate, 'x')).toEqual({ count, perMs, burst })
  })

  it.each<[unknown]>([
    [''],
    ['often'],
    ['10'],
    ['10 per fortnight'],
    ['0 per second'],
    ['-1 per second'],
    ['1.5 per second'],
    ['1 per 0 seconds'],
    ['1 per second, burst 0'],
    ['1 per second or so'],
    [{ count: Number.NaN, perMs: 1 }],
    [{ count: 1, perMs: 0 }],
    [{}],
  ])('is not %j', (rate) => {
    expect(() => resolveRate(rate as Rate, 'rates.messages')).toThrow(/"rates.messages" must be a rate such as/)
  })
})
