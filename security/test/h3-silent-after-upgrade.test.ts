import type { AddressLimits } from '@partyline/server'
import { describe, expect, it } from 'vitest'
import { runs } from '../../test/torture.ts'
import { json, text } from '../src/frame.ts'
import type { Peer } from '../src/peer.ts'
import { mark, type Target, underAttack } from '../src/under-attack.ts'

const strict = 'Sec-WebSocket-Protocol: partyline.v1'
const modes = [
  ['lenient', []],
  ['strict', [strict]],
] as const

/** Who shows a token that begins so is somebody. */
const authenticate = async (token: string) => (token.startsWith('good') ? { id: token } : undefined)

/** Seconds of the server's that pass in one of ours: its ten seconds are 250 ms. */
const speed = 40
/** Nobody here answers a ping: that would be the heartbeat's affair. */
const heartbeatMs = 3_600_000

/** Behind a proxy that we trust nobody is exempt, loopback neither. */
const from = (address: string): string => `X-Forwarded-For: ${mark}, ${address}`
const anyPace = { handshakes: '1000000 per second' } satisfies AddressLimits

/** Comes from an address, and answers how it was received: the HTTP status, and what closes it. */
async function come(target: Target, headers: readonly string[]): Promise<[number | undefined, string]> {
  const peer = await target.asking({ headers })
  if (peer.status !== 101) return [peer.status, /\r\nRetry-After: (\d+)\r\n/.exec(peer.answer)?.[1] ?? '']
  if (!headers.includes(strict)) return [101, '']
  peer.send(json({ type: 'connect' }))
  await Promise.race([peer.texted(1), peer.closed()])
  return [101, peer.closes.map(({ code, reason }) => `${code} ${reason}`).join()]
}

/** What a client without our sub-protocol is told by a status, ours is told behind the 101. */
const refusals = {
  address: { lenient: [429, '1'], strict: [101, '1013 retry=1000 too many connections from this address'] },
  all: { lenient: [503, '1'], strict: [101, '1013 retry=1000 too many clients'] },
}

describe('H3: upgraded, then silent', () => {
  it('closes strict clients that never say connect with 1008, after ten seconds by default', async () => {
    await underAttack(
      { heartbeatMs },
      async (target) => {
        for (let round = 0; round < runs(1, 4); round++) {
          const peers = await target.webSockets(runs(100, 2_500), { headers: [strict] })
          for (const peer of peers) expect(await peer.closed()).toBe(1008)
          for (const peer of peers) expect(peer.closes[0]?.reason).toBe('no connect in time')
          await target.dropAll()
        }
        const said = new Set(target.log.map(({ text }) => text))
        expect(said).toEqual(new Set(['a client was closed: 1008 flood, or no connect in time']))
      },
      { speed },
    )
  })

  it('closes who owes a token and shows none with 1008, whatever else is said', async () => {
    await underAttack(
      { authenticate, connectTimeoutMs: 30_000, heartbeatMs },
      async (target) => {
        const silent = await target.webSockets(runs(50, 2_000))
        const talking = await target.webSocket()
        talking.send(text('hello'), json({ type: 'subscribe', room: 'lobby', id: 1 }))
        const wrong = await target.webSocket()
        wrong.send(json({ type: 'auth', token: mark, id: 1 }))
        const strictly = await target.webSocket({ headers: [strict] })
        const late = await target.webSocket()
        late.send(json({ type: 'auth', token: 'good for a latecomer', id: 1 }))
        await late.texted(1)
        for (const peer of [...silent, talking, wrong, strictly]) expect(await peer.closed()).toBe(1008)
        for (const peer of [...silent, talking, wrong]) expect(peer.closes[0]?.reason).toBe('no token in time')
        const unauthorized = talking.texts.map((each) => JSON.parse(each).error.code)
        expect(unauthorized).toEqual(['unauthorized', 'unauthorized'])
        expect(late.isOver).toBe(false)
        late.send(text('hello'))
        expect((await late.texted(2))[1]).toBe('Echo: hello')
      },
      { speed, healthyPath: '/?token=good' },
    )
  })

  it('takes no byte and no ping for a connect', async () => {
    await underAttack(
      { heartbeatMs },
      async (target) => {
        const peer = await target.webSocket({ headers: [strict] })
        peer.send(text('{"type":"conn', { final: false }))
        expect(await peer.closed()).toBe(1008)
      },
      { speed },
    )
  })

  it.each(modes)(
    'lets in so many from one address and in all, and others when these have gone: %s',
    async (mode, headers) => {
      const most = runs(5, 1_000)
      const perAddress = { ...anyPace, maxConnections: most }
      await underAttack({ trustProxy: true, perAddress, maxConnections: 2 * most + 1, heartbeatMs }, async (target) => {
        const here = [...headers, from('203.0.113.1')]
        const there = [...headers, from('2001:db8:1:2::1')]
        const sameNetwork = [...headers, from('2001:DB8:1:2:ffff::9')]
        for (let count = 0; count < most; count++) expect(await come(target, here)).toEqual([101, ''])
        for (let count = 0; count < most; count++) {
          expect(await come(target, here)).toEqual(refusals.address[mode])
          expect(await come(target, count % 2 === 0 ? there : sameNetwork)).toEqual([101, ''])
        }
        expect(await come(target, sameNetwork)).toEqual(refusals.address[mode])
        expect(await come(target, [...headers, from('203.0.113.2')])).toEqual(refusals.all[mode])
        expect(target.io.stats.clients.total).toBe(2 * most + 1)

        await target.leaveAll()
        await target.left()
        for (let count = 0; count < most; count++) expect(await come(target, here)).toEqual([101, ''])
        expect(await come(target, here)).toEqual(refusals.address[mode])
        await target.leaveAll()
      })
    },
  )

  it.each(modes)('lets nobody come faster than the rate of handshakes: %s', async (mode, headers) => {
    const perAddress = { handshakes: '1 per minute, burst 3' }
    await underAttack({ trustProxy: true, perAddress }, async (target) => {
      const here = [...headers, from('203.0.113.1')]
      for (let count = 0; count < 3; count++) expect(await come(target, here)).toEqual([101, ''])
      const [status, told] = await come(target, here)
      if (mode === 'lenient') expect([status, Number(told) > 50]).toEqual([429, true])
      else expect([status, told]).toEqual([101, expect.stringMatching(/^1013 retry=[56]\d{4} too many handshakes/)])
      expect(await come(target, [...headers, from('203.0.113.2')])).toEqual([101, ''])
      await target.leaveAll()
    })
  })

  it.each(modes)('holds with its defaults, under which loopback is not counted: %s', async (_mode, headers) => {
    await underAttack({}, async (target) => {
      const peers: Peer[] = await target.webSockets(runs(150, 2_000), { headers })
      expect(target.io.stats.clients.total).toBe(1 + peers.length)
      await target.leaveAll()
      await target.left()
    })
  })
})
