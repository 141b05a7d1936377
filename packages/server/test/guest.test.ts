import { describe, expect, it } from 'vitest'
import { guestName, isGuest, newGuest } from '../src/guest.ts'

describe('a guest', () => {
  it('has an id that says so, and a name', () => {
    const [one, two] = [newGuest(), newGuest()]
    expect(one.id).toMatch(/^guest:[\w-]{20}$/)
    expect(one.name).toMatch(/^Guest [0-9A-Z]{4}$/)
    expect(one.id).not.toBe(two.id)
    expect([isGuest(one), isGuest({ id: 'ada', name: 'guest:' })]).toEqual([true, false])
  })

  it.each([
    ['Ada', 'Ada'],
    ['  Ada Lovelace ', 'Ada Lovelace'],
    ['A\nda\u0000\u0085', 'Ada'],
    ['\u202eadA', 'adA'],
    ['a\u2066b\u2028c', 'abc'],
    ['\ud800x', '\ufffdx'],
    ['名前', '名前'],
    ['x'.repeat(100), 'x'.repeat(64)],
    ['👋'.repeat(100), '👋'.repeat(64)],
  ])('that wants to be called %j is called %j', (wish, name) => {
    expect(guestName(wish)).toBe(name)
    expect(newGuest(wish).name).toBe(name)
  })

  it.each([undefined, '', '   ', '\u0000', '\u202e'])('that wants to be called %j gets a name of ours', (wish) => {
    expect(guestName(wish)).toBeUndefined()
    expect(newGuest(wish).name).toMatch(/^Guest /)
  })
})
