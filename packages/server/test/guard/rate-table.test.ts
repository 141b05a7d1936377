import { describe, expect, it } from 'vitest'
import { RateTable } from '../../src/guard/rate-table.ts'

describe('a table of rates', () => {
  it('counts each name for itself', () => {
    const table = new RateTable({ count: 1, perMs: 1_000, burst: 1 })
    expect([table.take('ada', 0), table.take('ada', 0), table.take('ben', 0)]).toEqual([0, 1_000, 0])
  })

  it('forgets names whose time is over, and no others', () => {
    const table = new RateTable({ count: 1, perMs: 1_000, burst: 1 })
    for (let i = 0; i < 999; i++) table.take(`early ${i}`, 0)
    for (let i = 0; i < 1_000; i++) table.take(`late ${i}`, 5_000)
    expect(table.size).toBeLessThan(1_100)
    expect(table.take('late 999', 5_000)).toBe(1_000)
  })

  it('holds a number of names whoever comes', () => {
    const table = new RateTable({ count: 1, perMs: 1e9, burst: 1 })
    for (let i = 0; i < 250_000; i++) table.take(`somebody ${i}`, 0)
    expect(table.size).toBeLessThanOrEqual(100_000)
  })
})
