import { describe, expect, it } from 'vitest'
import { deflateDefaults, resolveDeflateOptions } from '../../src/websocket/deflate-options.ts'

describe('resolveDeflateOptions', () => {
  it('compresses nothing unless it is asked to', () => {
    expect(resolveDeflateOptions()).toBeUndefined()
    expect(resolveDeflateOptions(false)).toBeUndefined()
  })

  it('has defaults', () => {
    expect(resolveDeflateOptions(true)).toEqual({
      thresholdBytes: 1_024,
      level: 4,
      serverNoContextTakeover: true,
      clientNoContextTakeover: true,
      serverMaxWindowBits: 15,
      clientMaxWindowBits: 15,
    })
    expect(resolveDeflateOptions({ level: undefined })).toEqual(deflateDefaults)
  })

  it('takes the name that others have for the threshold', () => {
    expect(resolveDeflateOptions({ threshold: 0 })?.thresholdBytes).toBe(0)
    expect(resolveDeflateOptions({ threshold: 0, thresholdBytes: 5 })?.thresholdBytes).toBe(5)
  })

  it.each([
    ['thresholdBytes', -1],
    ['thresholdBytes', 0.5],
    ['level', 0],
    ['level', 10],
    ['serverMaxWindowBits', 8],
    ['serverMaxWindowBits', 16],
    ['clientMaxWindowBits', 7],
    ['clientMaxWindowBits', 16],
    ['clientMaxWindowBits', '10'],
  ])('refuses %s of %j', (name, value) => {
    expect(() => resolveDeflateOptions({ [name]: value })).toThrow(`perMessageDeflate.${name} must be`)
  })
})
