import { describe, expect, it } from 'vitest'
import { deflateDefaults } from '../../src/websocket/deflate-options.ts'
import {
  acceptHead,
  acceptOf,
  chooseProtocol,
  inspectUpgrade,
  type UpgradeHead,
} from '../../src/websocket/handshake.ts'

const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='

/** A request with everything right, but for these headers: null leaves one out, a list repeats it. */
function request(
  headers: Readonly<Record<string, string | readonly string[] | null>> = {},
  line: Partial<UpgradeHead> = {},
): UpgradeHead {
  const all = {
    Host: 'localhost:3000',
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': KEY,
    'Sec-WebSocket-Version': '13',
    ...headers,
  }
  const rawHeaders = Object.entries(all).flatMap(([name, value]) =>
    (value === null ? [] : typeof value === 'string' ? [value] : value).flatMap((each) => [name, each]),
  )
  return { method: 'GET', url: '/chat?room=lobby', httpVersion: '1.1', rawHeaders, ...line }
}

function statusOf(head: UpgradeHead): number {
  const result = inspectUpgrade(head)
  return result.accepted ? 101 : result.status
}

describe('inspectUpgrade', () => {
  it('reads what is asked for', () => {
    expect(inspectUpgrade(request({ 'Sec-WebSocket-Protocol': ['a, b', 'c'] }))).toEqual({
      accepted: true,
      key: KEY,
      protocols: ['a', 'b', 'c'],
    })
  })

  it.each([
    ['names in any case', { Upgrade: null, uPGRADE: 'websocket' }],
    ['Upgrade in any case', { Upgrade: 'WEBSOCKET' }],
    ['a list of upgrades', { Upgrade: 'h2c, websocket' }],
    ['a list of connection options', { Connection: 'keep-alive, uPgRaDe' }],
    ['connection options in two headers', { Connection: ['keep-alive', 'Upgrade'] }],
    ['empty items and spaces in lists', { Connection: ' ,, Upgrade\t, ' }],
    ['a body of no bytes', { 'Content-Length': '0' }],
    ['extensions, of whatever kind', { 'Sec-WebSocket-Extensions': 'constructor; __proto__; a="b, =;' }],
  ])('takes %s', (_, headers) => {
    expect(statusOf(request(headers))).toBe(101)
  })

  it('takes an absolute request target', () => {
    expect(statusOf(request({}, { url: 'http://localhost:3000/chat' }))).toBe(101)
  })

  it.each([
    ['no key', { 'Sec-WebSocket-Key': null }, 400],
    ['an empty key', { 'Sec-WebSocket-Key': '' }, 400],
    ['a key of 15 bytes', { 'Sec-WebSocket-Key': Buffer.alloc(15).toString('base64') }, 400],
    ['a key of 17 bytes', { 'Sec-WebSocket-Key': Buffer.alloc(17).toString('base64') }, 400],
    ['a key that is not base64', { 'Sec-WebSocket-Key': '!!!!!!!!!!!!!!!!!!!!!!==' }, 400],
    ['a key with something behind it', { 'Sec-WebSocket-Key': `${KEY}=` }, 400],
    ['the same key twice', { 'Sec-WebSocket-Key': [KEY, KEY] }, 400],
    ['two keys', { 'Sec-WebSocket-Key': [KEY, Buffer.alloc(16).toString('base64')] }, 400],
    ['no version', { 'Sec-WebSocket-Version': null }, 426],
    ['an empty version', { 'Sec-WebSocket-Version': '' }, 426],
    ['version 8', { 'Sec-WebSocket-Version': '8' }, 426],
    ['version 12', { 'Sec-WebSocket-Version': '12' }, 426],
    ['version 013', { 'Sec-WebSocket-Version': '013' }, 426],
    ['version 99', { 'Sec-WebSocket-Version': '99' }, 426],
    ['two versions', { 'Sec-WebSocket-Version': ['13', '13'] }, 400],
    ['no Host', { Host: null }, 400],
    ['two Hosts', { Host: ['a', 'b'] }, 400],
    ['another upgrade', { Upgrade: 'foo' }, 426],
    ['almost the right upgrade', { Upgrade: 'websockets' }, 426],
    ['no upgrade', { Upgrade: null }, 426],
    ['no connection option', { Connection: 'close' }, 426],
    ['a body', { 'Content-Length': '5' }, 400],
    ['a body in chunks', { 'Transfer-Encoding': 'chunked' }, 400],
    ['a body of two lengths', { 'Content-Length': ['0', '5'] }, 400],
    ['a folded header', { 'X-Folded': 'a\r\n b' }, 400],
    ['a NUL in a header', { 'X-Nul': 'a\0b' }, 400],
    ['a sub-protocol twice', { 'Sec-WebSocket-Protocol': 'a, b, a' }, 400],
    ['an empty sub-protocol', { 'Sec-WebSocket-Protocol': 'a,, b' }, 400],
    ['a sub-protocol that is not a token', { 'Sec-WebSocket-Protocol': 'a, b c' }, 400],
    ['a sub-protocol that would end our line', { 'Sec-WebSocket-Protocol': 'a\r\nX-Injected: b' }, 400],
    ['96 more headers', Object.fromEntries(Array.from({ length: 96 }, (_, i) => [`X-${i}`, ''])), 431],
    ['16 KB of headers', { 'X-Long': 'a'.repeat(16_384) }, 431],
  ])('refuses %s', (_, headers, status) => {
    expect(statusOf(request(headers))).toBe(status)
  })

  it.each([
    ['POST', { method: 'POST' }, 405],
    ['HEAD', { method: 'HEAD' }, 405],
    ['HTTP/1.0', { httpVersion: '1.0' }, 400],
    ['a URL of more than 8 KB', { url: `/${'a'.repeat(8_192)}` }, 414],
    ['a NUL in the URL', { url: '/a\0b' }, 400],
    ['a % without hex behind it', { url: '/a%2' }, 400],
    ['a % with something else behind it', { url: '/%zz' }, 400],
    ['a target in authority form', { url: 'localhost:3000' }, 400],
    ['a target of *', { url: '*' }, 400],
    ['no URL', { url: undefined }, 400],
  ])('refuses %s', (_, line, status) => {
    expect(statusOf(request({}, line))).toBe(status)
  })

  it('names the version it speaks, and the method', () => {
    expect(inspectUpgrade(request({ 'Sec-WebSocket-Version': '8' }))).toMatchObject({
      headers: { 'Sec-WebSocket-Version': '13', Upgrade: 'websocket' },
    })
    expect(inspectUpgrade(request({}, { method: 'POST' }))).toMatchObject({ headers: { Allow: 'GET' } })
  })

  it('answers a HEAD without a body', () => {
    expect(inspectUpgrade(request({}, { method: 'HEAD' }))).toMatchObject({ body: '' })
  })

  it('repeats nothing of the peer in what it answers', () => {
    const refusal = inspectUpgrade(request({ 'Sec-WebSocket-Protocol': '<script>' }, { url: '/<script>' }))
    expect(JSON.stringify(refusal)).not.toContain('script')
  })
})

describe('chooseProtocol', () => {
  it.each([
    ['nothing is offered', [], ['a'], ''],
    ['nothing is spoken', ['a'], undefined, ''],
    ['none is known', ['a', 'b'], ['c'], ''],
    ['several are known: ours decides', ['a', 'b'], ['b', 'a'], 'b'],
    ['a function chooses', ['a', 'b'], (offered: readonly string[]) => offered[1], 'b'],
    ['a function chooses none', ['a'], () => undefined, ''],
    ['a function chooses what was not offered', ['a'], () => 'c', ''],
  ])('where %s', (_, offered, choice, chosen) => {
    expect(chooseProtocol(offered, choice)).toBe(chosen)
  })
})

describe('inspectUpgrade, extensions', () => {
  const offer = (value: string | readonly string[]) => request({ 'Sec-WebSocket-Extensions': value })

  it.each([
    ['an offer', 'permessage-deflate; client_max_window_bits', true],
    ['offers over several headers', ['foo', 'bar, permessage-deflate'], true],
    ['an offer that cannot be taken', 'permessage-deflate; foo', false],
    ['other extensions', 'constructor; __proto__; a=b, foo', false],
    ['none', null, false],
  ])('are looked at where messages may be compressed: %s', (_title, value, agreed) => {
    const result = inspectUpgrade(request({ 'Sec-WebSocket-Extensions': value }), deflateDefaults)
    expect(result.accepted && result.deflate !== undefined).toBe(agreed)
    expect(result.accepted).toBe(true)
  })

  it.each(['permessage-deflate;;', '=', 'permessage-deflate; a="', 'foo bar'])(
    'are refused where they are none: %s',
    (value) => {
      expect(inspectUpgrade(offer(value), deflateDefaults)).toMatchObject({ accepted: false, status: 400 })
    },
  )

  it('are passed over where nothing is compressed', () => {
    for (const value of ['permessage-deflate', 'permessage-deflate;;', '=']) {
      expect(inspectUpgrade(offer(value))).toMatchObject({ accepted: true, deflate: undefined })
    }
  })
})

describe('acceptHead', () => {
  it('answers the key of the RFC', () => {
    expect(acceptOf(KEY)).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
  })

  it('has no more than it must', () => {
    expect(acceptHead(KEY, '')).toBe(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n',
    )
  })

  it('adds the sub-protocol and headers', () => {
    const head = acceptHead(KEY, 'chat', { 'X-Node': '7' })
    expect(head).toContain('\r\nSec-WebSocket-Protocol: chat\r\n')
    expect(head).toMatch(/\r\nX-Node: 7\r\n\r\n$/)
  })

  it.each([{ 'X-A': 'a\r\nX-B: b' }, { 'X A': 'a' }])(
    'throws on headers that would break out of their line',
    (headers) => {
      expect(() => acceptHead(KEY, '', headers)).toThrow()
    },
  )
})
