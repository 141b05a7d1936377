import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eventOfType, isName, isPosition, isRequestId, isReservedName, typeOfEvent } from '../src/index.ts'

describe('isName', () => {
  it('is true for 1 to 256 bytes of well-formed Unicode without control characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300, size: 'max' }), (text) => {
        const bytes = Buffer.byteLength(text)
        const whole = Buffer.from(text).toString() === text
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
        const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(text)
        expect(isName(text)).toBe(bytes >= 1 && bytes <= 256 && whole && !control)
      }),
      { numRuns: 1_000 },
    )
  })

  it.each([undefined, null, 5, {}, ['a'], Object('a')])('is false for %j', (value) => {
    expect(isName(value)).toBe(false)
  })
})

describe('the names of events on the wire', () => {
  it('are inverses, and never reserved', () => {
    const names = fc.tuple(
      fc.nat({ max: 4 }),
      fc.oneof(fc.constantFrom('ping', 'history', 'open', 'x', ''), fc.string()),
    )
    fc.assert(
      fc.property(names, ([dollars, rest]) => {
        const event = '$'.repeat(dollars) + rest
        expect(eventOfType(typeOfEvent(event))).toBe(event)
        expect(isReservedName(typeOfEvent(event))).toBe(false)
      }),
    )
  })
})

describe('isRequestId', () => {
  it.each([0, -1, 1.5, 2 ** 53 - 1, '', 'a', 'x'.repeat(256), 'é'.repeat(128), '👋'.repeat(64)])('takes %j', (id) => {
    expect(isRequestId(id)).toBe(true)
  })

  it.each([
    2 ** 53,
    -(2 ** 53),
    Number.NEGATIVE_INFINITY,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    'x'.repeat(257),
    'é'.repeat(129),
    '👋'.repeat(65),
    null,
    true,
    [1],
  ])('refuses %j', (id) => {
    expect(isRequestId(id)).toBe(false)
  })
})

describe('isPosition', () => {
  it.each([
    [{ epoch: 'e', seq: 0 }, true],
    [{ epoch: 'e', seq: Number.MAX_SAFE_INTEGER }, true],
    [{ epoch: 'e', seq: 2 ** 53 }, false],
    [{ epoch: 'e', seq: -1 }, false],
    [{ epoch: 'e', seq: 0.5 }, false],
    [{ epoch: 'e', seq: '1' }, false],
    [{ epoch: '', seq: 1 }, false],
    [{ epoch: 'e'.repeat(1_025), seq: 1 }, false],
    [{ seq: 1 }, false],
    [null, false],
    ['e', false],
  ])('of %j is %s', (value, valid) => {
    expect(isPosition(value)).toBe(valid)
  })
})
