import { describe, expect, it } from 'vitest'
import { connectionDefaults, resolveConnectionOptions } from '../../src/websocket/connection-options.ts'

describe('resolveConnectionOptions', () => {
  it('fills in the defaults, for what is undefined too', () => {
    expect(resolveConnectionOptions()).toEqual(connectionDefaults)
    expect(resolveConnectionOptions({ closeTimeoutMs: undefined, maxFragments: 7 })).toEqual({
      ...connectionDefaults,
      maxFragments: 7,
    })
  })

  it.each([
    ['maxPayloadBytes', -1],
    ['maxPayloadBytes', 2 ** 31],
    ['maxPayloadBytes', Number.NaN],
    ['maxFragments', 0],
    ['maxEmptyFragments', 1.5],
    ['maxControlFramesPerSecond', Number.POSITIVE_INFINITY],
    ['messageTimeoutMs', 0],
    ['closeTimeoutMs', 2 ** 31],
    ['closeTimeoutMs', '5000'],
  ])('throws a RangeError that names %s when it is %s', (name, value) => {
    expect(() => resolveConnectionOptions({ [name]: value })).toThrow(RangeError)
    expect(() => resolveConnectionOptions({ [name]: value })).toThrow(name)
  })
})
