import { describe, expect, it } from 'vitest'
import { isOpen, type RoomRules, Rules } from '../src/rules.ts'

const keep = (entries: number) => ({ keep: { entries, ageMs: 1_000 } })
const entriesOf = (rules: RoomRules, room: string): number | false => {
  const { keep } = new Rules(rules).of(room)
  return keep === false ? false : keep.entries
}

describe('the rule of a room', () => {
  it.each([
    ['lobby', 'lobby', true],
    ['lobby', 'lobby2', false],
    ['chat:*', 'chat:1', true],
    ['chat:*', 'chat:', true],
    ['chat:*', 'chat', false],
    ['chat:*', 'xchat:1', false],
    ['*', 'anything', true],
    ['*:log', 'a:log', true],
    ['*:log', 'a:logs', false],
    ['a*b*c', 'abc', true],
    ['a*b*c', 'a-b-c', true],
    ['a*b*c', 'acb', false],
    ['a*b*c', 'ac', false],
    ['ab*ba', 'aba', false],
    ['ab*ba', 'abba', true],
    ['*a*a*', 'a', false],
    ['*a*a*', 'aa', true],
    ['**', '', true],
    ['a.*', 'axb', false],
    ['a+*', 'a+b', true],
    ['(*', '(b', true],
  ])('"%s" fits "%s": %s', (pattern, room, fits) => {
    expect(entriesOf({ [pattern]: keep(7) }, room)).toBe(fits ? 7 : 1_000)
  })

  it('is its own before a pattern, and a longer pattern before a shorter one', () => {
    const rules = { '*': keep(1), 'chat:*': keep(2), 'chat:admin:*': keep(3), 'chat:admin:1': keep(4) }
    expect(['x', 'chat:x', 'chat:admin:x', 'chat:admin:1'].map((room) => entriesOf(rules, room))).toEqual([1, 2, 3, 4])
    const turned = Object.fromEntries(Object.entries(rules).reverse())
    expect(['x', 'chat:x', 'chat:admin:x', 'chat:admin:1'].map((room) => entriesOf(turned, room))).toEqual([1, 2, 3, 4])
  })

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'is none for "%s", which no rule names',
    (room) => {
      const rule = new Rules({ lobby: { subscribe: true } }).of(room)
      expect(isOpen(rule)).toBe(false)
    },
  )

  it('is closed to clients and keeps a little where there is none', () => {
    const rule = new Rules({}).of('x')
    expect(rule).toEqual({
      keep: { entries: 1_000, ageMs: 120_000 },
      recover: 'own',
      subscribe: false,
      publish: false,
      history: false,
      presence: false,
    })
    expect(isOpen(rule)).toBe(false)
  })

  it.each(['subscribe', 'publish', 'history', 'presence'] as const)('opens the room by %s alone', (action) => {
    expect(isOpen(new Rules({ a: { [action]: true } }).of('a'))).toBe(true)
    expect(isOpen(new Rules({ a: { [action]: () => false } }).of('a'))).toBe(true)
  })

  it('lets readers recover all that is kept where everybody may read the history anyway', () => {
    const recover = (rule: RoomRules[string]) => new Rules({ a: rule }).of('a').recover
    expect(recover({ subscribe: true })).toBe('own')
    expect(recover({ history: () => true })).toBe('own')
    expect(recover({ history: true })).toBe('kept')
    expect(recover({ history: true, recover: 'own' })).toBe('own')
    expect(recover({ recover: 'kept' })).toBe('kept')
  })

  it.each([{ entries: -1, ageMs: 1 }, { entries: 1, ageMs: Number.NaN }, { entries: 1 }])(
    'refuses to keep %j',
    (keep) => {
      expect(() => new Rules({ 'a:*': { keep: keep as never } })).toThrow(/rooms\["a:\*"\]\.keep/)
    },
  )

  it('is found in time that grows with the name, not with the pattern', () => {
    const rules = new Rules({ [`${'a*'.repeat(30)}b`]: keep(1) })
    expect(rules.of('a'.repeat(256)).keep).toEqual({ entries: 1_000, ageMs: 120_000 })
    expect(rules.of(`${'a'.repeat(255)}b`).keep).toEqual({ entries: 1, ageMs: 1_000 })
  })
})
