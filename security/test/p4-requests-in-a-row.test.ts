import { describe, expect, it } from 'vitest'
import { runs } from '../../test/torture.ts'
import { text } from '../src/frame.ts'
import { httpRequest, type Peer, upgradeHead } from '../src/peer.ts'
import { mark, underAttack } from '../src/under-attack.ts'
import { until } from '../src/until.ts'

const rooms = { lobby: { subscribe: true, publish: true, history: true, presence: true } }
const options = { rooms, http: '/api' }

const path = '/api/rooms/lobby/publications'
const host = 'Host: localhost'
const history = httpRequest('GET', `${path}?limit=1`, [host])
const say = (said: string): string => httpRequest('POST', path, [host, 'Content-Type: text/plain'], said)
const stream = httpRequest('GET', '/api/events?room=lobby', [host, 'Accept: text/event-stream'])
const closing = httpRequest('GET', '/api/', [host, 'Connection: close'])

const statuses = (answer: string): number[] =>
  [...answer.matchAll(/HTTP\/1\.[01] (\d{3}) /g)].map(([, status]) => Number(status))

const answered = (peer: Peer, count: number): Promise<void> =>
  until(() => statuses(peer.answer).length >= count || peer.isOver, `${count} answers have come`)

describe('P4: requests in a row', () => {
  it('answers all that lie behind each other, in their order', async () => {
    await underAttack(options, async (target) => {
      const peer = await target.tcp()
      const count = runs(50, 190)
      const requests = Array.from({ length: count }, (_, index) => say(`number ${index}`) + history)
      peer.send(...requests, closing)
      await peer.over()
      expect(statuses(peer.answer)).toEqual([...requests.flatMap(() => [201, 200]), 200])
      const { publications } = await target.io.history('lobby', { limit: 500 })
      expect(publications.map(({ data }) => data)).toEqual(requests.map((_, index) => `number ${index}`))
    })
  })

  it('answers the next one on a connection whose last one was refused', async () => {
    await underAttack(options, async (target) => {
      const refused: readonly (readonly [string, number])[] = [
        [httpRequest('GET', '/api/nothing', [host]), 404],
        [httpRequest('GET', '/elsewhere', [host]), 404],
        [httpRequest('PUT', path, [host], 'x'), 405],
        [httpRequest('DELETE', path, [host]), 405],
        [httpRequest('GET', `${path}?before=x`, [host]), 400],
        [httpRequest('GET', path, [host, 'Origin: http://evil.example']), 403],
        [httpRequest('POST', path, [host, 'Content-Type: application/json'], '{'), 400],
        [httpRequest('POST', path, [host, 'Content-Type: application/json'], '['.repeat(100)), 400],
        [httpRequest('POST', path, [host, 'Content-Type: image/png'], 'x'), 415],
        [httpRequest('POST', path, [host, 'Content-Encoding: gzip'], 'x'), 415],
        [httpRequest('OPTIONS', path, [host]), 204],
        [httpRequest('HEAD', path, [host]), 200],
        [httpRequest('HEAD', '/api/events?room=lobby', [host, 'Accept: text/event-stream']), 200],
      ]
      const peer = await target.tcp()
      for (const [index, [request, status]] of refused.entries()) {
        peer.send(request)
        await answered(peer, 2 * index + 1)
        peer.send(history)
        await answered(peer, 2 * index + 2)
        expect([request, statuses(peer.answer).slice(-2)]).toEqual([request, [status, 200]])
      }
      const all = await target.tcp()
      all.send(...refused.map(([request]) => request + history), closing)
      await all.over()
      expect(statuses(all.answer)).toEqual([...refused.flatMap(([, status]) => [status, 200]), 200])
    })
  })

  it('refuses what goes on for a while behind an answer that is not through', async () => {
    await underAttack(options, async (target) => {
      const peer = await target.tcp()
      peer.send(history, stream, stream, closing)
      await peer.over()
      expect(statuses(peer.answer)[0]).toBe(200)
      expect(statuses(peer.answer).slice(1, 3)).toEqual([400, 400])
      expect(target.io.stats.clients.byTransport.sse).toBe(0)
    })
  })

  it('answers nothing more behind a stream, and ends with it', async () => {
    await underAttack(options, async (target) => {
      const peer = await target.tcp()
      peer.send(stream)
      await peer.answered()
      peer.send(history, stream)
      await target.io.publish('lobby', 'heard')
      await until(() => peer.answer.includes('heard'), 'the stream goes on')
      expect(statuses(peer.answer)).toEqual([200])
      // A WebSocket cannot begin in the middle of it.
      peer.send(upgradeHead(), text(mark))
      await peer.over()
      expect(statuses(peer.answer)).toEqual([200])
      await until(() => target.io.stats.clients.byTransport.sse === 0, 'the stream is gone')
    })
  })

  it('lets no answer of before into a WebSocket', async () => {
    await underAttack(options, async (target) => {
      for (const before of [history, say('before'), history + history, httpRequest('GET', '/elsewhere', [host])]) {
        const peer = await target.tcp()
        const bytes: Buffer[] = []
        peer.socket.on('data', (chunk: Buffer) => void bytes.push(chunk))
        peer.send(before, upgradeHead(), text('hello'))
        await until(() => peer.isOver || Buffer.concat(bytes).includes('Echo: hello'), 'it is answered or refused')
        const all = Buffer.concat(bytes).toString('latin1')
        const [, behind] = all.split('HTTP/1.1 101 ')
        // Either all answers stand before the 101, or there is none.
        expect(behind === undefined || !behind.includes('HTTP/1.1 ')).toBe(true)
        await peer.drop()
      }
    })
  })

  it('answers HTTP/1.0 and what is older, and closes', async () => {
    await underAttack(options, async (target) => {
      const old = (request: string): string => request.replace('HTTP/1.1', 'HTTP/1.0')
      for (const [request, status] of [
        [old(history), 200],
        [old(history).replace(`${host}\r\n`, ''), 200],
        [old(say('old')), 201],
        [old(httpRequest('GET', '/nowhere', [host])), 404],
        [old(upgradeHead()), 400],
        ['GET /api/\r\n\r\n', 200],
        [history.replace(`${host}\r\n`, ''), 400],
      ] as const) {
        const peer = await target.tcp()
        peer.send(request)
        await peer.over()
        expect([request, statuses(peer.answer)]).toEqual([request, [status]])
      }
      const listening = await target.tcp()
      listening.send(old(stream))
      await listening.answered()
      await target.io.publish('lobby', 'heard')
      await until(() => listening.answer.includes('heard'), 'the stream goes on')
      // There were no chunks then.
      expect(listening.answer).not.toMatch(/transfer-encoding/i)
    })
  })

  it('says that it goes on where a client waits for that, and expects nothing else', async () => {
    await underAttack(options, async (target) => {
      const peer = await target.tcp()
      const headers = [host, 'Content-Type: text/plain', 'Expect: 100-continue', 'Content-Length: 5']
      peer.send(httpRequest('POST', path, headers))
      await answered(peer, 1)
      peer.send('hello')
      await answered(peer, 2)
      expect(statuses(peer.answer)).toEqual([100, 201])
      peer.send(httpRequest('POST', path, [host, `Expect: ${mark}`, 'Content-Length: 5']), 'hello', closing)
      await peer.over()
      expect(statuses(peer.answer)).toEqual([100, 201, 417, 200])
      expect((await target.io.history('lobby')).publications.map(({ data }) => data)).toEqual(['hello'])
    })
  })

  it('lives through many on one connection that nobody reads the answers of', async () => {
    await underAttack({ ...options, closeTimeoutMs: 200 }, async (target) => {
      for (let index = 0; index < 50; index++) await target.io.publish('lobby', 'x'.repeat(1_000))
      const peer = await target.tcp()
      peer.socket.pause()
      const request = httpRequest('GET', `${path}?limit=500`, [host])
      for (let index = 0; index < runs(500, 5_000); index++) peer.send(request)
      await target.healthy.echo()
      await target.healthy.echo()
      for (const socket of target.sockets) expect(socket.writableLength).toBeLessThan(2_000_000)
      await peer.drop()
      await target.left()
    })
  })
})
