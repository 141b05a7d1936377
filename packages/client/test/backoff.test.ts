import { describe, expect, it } from 'vitest'
import { Backoff } from '../src/backoff.ts'

function waits(backoff: Backoff, count: number): number[] {
  return Array.from({ length: count }, () => backoff.next())
}

describe('Backoff', () => {
  it('doubles up to its maximum', () => {
    const backoff = new Backoff({ minDelayMs: 1000, maxDelayMs: 30_000, jitter: 0 }, () => 0.9)
    expect(waits(backoff, 7)).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000])
  })

  it.each([
    [0.5, 0, 1000],
    [0.5, 1, 500],
    [1, 1, 0],
    [1, 0.25, 750],
  ])('takes with a jitter of %d at the chance %d a first wait of %d', (jitter, chance, expected) => {
    expect(new Backoff({ minDelayMs: 1000, maxDelayMs: 30_000, jitter }, () => chance).next()).toBe(expected)
  })

  it('starts anew after a reset', () => {
    const backoff = new Backoff({ minDelayMs: 10, maxDelayMs: 100, jitter: 0 }, () => 0)
    waits(backoff, 5)
    backoff.reset()
    expect(backoff.attempt).toBe(0)
    expect(backoff.next()).toBe(10)
  })

  it('stays at its maximum however often it fails', () => {
    const backoff = new Backoff({ minDelayMs: 1, maxDelayMs: 100, jitter: 0 }, () => 0)
    expect(waits(backoff, 2000).at(-1)).toBe(100)
  })
})
