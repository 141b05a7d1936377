import { describe, expect, it } from 'vitest'
import { resolveEngineOptions } from '../src/engine-options.ts'

const originOf = (origin: unknown): unknown =>
  (resolveEngineOptions({ cors: { origin } }).cors as { origin: unknown }).origin

describe('origins for polling', () => {
  it('are handed on as they are', () => {
    for (const origin of [true, '*', 'https://a.example', /b/, ['https://a.example', /b/]]) {
      expect(originOf(origin)).toEqual(origin)
    }
  })

  it('become patterns where a host begins with a star', () => {
    const [plain, pattern] = originOf(['https://a.example', 'https://*.example.org:8443']) as [string, RegExp]
    expect(plain).toBe('https://a.example')
    const fits = ['https://x.example.org:8443', 'https://X.Y.example.org:8443']
    const strangers = [
      'https://example.org:8443',
      'https://xexample.org:8443',
      'https://x.example.org',
      'http://x.example.org:8443',
      'https://x.exampleXorg:8443',
      'https://evil.example/.example.org:8443',
    ]
    expect([...fits, ...strangers].filter((origin) => pattern.test(origin))).toEqual(fits)
    expect((originOf('https://*.example.org') as RegExp).test('https://x.example.org')).toBe(true)
  })
})
