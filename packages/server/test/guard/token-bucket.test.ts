import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TokenBucket } from '../../src/guard/token-bucket.ts'

const rate = { count: 10, perMs: 1_000, burst: 20 }

describe('a token bucket', () => {
  it('lets a burst through, and then the pace', () => {
    const bucket = new TokenBucket(rate, 0)
    const taken = Array.from({ length: 25 }, () => bucket.take(0))
    expect(taken.filter((wait) => wait === 0)).toHaveLength(20)
    expect(taken.at(-1)).toBe(100)
    expect(bucket.take(99)).toBe(1)
    expect(bucket.take(100)).toBe(0)
    expect(bucket.take(150)).toBe(50)
    expect(bucket.take(200)).toBe(0)
  })

  it('is full again after a quiet time, and never fuller', () => {
    const bucket = new TokenBucket(rate, 0)
    for (let i = 0; i < 20; i++) bucket.take(0)
    expect(bucket.isFull(1_999)).toBe(false)
    expect(bucket.isFull(2_000)).toBe(true)
    expect(Array.from({ length: 30 }, () => bucket.take(1e9)).filter((wait) => wait === 0)).toHaveLength(20)
  })

  it('says truly when there will be one, and never lets more through than the rate', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 100 }), (pauses) => {
        const bucket = new TokenBucket(rate, 0)
        let now = 0
        let through = 0
        for (const pause of pauses) {
          now += pause
          const wait = bucket.take(now)
          if (wait === 0) through++
          else {
            now += wait
            expect(bucket.take(now)).toBe(0)
            through++
          }
          expect(through).toBeLessThanOrEqual(rate.burst + (now * rate.count) / rate.perMs + 1e-6)
        }
      }),
    )
  })

  it('does not mind a clock that stands still or goes back', () => {
    const bucket = new TokenBucket({ count: 1, perMs: 1_000, burst: 1 }, 1_000)
    expect(bucket.take(1_000)).toBe(0)
    expect(bucket.take(500)).toBe(1_000)
    expect(bucket.take(1_500)).toBe(0)
  })
})
