import { describe, expect, it } from 'vitest'
import type { Clock } from '../../src/clock.ts'
import { Patience } from '../../src/guard/patience.ts'
import { StillClock } from '../suites/still-clock.ts'

/** A clock whose timers come late by what it stood still. */
class StoppedClock extends StillClock implements Clock {
  #stoodMs = 0

  override now(): number {
    return super.now() + this.#stoodMs
  }

  /** Time passes, and no timer runs. */
  stand(ms: number): void {
    this.#stoodMs += ms
  }
}

describe('a patience', () => {
  it('is over once, after its time', () => {
    const clock = new StillClock()
    let over = 0
    new Patience(clock, 10_000, () => over++)
    clock.pass(9_999)
    expect(over).toBe(0)
    clock.pass(1)
    expect(over).toBe(1)
    clock.pass(100_000)
    expect(over).toBe(1)
    expect(clock.timers).toBe(0)
  })

  it('is not over where it was ended before', () => {
    const clock = new StillClock()
    let over = 0
    new Patience(clock, 10_000, () => over++).end()
    expect(clock.timers).toBe(0)
    clock.pass(20_000)
    expect(over).toBe(0)
  })

  it.each([
    [1_000, 1],
    [1_001, 0],
  ])('takes a timer that comes %d ms late for what it is', (lateMs, over) => {
    const clock = new StoppedClock()
    let count = 0
    new Patience(clock, 10_000, () => count++)
    clock.stand(lateMs)
    clock.pass(10_000)
    expect(count).toBe(over)
    clock.pass(9_999)
    expect(count).toBe(over)
    clock.pass(1)
    expect(count).toBe(1)
  })
})
