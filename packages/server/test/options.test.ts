import { describe, expect, it } from 'vitest'
import { defaults, resolveOptions } from '../src/options.ts'

describe('the options', () => {
  it('are what was given, over the defaults', () => {
    expect(resolveOptions({})).toEqual(defaults)
    expect(resolveOptions({ heartbeatMs: 1_000, http: '/api' })).toEqual({
      ...defaults,
      heartbeatMs: 1_000,
      http: '/api',
    })
  })

  it('take undefined as left out', () => {
    const given: Record<string, unknown> = { heartbeatMs: undefined, logger: undefined }
    expect(resolveOptions(given)).toEqual(defaults)
  })

  it("know Socket.IO's own names, and prefer ours", () => {
    const { heartbeatMs, heartbeatTimeoutMs, maxPayloadBytes } = resolveOptions({
      pingInterval: 1,
      pingTimeout: 2,
      maxHttpBufferSize: 3,
    })
    expect([heartbeatMs, heartbeatTimeoutMs, maxPayloadBytes]).toEqual([1, 2, 3])
    expect(resolveOptions({ pingInterval: 1, heartbeatMs: 5 }).heartbeatMs).toBe(5)
  })

  it.each([
    ['heartbeatMs', 0],
    ['maxPayloadBytes', -1],
    ['sessionTtlMs', '120'],
    ['maxRoomsPerClient', Number.NaN],
  ])('refuse %s: %j, naming the option', (name, value) => {
    expect(() => resolveOptions({ [name]: value })).toThrow(new RegExp(`"${name}"`))
  })

  it('refuse a number under the name it was given by', () => {
    expect(() => resolveOptions({ pingInterval: -1 })).toThrow(TypeError)
  })

  it.each([
    ['origin', { origin: () => true }],
    ['delegate', () => ({})],
  ])('refuse a function for cors (%s), which could not be asked in time', (_, cors) => {
    expect(() => resolveOptions({ cors } as object)).toThrow('"cors.origin" is no function')
  })

  it('leave prototypes alone', () => {
    const options = resolveOptions(
      JSON.parse('{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}'),
    )
    expect(({} as Record<string, unknown>).admin).toBeUndefined()
    expect(Object.getPrototypeOf(options)).toBe(Object.prototype)
  })
})
