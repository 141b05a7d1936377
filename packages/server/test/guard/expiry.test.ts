import { describe, expect, it } from 'vitest'
import { Expiry } from '../../src/guard/expiry.ts'
import { StillClock } from '../suites/still-clock.ts'

const DAY_MS = 86_400_000

describe('an expiry', () => {
  it('calls back when its time is over, however far off', () => {
    const clock = new StillClock()
    let expired = 0
    new Expiry(clock, clock.date() + 60 * DAY_MS, () => expired++)
    for (let day = 0; day < 59; day++) clock.pass(DAY_MS)
    expect(expired).toBe(0)
    clock.pass(DAY_MS)
    expect(expired).toBe(1)
    clock.pass(60 * DAY_MS)
    expect(expired).toBe(1)
  })

  it('calls back at once where it is past, and not at all once it is cancelled', () => {
    const clock = new StillClock()
    let expired = 0
    new Expiry(clock, clock.date(), () => expired++)
    expect(expired).toBe(1)
    new Expiry(clock, clock.date() + 1, () => expired++).cancel()
    clock.pass(10)
    expect(expired).toBe(1)
  })
})
