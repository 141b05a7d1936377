import { describe, expect, it } from 'vitest'
import {
  type AllowedOrigins,
  isHostAllowed,
  isLoopback,
  isOriginAllowed,
  type OriginOptions,
} from '../../src/guard/origin.ts'

interface Asked extends Partial<OriginOptions> {
  readonly host?: string
  readonly forwardedHost?: string
  readonly secure?: boolean
}

function allowed(origin: string | undefined, { host, forwardedHost, secure = false, ...options }: Asked): boolean {
  const headers: Record<string, string | undefined> = { origin, host, 'x-forwarded-host': forwardedHost }
  return isOriginAllowed((name) => headers[name], { trustProxy: false, allowNull: false, ...options }, secure)
}

describe('an origin over TLS', () => {
  it.each([
    ['https://good.example', 'good.example', true],
    ['https://good.example', 'good.example:443', true],
    ['https://good.example:8443', 'good.example:8443', true],
    ['http://good.example', 'good.example', false],
    ['http://good.example:443', 'good.example', false],
    ['http://good.example:8443', 'good.example:8443', false],
    ['http://localhost:5173', 'localhost:8443', true],
  ])('%s at %s is allowed: %s', (origin, host, expected) => {
    expect(allowed(origin, { host, secure: true })).toBe(expected)
  })
})

describe('an origin', () => {
  it.each([
    ['http://good.example', 'good.example', true],
    ['http://good.example:80', 'good.example', true],
    ['https://good.example', 'good.example', true],
    ['https://good.example', 'good.example:443', true],
    ['http://good.example', 'good.example:443', false],
    ['http://GOOD.example', 'good.EXAMPLE', true],
    ['HTTP://good.example', 'good.example', true],
    ['http://good.example:8080', 'good.example:8080', true],
    ['http://evil.example', 'good.example', false],
    ['http://good.example.evil.example', 'good.example', false],
    ['http://evilgood.example', 'good.example', false],
    ['http://good.example:1', 'good.example', false],
    ['http://good.example', 'good.example:8080', false],
    ['http://good.example.', 'good.example', false],
    ['http://user@good.example', 'good.example', false],
    ['http://good.example/', 'good.example', false],
    ['http://good.example?x', 'good.example', false],
    ['http://evil.example\\good.example', 'good.example', false],
    ['http://good.example good.example', 'good.example', false],
    ['good.example', 'good.example', false],
    ['//good.example', 'good.example', false],
    ['http://', 'good.example', false],
    ['', 'good.example', false],
    ['null', 'good.example', false],
    ['http://good.example', undefined, false],
    ['http://good.example:99999999', 'good.example', false],
    ['http://[2001:db8::1]:80', '[2001:db8::1]', true],
    // development servers
    ['http://localhost:5173', 'localhost:3000', true],
    ['http://127.0.0.1:5173', 'localhost:3000', true],
    ['http://[::1]:5173', '127.0.0.1:3000', true],
    ['http://app.localhost', 'localhost:3000', true],
    ['http://evil.example', 'localhost:3000', false],
    ['http://localhost.evil.example', 'localhost:3000', false],
    ['http://127.0.0.1.evil.example', 'localhost:3000', false],
    ['http://localhost:5173', 'good.example', false],
    ['http://192.168.1.5:5173', '192.168.1.5:3000', true],
    ['http://10.1.2.3', '10.1.2.3:3000', true],
    ['http://172.16.0.1:1', '172.16.0.1', true],
    ['http://172.32.0.1:1', '172.32.0.1', false],
    ['http://[fd00::1]:5173', '[fd00::1]:3000', true],
    ['http://192.168.1.6:5173', '192.168.1.5:3000', false],
    ['http://10.evil.example:5173', '10.evil.example:3000', false],
    ['http://192.168.evil.example:1', '192.168.evil.example', false],
  ])('%s at %s, with nothing configured, is allowed: %s', (origin, host, is) => {
    expect(allowed(origin, host === undefined ? {} : { host })).toBe(is)
  })

  it.each<[AllowedOrigins, string, boolean]>([
    [true, 'http://evil.example', true],
    ['*', 'http://evil.example', true],
    ['*', 'null', true],
    [false, 'http://good.example', false],
    ['http://good.example', 'http://good.example', true],
    ['http://good.example', 'http://GOOD.example:80', true],
    ['http://good.example', 'https://good.example', false],
    ['http://good.example', 'http://good.example:1', false],
    ['http://good.example', 'http://good.example.', false],
    ['http://good.example', 'http://good.example.evil.example', false],
    ['http://good.example', 'http://evilgood.example', false],
    ['http://good.example', 'null', false],
    ['http://*.good.example', 'http://a.good.example', true],
    ['http://*.good.example', 'http://a.b.good.example', true],
    ['http://*.good.example', 'http://good.example', false],
    ['http://*.good.example', 'http://evilgood.example', false],
    ['http://*.good.example', 'http://a.good.example:1', false],
    ['http://*.good.example:1', 'http://a.good.example:1', true],
    [/https?:\/\/good\.example/, 'https://good.example', true],
    [/https?:\/\/good\.example/, 'https://good.example.evil.example', false],
    [/https?:\/\/good\.example/g, 'http://evil.example/http://good.example', false],
    [/http:\/\/good\.example|http:\/\/fine\.example/, 'http://good.example.evil.example', false],
    [['http://a.example', /http:\/\/b\.example/], 'http://b.example', true],
    [['http://a.example', /http:\/\/b\.example/], 'http://c.example', false],
    [[], 'http://a.example', false],
  ])('with %s configured, %s is allowed: %s', (origin, from, is) => {
    expect(allowed(from, { host: 'own.example', origin })).toBe(is)
  })

  it('of the own host is allowed beside those configured', () => {
    expect(allowed('http://own.example', { host: 'own.example', origin: 'http://good.example' })).toBe(true)
    expect(allowed('http://own.example', { host: 'own.example', origin: [] })).toBe(true)
  })

  it('given by a regular expression is matched anew each time', () => {
    const origin = /http:\/\/good\.example/g
    const asked = [1, 2, 3].map(() => allowed('http://good.example', { host: 'own.example', origin }))
    expect(asked).toEqual([true, true, true])
  })

  it('is not there where a request is not from a browser, which is allowed', () => {
    expect(allowed(undefined, { host: 'good.example' })).toBe(true)
    expect(allowed(undefined, {})).toBe(true)
  })

  it('null is allowed only where that is said', () => {
    expect(allowed('null', { host: 'localhost', allowNull: true })).toBe(true)
    expect(allowed('null', { host: 'localhost' })).toBe(false)
  })

  it('is compared with X-Forwarded-Host behind a trusted proxy alone', () => {
    const forwarded = { host: '10.0.0.1:3000', forwardedHost: 'what the client said, good.example' }
    expect(allowed('http://good.example', { ...forwarded, trustProxy: true })).toBe(true)
    expect(allowed('http://good.example', forwarded)).toBe(false)
    expect(allowed('http://good.example', { host: 'good.example', trustProxy: true })).toBe(true)
  })
})

describe('a host', () => {
  it.each([
    ['localhost', true],
    ['localhost:8080', true],
    ['LOCALHOST', true],
    ['a.localhost', true],
    ['127.0.0.1:8080', true],
    ['[::1]:8080', true],
    ['chat.example', true],
    ['CHAT.example:1', true],
    ['evil.example', false],
    ['chat.example.evil.example', false],
    ['localhost.evil.example', false],
    ['127.0.0.1.evil.example', false],
    ['chat.example.', false],
    ['', false],
    [undefined, false],
    ['a b', false],
    ['http://localhost', false],
  ])('%s is allowed: %s', (host, is) => {
    expect(isHostAllowed(host, ['Chat.example'], false)).toBe(is)
  })

  it('may be an IP address where that is said', () => {
    for (const host of ['192.0.2.1', '192.0.2.1:8080', '[2001:db8::1]:8080']) {
      expect([isHostAllowed(host, [], true), isHostAllowed(host, [], false)]).toEqual([true, false])
    }
    expect(isHostAllowed('192.0.2.1.evil.example', [], true)).toBe(false)
  })

  it.each([
    ['localhost', true],
    ['x.localhost', true],
    ['127.0.0.1', true],
    ['127.255.0.9', true],
    ['[::1]', true],
    ['128.0.0.1', false],
    ['notlocalhost', false],
    ['127.0.0.1.example', false],
  ])('%s is loopback: %s', (host, is) => {
    expect(isLoopback(host)).toBe(is)
  })
})
