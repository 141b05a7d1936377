import type { ServerOptions } from '@partyline/server'
import { describe, expect, it } from 'vitest'
import { runs } from '../../test/torture.ts'
import { type Door, doors } from '../src/doors.ts'
import { mark, type Target, underAttack } from '../src/under-attack.ts'

const secret = 'what only members may read'
const rooms = { lobby: { subscribe: true, publish: true, history: true, presence: true } }

interface Site {
  readonly name: string
  readonly host: string
  readonly options: ServerOptions
  readonly allowed: readonly string[]
  readonly refused: readonly string[]
}

/** Hosts and options, and which origins are let in with them. The origin of a page is written as browsers do, and otherwise. */
const sites: readonly Site[] = [
  {
    name: 'a public name',
    host: 'good.example',
    options: {},
    // Where TLS ends before us, `Host` is the same.
    allowed: ['http://good.example', 'http://good.example:80', 'HTTP://Good.Example', 'https://good.example'],
    refused: [
      'http://evil.example',
      'HTTP://EVIL.EXAMPLE',
      'http://good.example.evil.example',
      'http://evilgood.example',
      'http://evil.good.example',
      'http://example',
      'null',
      'NULL',
      'http://good.example:1',
      'http://good.example.',
      'http://good.example..',
      'http://good.example@evil.example',
      'http://evil.example@good.example',
      'http://evil.example/good.example',
      'http://good.example/',
      'http://evil.example#good.example',
      'http://evil.example?good.example',
      'http://evil.example\\good.example',
      'http://good.example%2eevil.example',
      'http://good.example:80:80',
      'http://good.example:080000',
      'http://good.example, http://evil.example',
      'http://good.example http://evil.example',
      'http://evil.example,good.example',
      'http://[good.example]',
      'http://',
      'http:good.example',
      '//good.example',
      'good.example',
      'file://',
      'http://localhost',
      'http://127.0.0.1',
      '',
    ],
  },
  {
    name: 'loopback',
    host: '127.0.0.1:8080',
    options: {},
    allowed: ['http://127.0.0.1:8080', 'http://localhost:5173', 'http://[::1]:1', 'https://app.localhost'],
    refused: [
      'http://evil.example',
      'http://127.0.0.1.evil.example:8080',
      'http://localhost.evil.example',
      'http://evillocalhost',
      'http://localhost.',
      'http://127.0.0.1.nip.io',
      'http://0.0.0.0:8080',
      'http://127.1:8080',
      'http://2130706433:8080',
      'http://[::ffff:7f00:1]:8080',
      'null',
    ],
  },
  {
    name: 'a private address',
    host: '192.168.1.5:3000',
    options: {},
    allowed: ['http://192.168.1.5:5173'],
    refused: ['http://192.168.1.6:3000', 'http://192.168.1.5.evil.example:3000', 'http://localhost:3000', 'null'],
  },
  {
    name: 'a name that begins like a private address',
    host: '192.168.1.5.evil.example:3000',
    options: {},
    allowed: ['http://192.168.1.5.evil.example:3000'],
    refused: ['http://192.168.1.5.evil.example:5173', 'http://192.168.1.5:3000'],
  },
  {
    name: 'configured origins',
    host: 'good.example',
    options: { cors: { origin: ['https://app.example', 'https://*.wild.example', /https:\/\/r\d\.example/] } },
    allowed: [
      'https://app.example',
      'https://a.wild.example',
      'https://a.b.wild.example',
      'https://r2.example',
      'http://good.example',
    ],
    refused: [
      'http://app.example',
      'https://app.example:444',
      'https://app.example.evil.example',
      'https://evilapp.example',
      'https://evil.app.example',
      'https://wild.example',
      'https://evilwild.example',
      'https://wild.example.evil.example',
      'https://a.wild.example.evil.example',
      'https://a.wild.example:444',
      'https://r2.example.evil.example',
      'https://evil.example/https://r2.example',
      'null',
    ],
  },
  {
    name: 'configured hosts, and a name that was bound to us elsewhere',
    host: 'rebound.example',
    options: { hosts: ['good.example'] },
    allowed: [],
    refused: ['http://rebound.example', 'http://good.example', 'http://localhost'],
  },
  {
    name: 'a forwarded host that nobody vouches for',
    host: 'good.example\r\nX-Forwarded-Host: evil.example',
    options: {},
    allowed: ['http://good.example'],
    refused: ['http://evil.example'],
  },
  {
    name: 'pages from files, where they are allowed',
    host: 'localhost',
    options: { allowNullOrigin: true },
    allowed: ['null'],
    refused: ['NULL', 'null, http://localhost', 'http://evil.example'],
  },
]

/** Sends a request through a door, with origins as they are. */
async function through(target: Target, door: Door, host: string, origins: readonly string[]) {
  const peer = await target.tcp()
  peer.send(door.request([`Host: ${host}`, ...origins.map((origin) => `Origin: ${origin}`)]))
  await peer.answered()
  return peer
}

describe.each(sites)('H1: a page of another site and $name', ({ host, options, allowed, refused }) => {
  it.each(doors)('is refused at $name', async (door) => {
    await underAttack({ rooms, http: '/api', ...options }, async (target) => {
      await target.io.publish('lobby', secret)
      const seq = target.io.stats.kept.seq
      for (const origin of refused) {
        const peer = await through(target, door, host, [origin])
        expect([origin, peer.status]).toEqual([origin, 403])
        expect(peer.answer).not.toMatch(/access-control-allow-origin/i)
        expect(peer.answer).not.toContain(secret)
      }
      // None has published, and none is connected.
      expect(target.io.stats.kept.seq).toBe(seq)
      expect(target.io.stats.clients.total).toBe(1)
      for (const origin of allowed) {
        const peer = await through(target, door, host, [origin])
        expect([origin, peer.status]).toEqual([origin, door.admits])
        // An answer that a page may not read would be of no use to it.
        if (door.admits !== 101) expect(peer.answer).toMatch(/access-control-allow-origin/i)
      }
    })
  })
})

describe('H1: who comes without an origin, or with two', () => {
  it.each(doors)('is let in without one at $name', async (door) => {
    await underAttack({ rooms, http: '/api' }, async (target) => {
      expect((await through(target, door, 'good.example', [])).status).toBe(door.admits)
    })
  })

  it.each(doors)('is refused with two at $name', async (door) => {
    await underAttack({ rooms, http: '/api' }, async (target) => {
      for (const origins of [
        ['http://good.example', 'http://evil.example'],
        ['http://evil.example', 'http://good.example'],
        ['http://good.example', 'http://good.example'],
      ]) {
        expect((await through(target, door, 'good.example', origins)).status).toBe(403)
      }
    })
  })
})

describe('H1: what is said of it', () => {
  it('is one line for many, that names the origin and the option, in printable characters', async () => {
    await underAttack({ rooms, http: '/api' }, async (target) => {
      const before = target.log.length
      for (let count = 0; count < runs(20, 2_000); count++) {
        const origin = `http://\x9b31m\x85\xe9.example${'x'.repeat(4_000)}${mark}`
        const peer = await through(target, doors[count % doors.length] as Door, 'good.example', [origin])
        expect(peer.status).toBe(403)
        expect(peer.answer).not.toContain(mark)
        expect(peer.answer).not.toMatch(/[\x80-\x9f]/)
        await peer.drop()
      }
      expect(target.log.length - before).toBeLessThan(2 + runs(0, 20))
      const line = target.log[0]?.text ?? ''
      expect(line).toMatch(/^[\x20-\x7e]{1,2000}$/)
      expect(line).toContain('origin')
    })
  })
})
