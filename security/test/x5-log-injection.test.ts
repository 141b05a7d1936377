import { describe, expect, it } from 'vitest'
import { startPartyline } from '../../e2e/src/partyline.ts'
import { json } from '../src/frame.ts'
import type { LogLine } from '../src/ledger.ts'
import { httpRequest, Peer, upgradeHead } from '../src/peer.ts'
import { mark, type Target, underAttack } from '../src/under-attack.ts'
import { until } from '../src/until.ts'

/** What a log must not hold: a second line, orders to a terminal, other directions of text, and no end. */
const orders = ['\n', '\r\n', '\x1b[31m', '\x1b]0;title\x07', '\x9b2J', '\u202e', '\u2028', '\x7f', '\0', '\u{1f600}']
const long = 'x'.repeat(8_000)
const longest = 'x'.repeat(900_000)

const strict = 'Sec-WebSocket-Protocol: partyline.v1'

/** The bytes of a head that a parser lets through, with more than ASCII in them. */
const inHead = (text: string): string => text.replace(/[^\x20-\x7e\x80-\xff]/g, '\x9b')

/** Everything of a client's that could get into a log, but what is logged so that it can be allowed: origin and host. */
async function sayEverywhere(target: Target, evil: string): Promise<void> {
  const escaped = encodeURIComponent(evil.toWellFormed())
  const headers = [
    `User-Agent: ${inHead(evil)}`,
    `X-Forwarded-For: ${inHead(evil)}`,
    `X-Forwarded-Host: ${inHead(evil)}`,
    `Cookie: ${inHead(evil)}`,
    `Referer: ${inHead(evil)}`,
    `Authorization: Bearer ${inHead(evil).replaceAll(' ', '')}`,
  ]
  for (const path of [`/?name=${escaped}&token=${escaped}`, `/${escaped}`, '/']) {
    const peer = await target.asking({ path, headers })
    if (peer.status !== 101) continue
    peer.send(
      json({ type: 'auth', token: evil, name: evil, id: evil }),
      json({ type: evil, data: evil, id: 1 }),
      json({ type: 'handled', data: evil, id: 2 }),
      ...['subscribe', 'unsubscribe', 'publish', 'history', 'presence'].map((type) =>
        json({ type, room: evil, event: evil, key: evil, after: evil, data: evil, id: evil }),
      ),
      json({ type: 'ack', id: evil, error: { code: evil, message: evil } }),
    )
    await until(() => peer.isOver || peer.texts.length > 0, 'it is answered')
    await peer.leave()
  }
  const strictly = await target.asking({ headers: [strict, ...headers] })
  strictly.send(
    json({ type: 'connect', token: evil, name: evil, session: evil, rooms: { [evil]: { epoch: evil, seq: 1 } } }),
  )
  await strictly.closed()
  const broken = await target.asking({ headers: [strict] })
  broken.send(json(evil), `${evil}`)
  await broken.closed()
  for (const [method, where] of [
    ['GET', `/api/events?room=${escaped}&since=${escaped}&token=${escaped}&name=${escaped}&namespace=${escaped}`],
    ['POST', `/api/rooms/lobby/publications?token=${escaped}`],
    ['GET', `/api/rooms/${escaped}/publications`],
    ['GET', `/${escaped}`],
  ] as const) {
    const peer = await target.tcp()
    const all = ['Host: localhost', 'Connection: close', `Idempotency-Key: ${inHead(evil)}`, ...headers]
    peer.send(httpRequest(method, where, all, method === 'POST' ? JSON.stringify({ data: 1 }) : ''))
    await peer.over()
  }
}

/** A line as it may stand in a log. What our own code says of itself may be longer: a stack. */
function expectPlain({ level, text, fields }: LogLine): void {
  expect(text).toMatch(/^[\x20-\x7e]*$/)
  expect(text.length).toBeLessThan(256 + 200)
  if (level === 'error') return
  for (const value of Object.values(fields)) {
    if (typeof value !== 'string') continue
    expect(value).toMatch(/^[\x20-\x7e]*$/)
    expect(value.length).toBeLessThan(256 + 200)
  }
}

describe('X5: log injection', () => {
  it.each([
    ['orders', `${mark}${orders.join(mark)}`],
    ['8 KB', mark + long],
    ['nearly a megabyte', mark + longest],
  ])('has no way in but origin and host: %s', async (_name, evil) => {
    const inUrls = evil.length > 10_000 ? evil.slice(0, 10_000) : evil
    const options = { rooms: { lobby: { publish: true, subscribe: true } }, http: '/api', heartbeatMs: 600_000 }
    const authenticate = (token: string): never => {
      throw new Error(`${token} is not known`)
    }
    const said: string[] = []
    await underAttack({ ...options, authenticate, guests: true }, async (target) => {
      target.io.on('connection', (socket) => {
        socket.on('handled', (_data: unknown) => {})
      })
      await sayEverywhere(target, inUrls)
      if (inUrls !== evil) {
        const peer = await target.webSocket()
        peer.send(...['subscribe', 'publish', evil].map((type) => json({ type, room: evil, data: evil, id: 1 })))
        await peer.texted(3)
      }
      for (const line of target.log) expectPlain(line)
      said.push(...target.log.map(({ text }) => text))
    })
    // It had something to say, in words of ours.
    expect(said.join()).toMatch(/X-Forwarded-For, which is not believed|a client was closed/)
  })

  it('shows an origin and a host as JSON in ASCII, cut at 256, and few of them', async () => {
    await underAttack({ hosts: ['good.example'] }, async (target) => {
      for (const evil of [...orders.map((order) => `http://${inHead(order)}evil.example`), `http://${long}`]) {
        for (const headers of [[`Origin: ${evil}`], []]) {
          const peer = await target.tcp()
          const host = headers.length > 0 ? 'good.example' : inHead(evil).slice(7)
          peer.send(upgradeHead({ host, headers }))
          await peer.answered()
          expect([400, 403]).toContain(peer.status)
        }
      }
      expect(target.log.length).toBeGreaterThan(0)
      // One line in ten seconds, whoever it is about.
      expect(target.log.length).toBeLessThan(8)
      for (const line of target.log) expectPlain(line)
    })
  })

  it.each(['text', 'json'])('writes one plain line for each of them: the command, %s', async (format) => {
    const { url, output, child } = await startPartyline(['--host', '127.0.0.1'], {
      env: { PARTYLINE_LOG: format, PARTYLINE_HOSTS: 'good.example' },
    })
    const port = Number(new URL(url).port)
    const before = output.stdout.length
    for (const order of orders) {
      for (const path of ['/', '/api/rooms/lobby/publications', '/health']) {
        const peer = await Peer.tcp(port)
        const origin = `http://${inHead(order)}${mark}.example`
        const headers = [`Origin: ${origin}`, `User-Agent: ${inHead(order)}`, `X-Forwarded-For: ${inHead(order)}`]
        if (path === '/') peer.send(upgradeHead({ host: `127.0.0.1:${port}`, headers }))
        else peer.send(httpRequest('GET', path, [`Host: ${inHead(order)}.example`, 'Connection: close', ...headers]))
        await peer.answered()
        await peer.drop()
      }
    }
    await until(() => output.stdout.slice(before).includes('refused'), 'it is in the log')
    child.kill('SIGTERM')
    await until(() => output.stdout.includes('stopped'), 'it has stopped')
    const lines = output.stdout.slice(before).split('\n')
    expect(lines.pop()).toBe('')
    for (const line of lines) {
      expect(line).toMatch(/^[\x20-\x7e]*$/)
      expect(line.length).toBeLessThan(1_100)
      if (format === 'json')
        expect(JSON.parse(line)).toMatchObject({ level: expect.any(String), msg: expect.any(String) })
      else expect(line === '' || /^(warning|error|stopp)/.test(line)).toBe(true)
    }
    expect(output.stderr).toBe('')
  })
})
