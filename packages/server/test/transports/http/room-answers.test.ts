import { request } from 'node:http'
import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { json, open, type Served, serve } from './served.ts'

/** Publishes with these headers and this body, and answers what was said of it. */
async function post({ url }: Served, contentType: string | undefined, body: string | Uint8Array, headers = {}) {
  const type = contentType === undefined ? undefined : { 'Content-Type': contentType }
  const path = `${url}/rooms/lobby/publications`
  const response = await fetch(path, { method: 'POST', headers: { ...type, ...headers }, body: Buffer.from(body) })
  return { status: response.status, headers: response.headers, body: await response.json() }
}

async function publications({ io }: Served) {
  return (await io.history('lobby')).publications
}

const form = 'application/x-www-form-urlencoded'

describe('a POST', () => {
  it.each([
    ['JSON', 'application/json', '{"data":"hi"}', { event: 'message', data: 'hi' }],
    ['JSON with a charset', 'Application/JSON; charset="UTF-8"', '{"data":"hä"}', { event: 'message', data: 'hä' }],
    ['several arguments', 'application/json', '{"event":"move","args":[1,2]}', { event: 'move', args: [1, 2] }],
    ['no argument', 'application/json', '{"event":"move"}', { event: 'move' }],
    [
      'null in optional fields',
      'application/json',
      '{"data":1,"key":null,"event":null}',
      { event: 'message', data: 1 },
    ],
    ['no content type', undefined, '{"data":"hi"}', { event: 'message', data: 'hi' }],
    ['text', 'text/plain;charset=UTF-8', '{"data":"hi"}', { event: 'message', data: '{"data":"hi"}' }],
    ['empty text', 'text/plain', '', { event: 'message', data: '' }],
    ['what curl -d sends', form, '{"data":"hi"}', { event: 'message', data: 'hi' }],
    ['a form', form, 'data=a+b%26&event=chat', { event: 'chat', data: 'a b&' }],
    ['a form with an event alone', form, 'event=ping!', { event: 'ping!' }],
    ['an own __proto__', 'application/json', '{"data":{"__proto__":1}}', { event: 'message' }],
  ])('publishes %s', async (_, contentType, body, expected) => {
    const served = await serve()
    const answer = await post(served, contentType, body)
    expect([answer.status, answer.body]).toEqual([201, { epoch: expect.any(String), seq: 1 }])
    expect(answer.headers.get('cache-control')).toBe('no-store')
    const [publication] = await publications(served)
    expect(publication).toMatchObject({
      ...expected,
      room: 'lobby',
      seq: 1,
      from: { id: expect.stringMatching(/^guest:/) },
    })
    expect(JSON.stringify(publication).includes('__proto__')).toBe(body.includes('__proto__'))
  })

  it.each([
    ['no JSON', 'application/json', '{"data":', 400, 'invalid'],
    ['no object', 'application/json', '["hi"]', 400, 'invalid'],
    ['null', 'application/json', 'null', 400, 'invalid'],
    ['nothing', 'application/json', '', 400, 'invalid'],
    ['nothing at all', undefined, '', 400, 'invalid'],
    ['half a form of JSON', form, '{"data":', 400, 'invalid'],
    ['a form without data', form, 'hi', 400, 'invalid'],
    ['a form that is an array', form, '["hi"]', 400, 'invalid'],
    ['a form with a strange flag', form, 'data=1&volatile=maybe', 400, 'invalid'],
    ['a reserved event', 'application/json', '{"event":"gap","data":1}', 400, 'invalid'],
    ['a reserved event of event sources', form, 'event=open&data=1', 400, 'invalid'],
    ['an event that is no name', 'application/json', '{"event":"a\\nb"}', 400, 'invalid'],
    ['a number as its event', 'application/json', '{"event":1}', 400, 'invalid'],
    ['arguments that are no list', 'application/json', '{"args":{}}', 400, 'invalid'],
    ['a flag that is none', 'application/json', '{"volatile":"yes"}', 400, 'invalid'],
    ['a key that is none', 'application/json', '{"key":7}', 400, 'invalid'],
    ['bytes that are none', 'application/json', '{"data":{"$binary":"%"}}', 400, 'invalid'],
    ['too deep JSON', 'application/json', `{"data":${'['.repeat(64)}${']'.repeat(64)}}`, 400, 'invalid'],
    ['bytes that are no UTF-8', 'text/plain', new Uint8Array([0xff, 0xfe]), 400, 'invalid'],
    ['another type', 'application/octet-stream', '{"data":1}', 415, 'unsupported_media_type'],
    ['a type of the prototype', 'constructor', '{"data":1}', 415, 'unsupported_media_type'],
    ['parts', 'multipart/form-data; boundary=x', '--x--', 415, 'unsupported_media_type'],
    ['another charset', 'text/plain; charset=iso-8859-1', 'hi', 415, 'unsupported_media_type'],
  ])('refuses %s', async (_, contentType, body, status, code) => {
    const served = await serve()
    const answer = await post(served, contentType, body)
    expect([answer.status, answer.body.code, answer.body.status]).toEqual([status, code, status])
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(await publications(served)).toEqual([])
  })

  it('refuses a compressed body', async () => {
    const answer = await post(await serve(), 'application/json', '{}', { 'Content-Encoding': 'gzip' })
    expect([answer.status, answer.body.code]).toEqual([415, 'unsupported_media_type'])
  })

  it('brings bytes as bytes', async () => {
    const served = await serve()
    const reader = served.read('room=lobby')
    await reader.isIn()
    await post(served, 'application/json', '{"data":{"file":{"$binary":"AAEC"},"$$binary":1}}')
    await reader.until(1)
    expect(reader.payloads).toEqual([{ file: { $binary: 'AAEC' }, $$binary: 1 }])
  })

  it('answers a known key with the first position, and refuses it for anything else', async () => {
    const served = await serve()
    const first = await served.publish({ data: 'hi', key: 'k1' })
    const again = await post(served, 'application/json', '{"data":"hi"}', { 'Idempotency-Key': 'k1' })
    expect([first.status, again.status]).toEqual([201, 200])
    expect(again.body).toEqual(await first.json())
    const other = await post(served, 'application/json', '{"data":"ho"}', { 'Idempotency-Key': 'k1' })
    expect([other.status, other.body.code]).toEqual([409, 'key_reused'])
    const two = await post(served, 'application/json', '{"data":"ho","key":"k2"}', { 'Idempotency-Key': 'k3' })
    expect([two.status, two.body.code]).toEqual([400, 'invalid'])
    const long = await post(served, 'application/json', '{"data":"ho"}', { 'Idempotency-Key': 'k'.repeat(257) })
    expect([long.status, long.body.code]).toEqual([400, 'invalid'])
    expect((await publications(served)).length).toBe(1)
  })

  it.each([
    ['nowhere', 404, 'unknown_room'],
    ['closed', 403, 'forbidden'],
    ['a%00b', 400, 'invalid'],
    ['%E0%A4%A', 400, 'invalid'],
    ['%ff', 400, 'invalid'],
    [`${'a'.repeat(257)}`, 400, 'invalid'],
  ])('is refused in the room %s', async (room, status, code) => {
    const { publish } = await serve({ rooms: { lobby: open, closed: { ...open, publish: false } } })
    const response = await publish({ data: 1 }, room)
    expect([response.status, (await response.json()).code]).toEqual([status, code])
  })

  it('reaches rooms with names that must be escaped', async () => {
    const { io, publish } = await serve()
    expect((await publish({ data: 1 }, encodeURIComponent('room:a/b c?ü'))).status).toBe(201)
    expect((await io.history('room:a/b c?ü')).publications.length).toBe(1)
  })

  it('takes a body of exactly the limit, and not a byte more, announced or not', async () => {
    const served = await serve({ maxPayloadBytes: 10_000 })
    expect((await post(served, 'text/plain', 'x'.repeat(10_000))).status).toBe(201)
    const announced = await post(served, 'text/plain', 'x'.repeat(10_001))
    expect([announced.status, announced.body.code]).toEqual([413, 'too_large'])
    expect(announced.headers.get('connection')).toBe('close')
    expect(await chunked(served, 10_000)).toMatchObject({ status: 201 })
    expect(await chunked(served, 10_001)).toMatchObject({ status: 413 })
    expect((await publications(served)).length).toBe(2)
  })

  it('tells a client that goes on sending that it is too much, before it closes', async () => {
    const { port, io } = await serve({ maxPayloadBytes: 1_000 })
    const socket = connect(port, '127.0.0.1')
    let heard = ''
    let closed = false
    socket
      .on('error', () => {})
      .on('close', () => {
        closed = true
      })
    socket.setEncoding('latin1').on('data', (chunk) => {
      heard += chunk
    })
    socket.write(`POST /api/rooms/lobby/publications HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 900000\r\n\r\n`)
    for (let i = 0; i < 9; i++) socket.write('x'.repeat(100_000))
    await expect.poll(() => closed).toBe(true)
    expect(heard).toMatch(/^HTTP\/1\.1 413 [\s\S]*"code":"too_large"/)
    expect((await io.history('lobby')).publications).toEqual([])
  })

  it('reads a body that comes byte by byte', async () => {
    const served = await serve()
    const body = '{"data":"hä"}'
    const chunks = [...Buffer.from(body)].map((byte) =>
      Buffer.concat([Buffer.from('1\r\n'), Buffer.of(byte), Buffer.from('\r\n')]),
    )
    const head =
      'POST /api/rooms/lobby/publications HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n'
    const heard = await served.raw(Buffer.concat([Buffer.from(head), ...chunks, Buffer.from('0\r\n\r\n')]))
    expect(heard).toMatch(/^HTTP\/1\.1 201 /)
    expect((await publications(served))[0]).toMatchObject({ data: 'hä' })
  })

  it('publishes nothing where its client goes half-way', async () => {
    const served = await serve()
    for (const rest of ['', '{"data"', '{"data":"half"}']) {
      const socket = connect(served.port, '127.0.0.1')
      const gone = new Promise((resolve) => socket.on('close', resolve))
      socket.on('error', () => {})
      socket.write(
        `POST /api/rooms/lobby/publications HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n${rest}`,
      )
      await fetch(`${served.url}/rooms/lobby/presence`) // by then it has been read
      socket.destroy()
      await gone
    }
    expect((await served.publish({ data: 'whole' })).status).toBe(201)
    expect((await publications(served)).map(({ data }) => data)).toEqual(['whole'])
  })

  it('answers pipelined ones in their order', async () => {
    const served = await serve()
    const one = (data: string, last: boolean) =>
      `POST /api/rooms/lobby/publications HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\n${last ? 'Connection: close\r\n' : ''}Content-Length: ${data.length}\r\n\r\n${data}`
    const heard = await served.raw(one('a', false) + one('bb', false) + one('ccc', true))
    expect(heard.match(/"seq":\d/g)).toEqual(['"seq":1', '"seq":2', '"seq":3'])
    expect((await publications(served)).map(({ data }) => data)).toEqual(['a', 'bb', 'ccc'])
  })

  it('goes on with a connection after a refusal', async () => {
    const { raw } = await serve()
    const heard = await raw(
      'POST /api/rooms/nowhere/publications HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\n\r\nhello' +
        'GET /api/rooms/lobby/publications HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n',
    )
    expect(heard.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 404', 'HTTP/1.1 200'])
  })

  it('is told to go on where it asks first', async () => {
    const { raw } = await serve()
    const heard = await raw(
      'POST /api/rooms/lobby/publications HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\nConnection: close\r\n' +
        'Expect: 100-continue\r\nContent-Length: 2\r\n\r\nhi',
    )
    expect(heard.match(/^HTTP\/1\.1 \d+/gm)).toEqual(['HTTP/1.1 100', 'HTTP/1.1 201'])
  })

  it.each([
    ['a length and chunks', 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['two lengths', 'Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello'],
    ['a bare line feed', 'X: y\nContent-Length: 5\r\n\r\nhello'],
  ])('is refused and its connection closed where it has %s', async (_, rest) => {
    const served = await serve()
    const heard = await served.raw(
      `POST /api/rooms/lobby/publications HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\n${rest}`,
    )
    expect(heard).toMatch(/^HTTP\/1\.1 400 /)
    expect(await publications(served)).toEqual([])
  })
})

/** A body whose length is not announced. */
function chunked({ url }: Served, bytes: number): Promise<{ status: number | undefined }> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'text/plain', 'Transfer-Encoding': 'chunked' }
    const outgoing = request(
      `${url}/rooms/lobby/publications`,
      { method: 'POST', headers, agent: false },
      (response) => {
        response.resume().on('end', () => resolve({ status: response.statusCode }))
      },
    )
    outgoing.on('error', reject)
    outgoing.write('x'.repeat(bytes - 1))
    outgoing.end('x')
  })
}

describe('a page of history', () => {
  it('has the newest last, and leads to older ones', async () => {
    const { io, url } = await serve()
    for (let i = 1; i <= 5; i++) await io.publish('lobby', i)
    const page = async (query: string) => (await fetch(`${url}/rooms/lobby/publications?${query}`)).json()
    expect(await page('before=&limit=')).toMatchObject({
      publications: { length: 5 },
      epoch: expect.any(String),
      more: false,
    })
    const newest = await page('limit=2')
    expect(newest.publications).toMatchObject([
      { data: 4 },
      { seq: 5, event: 'message', room: 'lobby', from: null, data: 5 },
    ])
    expect(newest.more).toBe(true)
    expect((await page(`limit=2&before=${newest.publications[0].seq}`)).publications).toMatchObject([
      { data: 2 },
      { data: 3 },
    ])
  })

  it('is never longer than the limit', async () => {
    const { io, url } = await serve({ maxHistoryPage: 3 })
    for (let i = 1; i <= 5; i++) await io.publish('lobby', i)
    const page = await (await fetch(`${url}/rooms/lobby/publications?limit=1000000000`)).json()
    expect(page.publications.length).toBe(3)
  })

  it.each([
    ['before=-1'],
    ['before=1e309'],
    ['before=x'],
    ['before=1.5'],
    ['before=9007199254740993'],
    ['limit=0'],
    ['limit=-1'],
    ['limit=1e9'],
    ['limit=NaN'],
  ])('is refused for %s', async (query) => {
    const { url } = await serve()
    const response = await fetch(`${url}/rooms/lobby/publications?${query}`)
    expect([response.status, (await response.json()).code]).toEqual([400, 'invalid'])
  })

  it('is asked for again with its tag, and answered 304 until it is another one', async () => {
    const { io, url } = await serve()
    await io.publish('lobby', 1)
    const path = `${url}/rooms/lobby/publications`
    const first = await fetch(path)
    const tag = first.headers.get('etag') ?? ''
    expect(first.headers.get('cache-control')).toBe('private, no-cache')
    expect(tag).toMatch(/^"[\w-]+"$/)
    for (const known of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
      const again = await fetch(path, { headers: { 'If-None-Match': known, 'Cache-Control': 'no-cache' } })
      expect([again.status, again.headers.get('etag'), await again.text()]).toEqual([304, tag, ''])
    }
    await io.publish('lobby', 2)
    const changed = await fetch(path, { headers: { 'If-None-Match': tag } })
    expect(changed.status).toBe(200)
    expect(changed.headers.get('etag')).not.toBe(tag)
  })

  it('shows its head alone to HEAD', async () => {
    const { url } = await serve()
    const [head, whole] = [
      await fetch(`${url}/rooms/lobby/publications`, { method: 'HEAD' }),
      await fetch(`${url}/rooms/lobby/publications`),
    ]
    expect(head.headers.get('etag')).toBe(whole.headers.get('etag'))
    expect(head.headers.get('content-length')).toBe(String((await whole.text()).length))
  })

  it('is for those whom the rule lets', async () => {
    const { url } = await serve({ rooms: { lobby: { ...open, history: (user) => user.name === 'Ada' } } })
    expect((await fetch(`${url}/rooms/lobby/publications`)).status).toBe(403)
    expect((await fetch(`${url}/rooms/lobby/publications?name=Ada`)).status).toBe(200)
  })
})

describe('presence', () => {
  it('is paged', async () => {
    const { url, read } = await serve()
    for (const name of ['Ada', 'Bob', 'Cy']) await read(`room=lobby&name=${name}`).isIn()
    const page = async (query: string) => (await fetch(`${url}/rooms/lobby/presence?${query}`)).json()
    const first = await page('limit=2')
    expect(first).toMatchObject({ users: [{ name: 'Ada', since: expect.any(Number) }, { name: 'Bob' }], count: 3 })
    expect(await page(`after=${first.users[1].id}`)).toMatchObject({ users: [{ name: 'Cy' }], count: 3 })
    expect((await fetch(`${url}/rooms/lobby/presence?limit=x`)).status).toBe(400)
  })

  it('is empty where nobody is, and refused where it is not shown', async () => {
    const { url } = await serve({ rooms: { lobby: open, hidden: { ...open, presence: false } } })
    expect(await (await fetch(`${url}/rooms/lobby/presence`)).json()).toEqual({ users: [], count: 0 })
    expect((await fetch(`${url}/rooms/hidden/presence`)).status).toBe(403)
  })
})

it('an application that fails is our fault, told by the id of its log line and nothing else', async () => {
  const history = () => {
    throw new Error('secret')
  }
  const { url, log } = await serve({ rooms: { lobby: { ...open, history } } })
  const response = await fetch(`${url}/rooms/lobby/publications?token=t0ken`)
  const problem = await response.json()
  expect([response.status, problem.code]).toEqual([500, 'internal'])
  expect(problem.detail).toMatch(/log line [\w-]{8}$/)
  expect(JSON.stringify(log)).toContain('secret')
  expect(JSON.stringify([log, problem])).not.toContain('t0ken')
})

it('a POST from anywhere is heard by a stream and by a poll', async () => {
  const served = await serve()
  const reader = served.read('room=lobby')
  await reader.isIn()
  const { place } = await served.poll('room=lobby')
  await fetch(`${served.url}/rooms/lobby/publications?name=Curl`, { method: 'POST', ...json({ data: 'hi' }) })
  await reader.until(1)
  expect(reader.events[0]?.data).toMatchObject({ from: { name: 'Curl' }, data: 'hi' })
  expect((await served.poll(`room=lobby&since=${place}`)).publications).toMatchObject([
    { from: { name: 'Curl' }, data: 'hi' },
  ])
})
