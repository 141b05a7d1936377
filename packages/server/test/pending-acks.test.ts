import { describe, expect, it } from 'vitest'
import { PendingAcks } from '../src/pending-acks.ts'
import { StillClock } from './suites/still-clock.ts'

function make() {
  const clock = new StillClock()
  const acks = new PendingAcks(clock)
  const settled: [string | null, unknown[]][] = []
  const sent: number[] = []
  const add = (timeoutMs?: number): number =>
    acks.add(
      timeoutMs,
      (error, args) => settled.push([error?.message ?? null, args]),
      (id) => sent.push(id),
    )
  return { clock, acks, settled, sent, add }
}

describe('acknowledgements that are waited for', () => {
  it('are settled by their id, once', () => {
    const { acks, settled, sent, add } = make()
    add()
    add()
    expect(sent).toEqual([1, 2])
    acks.settle(2, ['b'])
    acks.settle(2, ['again'])
    acks.settle(99, ['nobody asked'])
    acks.settle(1, [])
    expect(settled).toEqual([
      [null, ['b']],
      [null, []],
    ])
    expect(acks.size).toBe(0)
  })

  it('expire after their own time, and an answer that comes later is nobody’s', () => {
    const { clock, acks, settled, add } = make()
    add(100)
    add()
    clock.pass(99)
    expect(settled).toEqual([])
    clock.pass(1)
    expect(settled).toEqual([['operation has timed out', []]])
    acks.settle(1, ['late'])
    expect(settled.length).toBe(1)
    expect(acks.size).toBe(1)
  })

  it('leave no timer when they were answered', () => {
    const { clock, acks, add } = make()
    add(100)
    acks.settle(1, [])
    expect(clock.timers).toBe(0)
  })

  it('are forgotten by those who do not wait any longer', () => {
    const { clock, acks, settled, add } = make()
    acks.forget(add(100))
    acks.settle(1, ['late'])
    expect([acks.size, clock.timers, settled.length]).toEqual([0, 0, 0])
  })

  it('are all rejected when the client goes', () => {
    const { clock, acks, settled, add } = make()
    add(100)
    add()
    acks.rejectAll(new Error('gone'))
    expect(settled).toEqual([
      ['gone', []],
      ['gone', []],
    ])
    expect([acks.size, clock.timers]).toEqual([0, 0])
  })

  it('are at most so many, and nothing is sent for one more', () => {
    const { acks, settled, sent, add } = make()
    for (let i = 0; i < 10_000; i++) add()
    expect(add()).toBe(0)
    expect([acks.size, sent.length]).toEqual([10_000, 10_000])
    expect(settled).toEqual([['too many acknowledgements are pending', []]])
  })

  it('may be settled while they are being sent', () => {
    const { clock, acks } = make()
    const answered: unknown[][] = []
    acks.add(
      10,
      (_, args) => answered.push(args),
      (id) => acks.settle(id, ['at once']),
    )
    expect(answered).toEqual([['at once']])
    expect(clock.timers).toBe(0)
  })
})
