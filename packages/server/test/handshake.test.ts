import { describe, expect, it } from 'vitest'
import { factsOf, Handshake, type RequestFacts } from '../src/handshake.ts'

const make = (facts: Partial<RequestFacts> = {}): Handshake =>
  new Handshake({ method: 'GET', url: '/', rawHeaders: [], address: '127.0.0.1', secure: false, ...facts }, 1_000)

describe('what came with a handshake to say who it is', () => {
  it.each<[string, Partial<RequestFacts>, object]>([
    ['nothing', {}, {}],
    ['the URL', { url: '/?token=t&name=Ada' }, { token: 't', name: 'Ada' }],
    ['the URL, escaped', { url: '/ops?name=Ada%20L&%74oken=a%2Bb' }, { token: 'a+b', name: 'Ada L' }],
    ['the first of several', { url: '/?token=a&token=b&name=A&name=B' }, { token: 'a', name: 'A' }],
    ['Authorization', { rawHeaders: ['authorization', 'Bearer t'] }, { token: 't' }],
    ['Authorization, whose scheme has no case', { rawHeaders: ['Authorization', 'bearer  t'] }, { token: 't' }],
    ['another scheme', { rawHeaders: ['Authorization', 'Basic dXNlcg=='] }, {}],
    ['Authorization before the URL', { url: '/?token=url', rawHeaders: ['Authorization', 'Bearer h'] }, { token: 'h' }],
    ['an empty token', { url: '/?token=' }, { token: '' }],
  ])('is taken from %s', (_, facts, auth) => {
    expect(make(facts).auth).toEqual(auth)
  })

  it('has nothing but a token and a name, whatever the query says', () => {
    const { auth } = make({ url: '/?__proto__=x&constructor=y&admin=true' })
    expect(auth).toEqual({})
    expect(({} as Record<string, unknown>).admin).toBeUndefined()
  })
})

describe('a handshake', () => {
  it.each([
    ['/?token=secret', '/?token=***'],
    ['/?a=1&token=secret&b=2', '/?a=1&token=***&b=2'],
    ['/?TOKEN=secret', '/?TOKEN=***'],
    ['/?token=secret&token=secret2', '/?token=***&token=***'],
    ['/?%74oken=secret', '/?%74oken=***'],
    ['/?tok%65n=se=cret', '/?tok%65n=***'],
    ['/?mytoken=1&a=token', '/?mytoken=1&a=token'],
    ['/?%zz=1', '/?%zz=1'],
    ['/token=x', '/token=x'],
  ])('shows the URL %s as %s', (url, shown) => {
    expect(make({ url }).url).toBe(shown)
  })

  it('shows headers by lower-case names, repeated ones joined', () => {
    const { headers, xdomain } = make({ rawHeaders: ['X-A', '1', 'x-a', '2', 'Origin', 'http://a', 'X-Empty', ''] })
    expect({ ...headers }).toEqual({ 'x-a': '1, 2', origin: 'http://a', 'x-empty': '' })
    expect(xdomain).toBe(true)
    expect(make().xdomain).toBe(false)
    expect({ ...make().headers }).toEqual({})
  })

  it('takes a header or a parameter named like a prototype for what it is', () => {
    const { headers, query } = make({ url: '/?__proto__=x&constructor=y', rawHeaders: ['__proto__', 'z'] })
    expect(Object.entries(headers)).toEqual([['__proto__', 'z']])
    expect(Object.entries(query)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ])
    expect(Object.getPrototypeOf(headers)).toBeNull()
  })

  it('shows the query, the first of each name', () => {
    expect({ ...make({ url: '/ops?a=1&a=2&b=%20' }).query }).toEqual({ a: '1', b: ' ' })
    expect({ ...make({ url: '/ops' }).query }).toEqual({})
  })

  it('tells when and from where', () => {
    const handshake = make({ secure: true, method: 'GET' })
    expect(handshake).toMatchObject({ issued: 1_000, address: '127.0.0.1', secure: true, method: 'GET' })
    expect(new Date(handshake.time).getTime()).toBe(1_000)
  })

  it('keeps all of its head but the key, which has served', () => {
    const rawHeaders = ['Host', 'a', 'Sec-WebSocket-Key', 'x', 'SEC-WEBSOCKET-KEY', 'y', 'Cookie', 'c=1']
    expect({ ...make({ rawHeaders }).headers }).toEqual({ host: 'a', cookie: 'c=1' })
  })

  it('takes its facts from a request, and lets go of it', () => {
    const rawHeaders = ['Host', 'a']
    expect(factsOf({ rawHeaders, socket: {} }, '::1')).toEqual({
      method: 'GET',
      url: '/',
      rawHeaders,
      address: '::1',
      secure: false,
    })
    const socket = { encrypted: true }
    expect(factsOf({ method: 'GET', url: '/x', rawHeaders, socket }, '10.0.0.1')).toMatchObject({
      url: '/x',
      address: '10.0.0.1',
      secure: true,
    })
  })
})
