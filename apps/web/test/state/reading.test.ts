import { describe, expect, it } from 'vitest'
import { allRead, caughtUp, missed, seen, settled } from '../../src/state/reading.ts'

describe('reading', () => {
  it('counts what nobody saw from the first message on', () => {
    expect(missed(missed(allRead, 'a', 1), 'b', 2)).toEqual({ unread: 3, newFrom: 'a', newCount: 3 })
  })

  it('keeps the line when everything was seen, and moves it when more comes', () => {
    const read = seen(missed(allRead, 'a', 2))
    expect(read).toEqual({ unread: 0, newFrom: 'a', newCount: 2 })
    expect(missed(read, 'c', 1)).toEqual({ unread: 1, newFrom: 'c', newCount: 1 })
  })

  it('takes the line away when one goes elsewhere, unless something is unread', () => {
    const unread = missed(allRead, 'a', 1)
    expect(settled(unread)).toBe(unread)
    expect(settled(seen(unread))).toEqual(allRead)
  })

  it('marks what was caught up without calling it unread', () => {
    expect(caughtUp(allRead, 'a', 14)).toEqual({ unread: 0, newFrom: 'a', newCount: 14 })
  })
})
