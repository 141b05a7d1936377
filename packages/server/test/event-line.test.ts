import { describe, expect, it } from 'vitest'
import { EventLine } from '../src/event-line.ts'

describe('a line of events', () => {
  it('is free until something takes its time', async () => {
    const line = new EventLine()
    expect(line.busy).toBe(false)
    const done = Promise.resolve()
    line.waitFor(done)
    expect(line.busy).toBe(true)
    await done
    expect(line.busy).toBe(false)
  })

  it('keeps the order, also where what waited takes its time in turn', async () => {
    const line = new EventLine()
    const told: number[] = []
    const later = (n: number) => async () => {
      await null
      told.push(n)
    }
    line.waitFor(later(0)())
    line.add(() => void told.push(1))
    line.add(later(2))
    line.add(() => void told.push(3))
    await expect.poll(() => told.length).toBe(4)
    expect(told).toEqual([0, 1, 2, 3])
    expect(line.busy).toBe(false)
  })

  it('waits for all that takes its time', async () => {
    const line = new EventLine()
    let open = (): void => {}
    line.waitFor(Promise.resolve())
    line.waitFor(
      new Promise<void>((resolve) => {
        open = resolve
      }),
    )
    let told = false
    line.add(() => {
      told = true
      return undefined
    })
    await new Promise(setImmediate)
    expect(told).toBe(false)
    open()
    await expect.poll(() => told).toBe(true)
  })

  it('has room for 32, and none where nobody is interested any more', async () => {
    const line = new EventLine()
    const told: number[] = []
    const done = Promise.resolve()
    line.waitFor(done)
    const added = Array.from({ length: 33 }, (_, i) => line.add(() => void told.push(i)))
    expect(added.filter(Boolean).length).toBe(32)
    line.clear()
    await done
    expect(told).toEqual([])
  })
})
