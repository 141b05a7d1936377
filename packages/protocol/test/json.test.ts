import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isMessageText, isTooDeep, maxJsonDepth } from '../src/index.ts'

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  return 1 + Math.max(0, ...Object.values(value).map(depthOf))
}

describe('isTooDeep', () => {
  it('counts as a parser does, strings and their escapes skipped', () => {
    const deep = fc
      .tuple(fc.json({ maxDepth: 6 }), fc.integer({ min: 55, max: 70 }), fc.constantFrom('[', '{"a[{\\"":'))
      .map(([inner, depth, open]) => open.repeat(depth) + inner + (open === '[' ? ']' : '}').repeat(depth))
    fc.assert(
      fc.property(deep, (text) => {
        expect(isTooDeep(text)).toBe(depthOf(JSON.parse(text)) > maxJsonDepth)
      }),
    )
  })

  it.each([
    ['an unfinished string', `"${'['.repeat(100)}`],
    ['a string that ends in a backslash', `["\\\\",${'"[",'.repeat(100)}0]`],
    ['brackets side by side', `[${'[],'.repeat(1_000)}[]]`],
    ['64 brackets', '['.repeat(64)],
  ])('lets %s pass', (_, text) => {
    expect(isTooDeep(text)).toBe(false)
  })

  it('sees the brackets behind a string with escapes', () => {
    expect(isTooDeep(`["\\\\\\"",${'['.repeat(64)}`)).toBe(true)
  })
})

describe('isMessageText', () => {
  it('is true for JSON objects with a string type and for nothing else', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.json(), fc.string(), fc.dictionary(fc.constantFrom('type', 'x'), fc.jsonValue())),
        (each) => {
          const text = typeof each === 'string' ? each : JSON.stringify(each)
          let expected = false
          try {
            const value: unknown = JSON.parse(text)
            expected =
              Object.prototype.toString.call(value) === '[object Object]' && typeof Object(value).type === 'string'
          } catch {}
          expect(isMessageText(text)).toBe(expected)
        },
      ),
    )
  })
})
