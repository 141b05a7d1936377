import { describe, expect, it } from 'vitest'
import { httpRequest } from '../src/peer.ts'
import { mark, type Target, underAttack } from '../src/under-attack.ts'
import { until } from '../src/until.ts'

const rooms = { lobby: { publish: true, history: true } }
const options = { rooms, http: '/api' }

const path = '/api/rooms/lobby/publications'
/** What is to come out as a request of its own where somebody is mistaken about where a body ends. */
const smuggled = httpRequest('POST', path, ['Host: localhost', 'Content-Type: text/plain'], mark)
const chunked = `5\r\nhello\r\n0\r\n\r\n`

/** A POST with these lines in its head and this behind it. */
const post = (lines: readonly string[], body: string): string =>
  `${[`POST ${path} HTTP/1.1`, 'Host: localhost', 'Content-Type: text/plain', ...lines].join('\r\n')}\r\n\r\n${body}`

const cases: readonly (readonly [name: string, request: string])[] = [
  ['a length and chunks', post(['Content-Length: 5', 'Transfer-Encoding: chunked'], `${chunked}`)],
  ['chunks and a length', post(['Transfer-Encoding: chunked', 'Content-Length: 5'], `${chunked}`)],
  ['two lengths', post(['Content-Length: 5', 'Content-Length: 6'], 'hello')],
  ['the same length twice', post(['Content-Length: 5', 'Content-Length: 5'], 'hello')],
  ['a list of lengths', post(['Content-Length: 5, 5'], 'hello')],
  ['a length with a sign', post(['Content-Length: +5'], 'hello')],
  ['a length below nothing', post(['Content-Length: -5'], 'hello')],
  ['a length in hex', post(['Content-Length: 0x5'], 'hello')],
  ['a length with a point', post(['Content-Length: 5.0'], 'hello')],
  ['a length with a blank in it', post(['Content-Length: 1 5'], 'hello')],
  ['a length beyond all', post(['Content-Length: 99999999999999999999999999'], 'hello')],
  ['an empty length', post(['Content-Length:'], 'hello')],
  ['a blank before the colon', post(['Content-Length : 5'], 'hello')],
  ['a folded length', post(['Content-Length:', ' 5'], 'hello')],
  ['a length behind a line that ends early', post(['X-A: b\rContent-Length: 5'], 'hello')],
  ['chunks in a list that does not end with them', post(['Transfer-Encoding: chunked, identity'], chunked)],
  ['chunks in chunks', post(['Transfer-Encoding: chunked, chunked'], chunked)],
  ['an encoding that there is not', post([`Transfer-Encoding: ${mark}`], chunked)],
  ['an encoding with a blank before the colon', post(['Transfer-Encoding : chunked'], chunked)],
  ['an encoding with a vertical tab', post(['Transfer-Encoding: \x0bchunked'], chunked)],
  [
    'an encoding in two lines, chunks first',
    post(['Transfer-Encoding: chunked', 'Transfer-Encoding: identity'], chunked),
  ],
  ['bare LF in the head', post(['X-A: b'], '').replaceAll('\r\n', '\n')],
  ['one bare LF', post(['X-A: b\nX-B: c'], '')],
  ['a bare LF at the end of the head', `${post(['Content-Length: 5'], '').slice(0, -2)}\nhello`],
  ['a chunk whose size is no number', post(['Transfer-Encoding: chunked'], 'five\r\nhello\r\n0\r\n\r\n')],
  ['a chunk whose size has a prefix', post(['Transfer-Encoding: chunked'], '0x5\r\nhello\r\n0\r\n\r\n')],
  ['a chunk whose size has a sign', post(['Transfer-Encoding: chunked'], '-5\r\nhello\r\n0\r\n\r\n')],
  ['a chunk larger than all', post(['Transfer-Encoding: chunked'], 'fffffffffffffffff\r\nhello\r\n0\r\n\r\n')],
  ['a chunk that is longer than it says', post(['Transfer-Encoding: chunked'], '5\r\nhello you\r\n0\r\n\r\n')],
  ['a chunk behind a bare LF', post(['Transfer-Encoding: chunked'], '5\nhello\r\n0\r\n\r\n')],
  ['a chunk before a bare LF', post(['Transfer-Encoding: chunked'], '5\r\nhello\n0\r\n\r\n')],
  ['a chunk with an extension that ends in LF', post(['Transfer-Encoding: chunked'], '5;a=b\nhello\r\n0\r\n\r\n')],
  [
    'another encoding behind the chunks',
    post(['Transfer-Encoding: chunked'], '5\r\nhello\r\n0\r\nTransfer-Encoding: x\r\n\r\n'),
  ],
  [
    'another length behind the chunks',
    post(['Transfer-Encoding: chunked'], '5\r\nhello\r\n0\r\nContent-Length: 9\r\n\r\n'),
  ],
  ['a NUL in the head', post([`X-A: b\0${mark}`], '')],
]

/** Everything that came to the room. */
async function published(target: Target): Promise<unknown[]> {
  return (await target.io.history('lobby', { limit: 500 })).publications.map(({ data }) => data)
}

const statuses = (answer: string): number[] =>
  [...answer.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))

describe('P3: request smuggling', () => {
  it.each(cases)('is refused, and the connection is closed: %s', async (_name, request) => {
    await underAttack(options, async (target) => {
      const peer = await target.tcp()
      peer.send(request, smuggled)
      await peer.over()
      // Something may be wrong in the body alone: then nothing was answered before it was seen.
      expect(statuses(peer.answer)).toEqual([400])
      expect(peer.answer).toMatch(/\r\nConnection: close\r\n/i)
      expect(peer.answer).not.toContain(mark)
      expect(await published(target)).toEqual([])
      await target.left()
    })
  })

  it('takes for a body what is one, and the next request for what it is', async () => {
    const next = httpRequest('POST', path, ['Host: localhost', 'Content-Type: text/plain', 'Connection: close'], 'next')
    const inside = Buffer.byteLength(smuggled)
    const bodies: readonly (readonly [request: string, status: number, said: readonly string[]])[] = [
      [post([`Content-Length: ${inside}`], smuggled), 201, [smuggled, 'next']],
      [
        post(['Transfer-Encoding: chunked'], `${inside.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`),
        201,
        [smuggled, 'next'],
      ],
      [
        post(['Transfer-Encoding: chunked'], `5;ext="${mark}"\r\nhello\r\n0\r\nX-A: ${mark}\r\n\r\n`),
        201,
        ['hello', 'next'],
      ],
      // Refused before the body is read: the body is passed over all the same.
      [post([`Content-Length: ${inside}`], smuggled).replace('lobby', 'nowhere'), 404, ['next']],
      [post([`Content-Length: ${inside}`], smuggled).replace('text/plain', 'text/html'), 415, ['next']],
      [post([`Content-Length: ${inside}`], smuggled).replace('POST', 'PUT'), 405, ['next']],
      [post([`Content-Length: ${inside}`, 'Origin: http://evil.example'], smuggled), 403, ['next']],
      // A GET may have a body, too, and a path that is not ours.
      [post([`Content-Length: ${inside}`], smuggled).replace('POST', 'GET'), 200, ['next']],
      [post([`Content-Length: ${inside}`], smuggled).replace(path, '/elsewhere'), 404, ['next']],
    ]
    for (const [request, status, said] of bodies) {
      await underAttack(options, async (target) => {
        const peer = await target.tcp()
        peer.send(request, next)
        await peer.over()
        expect([request, statuses(peer.answer)]).toEqual([request, [status, 201]])
        expect(await published(target)).toEqual(said)
      })
    }
  })

  it('closes where a body is too large to be passed over, and reads nothing behind it', async () => {
    await underAttack({ ...options, maxPayloadBytes: 1_000, closeTimeoutMs: 200 }, async (target) => {
      for (const [lines, body] of [
        [['Content-Length: 5000'], 'x'.repeat(5_000)],
        [['Transfer-Encoding: chunked'], `1388\r\n${'x'.repeat(5_000)}\r\n0\r\n\r\n`],
      ] as const) {
        const peer = await target.tcp()
        peer.send(post(lines, body), smuggled)
        await peer.over()
        expect(statuses(peer.answer)).toEqual([413])
      }
      await until(() => target.attackers === 0, 'both are gone')
      expect(await published(target)).toEqual([])
    })
  })
})
