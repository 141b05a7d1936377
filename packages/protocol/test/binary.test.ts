import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mayHoldBinary, RequestError, reviveBinary, stringifyArgs, stringifyValue } from '../src/index.ts'
import { toNotation } from './vectors.ts'

const key = fc.oneof(
  fc.constantFrom('$binary', '$$binary', '$$$binary', 'binary', '$', '__proto__', 'toJSON', 'length'),
  fc.string(),
)
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.uint8Array()),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(key, tie('value')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
  ),
}))

describe('bytes inside JSON', () => {
  it('come back as they were, and keys too, in their order', () => {
    fc.assert(
      fc.property(fc.array(value), (args) => {
        const text = stringifyArgs(args)
        const parsed: unknown = JSON.parse(text)
        const back = mayHoldBinary(text) ? reviveBinary(parsed) : parsed
        expect(JSON.stringify(toNotation(back))).toBe(JSON.stringify(toNotation(args)))
        expect(({} as { admin?: unknown }).admin).toBeUndefined()
      }),
      { numRuns: 2_000 },
    )
  })

  it('are what JSON.stringify says where there are none', () => {
    const plain = fc.jsonValue().filter((each) => !JSON.stringify(each).includes('$'))
    fc.assert(
      fc.property(plain, (each) => {
        expect(stringifyArgs([each])).toBe(JSON.stringify([each]))
      }),
    )
  })

  it.each([
    ['an ArrayBuffer', new Uint8Array([0, 1, 255]).buffer],
    ['a Buffer', Buffer.from([0, 1, 255])],
    ['a view into a larger buffer', new Uint8Array([9, 0, 1, 255, 9]).subarray(1, 4)],
    ['a DataView', new DataView(new Uint8Array([0, 1, 255]).buffer)],
    ['a wider view, as the bytes it covers', new Int8Array([0, 1, -1])],
  ])('are written from %s', (_, bytes) => {
    expect(stringifyArgs([bytes])).toBe('[{"$binary":"AAH/"}]')
    expect(stringifyValue({ bytes })).toBe('{"bytes":{"$binary":"AAH/"}}')
  })

  it.each([
    ['undefined', undefined, 'null'],
    ['a function', () => 1, 'null'],
    ['NaN', Number.NaN, 'null'],
    ['a date', new Date(0), '"1970-01-01T00:00:00.000Z"'],
    ['a property that is undefined', { a: undefined, b: 1 }, '{"b":1}'],
    ['a date beside bytes', [new Date(0), new Uint8Array(1)], '["1970-01-01T00:00:00.000Z",{"$binary":"AA=="}]'],
    ['toJSON that brings bytes', { toJSON: () => ({ b: new Uint8Array(1) }) }, '{"b":{"$binary":"AA=="}}'],
    ['toJSON that is no function', { toJSON: 1 }, '{"toJSON":1}'],
    ['toJSON that answers itself', selfAnswering(), '{"n":1}'],
    ['boxed values beside bytes', [Object('a'), Object(1), new Uint8Array(1)], '["a",1,{"$binary":"AA=="}]'],
    ['undefined beside bytes', [undefined, new Uint8Array(1)], '[null,{"$binary":"AA=="}]'],
  ])('leave %s to JSON', (_, each, text) => {
    expect(stringifyValue(each)).toBe(text)
    expect(stringifyArgs([each])).toBe(`[${text}]`)
  })

  it('throw a TypeError for what is cyclic', () => {
    const cycle: Record<string, unknown> = {}
    cycle.self = [cycle, cycle]
    expect(() => stringifyArgs([cycle])).toThrow(TypeError)
    expect(() => stringifyArgs([new Uint8Array(1), cycle])).toThrow(TypeError)
    expect(() => stringifyArgs([{ toJSON: () => cycle }])).toThrow(TypeError)
  })

  it.each(['A', 'A===', 'AA', '-_-_', 'AA==AA==', 'A A=', '====', 'AA=A'])('refuse %s', (text) => {
    expect(() => reviveBinary([{ $binary: text }])).toThrow(RequestError)
  })
})

function selfAnswering(): object {
  const value = {
    n: 1,
    toJSON(): object {
      return value
    },
  }
  return value
}
