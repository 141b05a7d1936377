import { describe, expect, it } from 'vitest'
import { open, serve } from './served.ts'

const evil = 'http://evil.example'

describe('the HTTP API', () => {
  it.each([
    ['GET', '/nothing', 404, 'not_found', null],
    ['GET', '/events/', 404, 'not_found', null],
    ['GET', '/rooms/lobby', 404, 'not_found', null],
    ['GET', '/rooms/lobby/else', 404, 'not_found', null],
    ['GET', '/rooms/lobby/presence/more', 404, 'not_found', null],
    ['POST', '/events', 405, 'method_not_allowed', 'GET, HEAD, OPTIONS'],
    ['PUT', '/rooms/lobby/publications', 405, 'method_not_allowed', 'GET, HEAD, POST, OPTIONS'],
    ['DELETE', '/rooms/lobby/publications', 405, 'method_not_allowed', 'GET, HEAD, POST, OPTIONS'],
    ['PATCH', '/rooms/lobby/presence', 405, 'method_not_allowed', 'GET, HEAD, OPTIONS'],
    ['GET', '/rooms/%/presence', 400, 'invalid', null],
    ['GET', '/rooms//presence', 400, 'invalid', null],
    ['GET', '/rooms/lobby/presence?namespace=/none', 404, 'not_found', null],
  ])('answers %s %s with %i', async (method, path, status, code, allow) => {
    const { url } = await serve()
    const response = await fetch(`${url}${path}`, { method })
    expect(response.status).toBe(status)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(response.headers.get('allow')).toBe(allow)
    const problem = await response.json()
    expect(problem).toMatchObject({
      type: 'about:blank',
      title: expect.any(String),
      status,
      code,
      detail: expect.any(String),
    })
  })

  it('leaves what is not below its path to others', async () => {
    const { port, io } = await serve()
    for (const path of ['/', '/apis/events', '/API/events']) {
      expect(await (await fetch(`http://127.0.0.1:${port}${path}`)).text()).toBe('not found\n')
    }
    expect(io.stats.clients.total).toBe(0)
  })

  it('says what there is at its path itself', async () => {
    const { port } = await serve()
    for (const path of ['/api', '/api/', '/api/?']) {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`)
      expect(answer.status).toBe(200)
      expect(await answer.json()).toEqual({
        resources: ['events', 'rooms/<room>/publications', 'rooms/<room>/presence'],
      })
    }
  })

  it('is not there without a path', async () => {
    const { url } = await serve({ http: false })
    expect(await (await fetch(`${url}/events?room=lobby`)).text()).toBe('not found\n')
  })

  it('takes a target in absolute form', async () => {
    const { raw } = await serve()
    const heard = await raw(
      'GET http://127.0.0.1/api/rooms/lobby/presence HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n',
    )
    expect(heard).toMatch(/^HTTP\/1\.1 200 [\s\S]*\{"users":\[\],"count":0\}$/)
  })

  it.each([
    '/api/%',
    '/api/rooms/%2e%2e%2f/publications',
    '/api//',
    '/api/rooms/\xff/presence',
    '/api/events?room=%ff%fe&since=%',
    '/api/events?__proto__=1&room=__proto__&namespace=__proto__',
    `/api/rooms/${'%41'.repeat(2_000)}/presence`,
  ])('answers %s with a refusal', async (target) => {
    const { raw } = await serve()
    const heard = await raw(
      Buffer.from(`GET ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`, 'latin1'),
    )
    expect(heard).toMatch(/^HTTP\/1\.1 40[04] /)
  })

  it('speaks HTTP/1.0 too', async () => {
    const { raw } = await serve()
    const heard = await raw('GET /api/rooms/lobby/publications HTTP/1.0\r\n\r\n')
    expect(heard).toMatch(/^HTTP\/1\.1 200 [\s\S]*\{"publications":\[\],"epoch":"[\w-]+","more":false\}$/)
  })

  it('does not look at tokens, and does not log them', async () => {
    const { url, log } = await serve()
    const headers = { Authorization: 'Bearer t0ken', Origin: evil }
    const response = await fetch(`${url}/rooms/lobby/publications?token=t0ken`, { headers })
    expect(response.status).toBe(403)
    expect(log.length).toBe(1)
    expect(JSON.stringify(log)).not.toContain('t0ken')
    expect((await fetch(`${url}/rooms/lobby/publications?token=t0ken`)).status).toBe(200)
  })

  it.each([
    ['a stream', 'text/event-stream', /^HTTP\/1\.1 200 [\s\S]*Connection: close[\s\S]*\nevent: overloaded\n/],
    ['a poll', '*/*', /^HTTP\/1\.1 503 [\s\S]*Connection: close[\s\S]*"code":"unavailable"/],
  ])('opens no %s any more when the server has been told to close', async (_, accept, answer) => {
    let close = (): unknown => undefined
    const subscribe = () => {
      void close()
      return true
    }
    const { io, raw, isEmpty } = await serve({ rooms: { lobby: { ...open, subscribe } } })
    close = () => io.close()
    const target = '/api/events?room=lobby&since=a.1'
    expect(await raw(`GET ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: ${accept}\r\n\r\n`)).toMatch(answer)
    await isEmpty()
  })
})

describe('H1: a request from a page of another site', () => {
  const requests = [
    ['GET', '/events?room=lobby', { Accept: 'text/event-stream' }],
    ['GET', '/events?room=lobby', {}],
    ['POST', '/rooms/lobby/publications', { 'Content-Type': 'text/plain' }],
    ['POST', '/rooms/lobby/publications', { 'Content-Type': 'application/x-www-form-urlencoded' }],
    ['GET', '/rooms/lobby/publications', {}],
    ['GET', '/rooms/lobby/presence', {}],
    ['OPTIONS', '/rooms/lobby/publications', { 'Access-Control-Request-Method': 'POST' }],
    ['GET', '/nothing', {}],
  ] as const

  it.each(requests)('is refused, %s %s %j', async (method, path, headers) => {
    const { url, io } = await serve({ cors: { origin: ['http://good.example'] } })
    const body = method === 'POST' ? 'data=hi' : null
    const foreign = [
      evil,
      'http://good.example.evil.example',
      'http://evilgood.example',
      'http://good.example:1',
      'https://good.example',
      'http://good.example.',
      'null',
      '',
    ]
    for (const Origin of foreign) {
      const response = await fetch(`${url}${path}`, { method, headers: { ...headers, Origin }, body })
      expect([Origin, response.status]).toEqual([Origin, 403])
      expect(response.headers.get('access-control-allow-origin')).toBeNull()
      expect(await response.json()).toMatchObject({ code: 'forbidden' })
    }
    expect((await io.history('lobby')).publications).toEqual([])
    expect(io.stats.clients.total).toBe(0)
  })

  it.each(requests)('is let in where it is listed, and sees the answer, %s %s %j', async (method, path, headers) => {
    const { url } = await serve({ cors: { origin: ['http://good.example'] } })
    const body = method === 'POST' ? 'data=hi' : null
    for (const Origin of ['http://good.example', 'HTTP://GOOD.EXAMPLE']) {
      const response = await fetch(`${url}${path}`, { method, headers: { ...headers, Origin }, body })
      await response.body?.cancel()
      expect(response.status).not.toBe(403)
      expect(response.headers.get('access-control-allow-origin')).toBe(Origin)
      expect(response.headers.get('vary')).toMatch(/Origin/)
      expect(response.headers.get('access-control-allow-credentials')).toBeNull()
    }
  })

  it('is the same for a request with two origins', async () => {
    const { raw } = await serve({ cors: { origin: ['http://good.example'] } })
    const heard = await raw(
      'GET /api/rooms/lobby/presence HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://good.example\r\nOrigin: http://evil.example\r\nConnection: close\r\n\r\n',
    )
    expect(heard).toMatch(/^HTTP\/1\.1 403 /)
  })

  it('does not stop those that are no page', async () => {
    const { url } = await serve()
    const response = await fetch(`${url}/rooms/lobby/presence`)
    expect([response.status, response.headers.get('vary')]).toEqual([200, 'Origin'])
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
  })

  it('is refused by its Host where names are given', async () => {
    const { raw } = await serve({ hosts: ['chat.example'] })
    const ask = (host: string) =>
      raw(`GET /api/rooms/lobby/presence HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
    expect(await ask('evil.example')).toMatch(/^HTTP\/1\.1 403 /)
    expect(await ask('chat.example')).toMatch(/^HTTP\/1\.1 200 /)
  })
})

describe('a preflight', () => {
  const ask = { 'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'content-type' }

  it('is told what may be sent, and for how long that holds', async () => {
    const { url } = await serve({ cors: { origin: 'http://good.example', credentials: true } })
    const headers = { ...ask, Origin: 'http://good.example' }
    const response = await fetch(`${url}/rooms/lobby/publications`, { method: 'OPTIONS', headers })
    expect(response.status).toBe(204)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'access-control-allow-origin': 'http://good.example',
      'access-control-allow-methods': 'GET, HEAD, POST, OPTIONS',
      'access-control-allow-headers': 'Content-Type, Authorization, Idempotency-Key, Last-Event-ID',
      'access-control-allow-credentials': 'true',
      'access-control-max-age': '7200',
      vary: 'Origin',
    })
  })

  it('is answered without them where nobody asked from a page', async () => {
    const { url } = await serve()
    const response = await fetch(`${url}/events`, { method: 'OPTIONS' })
    expect([response.status, response.headers.get('allow')]).toEqual([204, 'GET, HEAD, POST, OPTIONS'])
    expect(response.headers.get('access-control-allow-methods')).toBeNull()
  })
})

it('H5: what a peer sends does not come back in a head', async () => {
  const { raw } = await serve({ cors: { origin: true } })
  const heard = await raw(
    'GET /api/rooms/a%0d%0aX-Evil:%201/presence HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://a/;evil="\xff"\r\nConnection: close\r\n\r\n',
  )
  const [head] = heard.split('\r\n\r\n')
  expect(head).toMatch(/^HTTP\/1\.1 400 /)
  expect(head).not.toMatch(/evil/i)
})
