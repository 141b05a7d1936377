import { describe, expect, it } from 'vitest'
import { httpRequest, upgradeHead } from '../src/peer.ts'
import { mark, type Target, underAttack } from '../src/under-attack.ts'
import { until } from '../src/until.ts'

const everything = { subscribe: true, publish: true, history: true, presence: true }
const options = { rooms: { lobby: everything }, http: '/api' }
const lineEnds = ['%0d%0a', '%0a', '%0d', '%e2%80%a8', '%c2%85', '%00', '%c4%8d%c4%8a']
const smuggled = `X-Evil: ${mark}`

/** The head of an answer, its names and values; what is no answer has none. */
function headOf(answer: string): string[] {
  const end = answer.indexOf('\r\n\r\n')
  return end < 0 ? [] : answer.slice(0, end).split('\r\n')
}

/** Sends a request and answers its status, when nothing of the peer's was found where it could do something. */
async function harmless(target: Target, request: string): Promise<number | undefined> {
  const peer = await target.tcp()
  peer.send(request)
  await peer.answered()
  const head = headOf(peer.answer)
  expect(head.length).toBeGreaterThan(0)
  expect(head.join('\n')).not.toContain(mark)
  expect(head.map((line) => line.toLowerCase()).filter((line) => /^(x-evil|location|set-cookie)/.test(line))).toEqual(
    [],
  )
  // No line end of the peer's has made one of ours.
  for (const line of head.slice(1)) expect(line).toMatch(/^[\w-]+: [\x20-\x7e]*$/)
  return peer.status
}

const upgrade = (path: string, ...headers: string[]): string => upgradeHead({ path, headers })
const get = (path: string, ...headers: string[]): string => httpRequest('GET', path, ['Host: localhost', ...headers])

const offers: readonly (readonly [name: string, offer: string, status: number, answered?: string])[] = [
  ['ours', 'partyline.v1', 101, 'partyline.v1'],
  ['ours among others', `${mark}, partyline.v1, x-${mark}`, 101, 'partyline.v1'],
  ['ours in two headers', `${mark}\r\nSec-WebSocket-Protocol: partyline.v1`, 101, 'partyline.v1'],
  ['others alone', mark, 400],
  ['ours in capitals', 'PARTYLINE.V1', 400],
  ['ours and more in it', `partyline.v1${mark}`, 400],
  ['ours twice', 'partyline.v1, partyline.v1', 400],
  ['nothing', '', 400],
  ['commas', ',,,', 400],
  ['a folded line', `partyline.v1\r\n ${smuggled}`, 400],
  ['a bare CR', `partyline.v1\r${smuggled}`, 400],
  ['a bare LF', `partyline.v1\n${smuggled}`, 400],
  ['a NUL', `partyline.v1\0${mark}`, 400],
  ['blanks between', `partyline.v1 ${mark}`, 400],
  ['a tab between', `partyline.v1\t${mark}`, 400],
  ['quotes', `"partyline.v1"`, 400],
  ['a parameter', `partyline.v1;a=${mark}`, 400],
  ['DEL', `partyline.v1\x7f`, 400],
  ['bytes beyond ASCII', `partyline.v1\xe9`, 400],
]

describe('H5: injection into our answers', () => {
  it.each(offers)('answers a sub-protocol only where it is ours: %s', async (_name, offer, status, answered) => {
    await underAttack(options, async (target) => {
      expect(await harmless(target, upgrade('/', `Sec-WebSocket-Protocol: ${offer}`))).toBe(status)
      const peer = await target.tcp()
      peer.send(upgrade('/', `Sec-WebSocket-Protocol: ${offer}`))
      await peer.answered()
      expect(/\r\nSec-WebSocket-Protocol: (.*)\r\n/.exec(peer.answer)?.[1]).toBe(answered)
    })
  })

  it('repeats nothing of a path, of a query or of a room', async () => {
    await underAttack(options, async (target) => {
      for (const end of lineEnds) {
        const evil = `lobby${end}${smuggled.replace(' ', '%20')}`
        for (const [request, statuses] of [
          [upgrade(`/${evil}`), [404]],
          [upgrade(`/partyline/${evil}`), [404]],
          [upgrade(`/?name=${evil}&token=${evil}&subscribe=${evil}`), [101]],
          [get(`/${evil}`), [404]],
          [get(`/api/${evil}`), [404]],
          [get(`/api/events?room=${evil}`), [400, 404]],
          [get(`/api/events?room=lobby&since=${evil}`), [400]],
          [get(`/api/events?room=lobby&namespace=/${evil}`), [404]],
          [get(`/api/rooms/${evil}/publications`), [400, 404]],
          [get(`/api/rooms/lobby/presence?after=${evil}`), [200]],
          [get(`/api/rooms/lobby/publications?before=${evil}`), [400]],
        ] as const) {
          expect([request, statuses]).toEqual([request, expect.arrayContaining([await harmless(target, request)])])
        }
      }
    })
  })

  it('repeats an origin only where it is one', async () => {
    // Even where every origin is allowed, what comes back is nothing but letters of an address.
    await underAttack({ ...options, cors: { origin: true, credentials: true } }, async (target) => {
      for (const origin of [
        `http://a.example ${mark}`,
        `http://a.example\t${mark}`,
        `http://a.example"${mark}`,
        `http://a.example;${mark}`,
        `http://a.example,${mark}`,
        `http://a.example\xe9${mark}`,
        `<script>${mark}</script>`,
        `http://a.example\r ${mark}`,
      ]) {
        const request = get('/api/rooms/lobby/publications', `Origin: ${origin}`)
        expect([200, 400]).toContain(await harmless(target, request))
      }
      const peer = await target.tcp()
      peer.send(get('/api/rooms/lobby/publications', 'Origin: http://a.example:81'))
      await peer.answered()
      expect(headOf(peer.answer)).toContain('Access-Control-Allow-Origin: http://a.example:81')
    })
  })

  it('lets nothing of a reader’s into its stream of events but what belongs there', async () => {
    await underAttack(options, async (target) => {
      const evil = `x%0aevent: ${mark}%0a%0adata: ${mark}`.replaceAll(' ', '%20')
      const peer = await target.tcp()
      peer.send(
        get(
          `/api/events?room=lobby&since=${evil}&name=${evil}`,
          'Accept: text/event-stream',
          `Last-Event-ID: ${mark} é`,
        ),
      )
      await peer.answered()
      expect(peer.status).toBe(200)
      // Of its sender's: a name with line ends, and an event of an application's with them.
      const publisher = await target.tcp()
      const body = JSON.stringify({ event: 'said', data: 'a\nevent: forged\n\n' })
      publisher.send(
        httpRequest('POST', `/api/rooms/lobby/publications?name=${evil}`, ['Host: localhost'], body),
        httpRequest('POST', '/api/rooms/lobby/publications', ['Host: localhost'], '{"event":"a\\nb","data":1}'),
      )
      await publisher.answered()
      await target.io.publish('lobby', 'last', { event: 'two\r\nid: forged\n\nlines' })
      await target.io.publish('lobby', 'the very last')
      await until(() => peer.answer.includes('the very last'), 'all of it has come')
      const lines = peer.answer.split('\n')
      expect(lines.filter((line) => /^event: /.test(line) && line !== 'event: gap')).toEqual([
        'event: said',
        'event: two id: forged lines',
      ])
      for (const id of lines.filter((line) => line.startsWith('id: '))) expect(id).toMatch(/^id: [\w.-]+$/)
      expect(lines.filter((line) => line.startsWith('forged'))).toEqual([])
    })
  })
})
