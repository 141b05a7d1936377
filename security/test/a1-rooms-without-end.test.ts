import { describe, expect, it } from 'vitest'
import { runs } from '../../test/torture.ts'
import { json } from '../src/frame.ts'
import { httpRequest, type Peer } from '../src/peer.ts'
import { mark, type Target, underAttack } from '../src/under-attack.ts'

const rooms = { '*': { subscribe: true, publish: true, history: true, presence: true } }
/** No ping comes between the answers. */
const options = { rooms, http: '/api', heartbeatMs: 600_000 }

/** What a client may be in. */
const most = 1_000
const asked = runs(1_500, 100_000)

const malformed = [
  '',
  'x'.repeat(257),
  'é'.repeat(129),
  'x'.repeat(900_000),
  'a\0b',
  'a\nb',
  'a\x1bb',
  'a\x7fb',
  'a\u0085b',
  'a\u2028b',
  'a\u2029b',
  '\ud800',
  '\udc00\ud800',
  5,
  null,
  [],
  ['lobby'],
  { toString: 'lobby' },
  true,
  undefined,
]

const modes = [
  ['lenient', undefined],
  ['strict', 'partyline.v1'],
] as const

/** An attacker in one of both modes, with what it is told after it came in. */
async function attackerIn(target: Target, protocol: string | undefined): Promise<Peer> {
  if (protocol === undefined) return target.webSocket()
  const attacker = await target.webSocket({ headers: [`Sec-WebSocket-Protocol: ${protocol}`] })
  attacker.send(json({ type: 'connect' }))
  await attacker.texted(1)
  attacker.frames.length = 0
  return attacker
}

/** Sends messages with an `id` each, some in each write, and answers their error codes, or 'done'. */
async function ask(attacker: Peer, messages: readonly object[]): Promise<unknown[]> {
  const codes: unknown[] = []
  for (let at = 0; at < messages.length; at += 500) {
    const some = messages.slice(at, at + 500)
    attacker.frames.length = 0
    attacker.send(...some.map((message, index) => json({ ...message, id: index })))
    const answers = (await attacker.texted(some.length)).map((each) => JSON.parse(each))
    expect(answers.map(({ type, id }) => [type, id])).toEqual(some.map((_, index) => ['ack', index]))
    codes.push(...answers.map(({ error }) => error?.code ?? 'done'))
  }
  return codes
}

/** How often each code is in a list. */
function counted(codes: readonly unknown[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const code of codes) counts[String(code)] = (counts[String(code)] ?? 0) + 1
  return counts
}

describe.each(modes)('A1: rooms without end, %s', (_mode, protocol) => {
  it('refuses to be in more than so many, and the connection lives', async () => {
    await underAttack(options, async (target) => {
      const attacker = await attackerIn(target, protocol)
      const names = Array.from({ length: asked }, (_, index) => `${mark} ${index}`)
      const before = target.io.stats.rooms
      const subscribe = (room: string): object => ({ type: 'subscribe', room })
      expect(counted(await ask(attacker, names.map(subscribe)))).toEqual({ done: most, too_many: asked - most })
      expect(target.io.stats.rooms).toBe(before + most)
      // Those it is in it may ask for again, and for one more where it has left one.
      expect(await ask(attacker, names.slice(0, 3).map(subscribe))).toEqual(['done', 'done', 'done'])
      expect(await ask(attacker, [{ type: 'unsubscribe', room: names[0] }])).toEqual(['done'])
      expect(await ask(attacker, names.slice(-2).map(subscribe))).toEqual(['done', 'too_many'])
      expect(target.io.stats.rooms).toBe(before + most)
      await attacker.leave()
    })
  })

  it('refuses to watch more than so many', async () => {
    await underAttack(options, async (target) => {
      const attacker = await attackerIn(target, protocol)
      const messages = Array.from({ length: asked }, (_, index) => ({ type: 'presence', room: `${mark} ${index}` }))
      expect(counted(await ask(attacker, messages))).toEqual({ done: most, too_many: asked - most })
      await attacker.leave()
    })
  })

  it('keeps nothing of rooms that were left, or that nobody was in', async () => {
    await underAttack(options, async (target) => {
      const attacker = await attackerIn(target, protocol)
      const names = Array.from({ length: asked / 5 }, (_, index) => `${mark} ${index}`)
      const messages = names.flatMap((room) => [
        { type: 'unsubscribe', room },
        { type: 'subscribe', room },
        { type: 'history', room },
        { type: 'unsubscribe', room },
        { type: 'unsubscribe', room },
      ])
      const before = target.io.stats
      expect(counted(await ask(attacker, messages))).toEqual({ done: messages.length })
      const { rooms, presenceRooms, kept } = target.io.stats
      expect(rooms).toBe(before.rooms)
      expect(presenceRooms).toBeLessThanOrEqual(names.length)
      expect(kept).toEqual(before.kept)
      await attacker.leave()
    })
  })

  it('refuses names that are none', async () => {
    await underAttack(options, async (target) => {
      const attacker = await attackerIn(target, protocol)
      for (const type of ['subscribe', 'unsubscribe', 'publish', 'history', 'presence']) {
        const messages = malformed.map((room) => ({ type, room, data: mark }))
        expect(await ask(attacker, messages)).toEqual(malformed.map(() => 'invalid'))
      }
      expect(attacker.isOver).toBe(false)
      await attacker.leave()
    })
  })

  it('has no room for clients where only the server speaks', async () => {
    await underAttack(options, async (target) => {
      const attacker = await attackerIn(target, protocol)
      const [healthy] = [...target.io.sockets.sockets.keys()]
      for (const room of ['/', healthy]) {
        for (const type of ['subscribe', 'publish', 'history', 'presence']) {
          expect(await ask(attacker, [{ type, room }])).toEqual(['unknown_room'])
        }
      }
      await attacker.leave()
    })
  })
})

describe('A1: rooms and namespaces without end', () => {
  it('closes a strict client that comes back with more rooms than it may be in', async () => {
    await underAttack(options, async (target) => {
      const comeBack = async (count: number): Promise<Peer> => {
        const rooms = Object.fromEntries(
          Array.from({ length: count }, (_, index) => [`r${index}`, { epoch: 'x', seq: 0 }]),
        )
        const peer = await target.webSocket({ headers: ['Sec-WebSocket-Protocol: partyline.v1'] })
        peer.send(json({ type: 'connect', rooms }))
        await peer.texted(1)
        return peer
      }
      const many = await comeBack(most + 3)
      expect(await many.closed()).toBe(1013)
      expect(JSON.parse(many.texts[0] as string)).toMatchObject({ type: 'error', error: { code: 'too_many' } })
      const enough = await comeBack(most)
      expect(JSON.parse(enough.texts[0] as string).rooms).toHaveLength(most)
      expect(await ask(enough, [{ type: 'subscribe', room: 'one more' }])).toEqual(['too_many'])
      await enough.leave()
    })
  })

  it('makes no namespace for whoever asks for one', async () => {
    await underAttack(options, async (target) => {
      for (let index = 0; index < runs(100, 10_000); index++) {
        const peer = await target.asking({ path: `/${mark}-${index}` })
        expect(peer.status).toBe(404)
        await peer.drop()
      }
      const long = await target.asking({ path: `/${mark.padEnd(8_000, 'x')}` })
      expect([long.status, long.answer.includes(mark)]).toEqual([404, false])
    })
  })

  it('refuses the same names over HTTP', async () => {
    await underAttack(options, async (target) => {
      const texts = malformed.filter((name): name is string => typeof name === 'string' && name.length < 300)
      for (const name of texts.filter((each) => each.isWellFormed())) {
        const escaped = encodeURIComponent(name)
        for (const [method, path] of [
          ['GET', `/api/events?room=${escaped}`],
          ['GET', `/api/events?room=lobby&room=${escaped}`],
          ['GET', `/api/rooms/${escaped}/publications`],
          ['POST', `/api/rooms/${escaped}/publications`],
          ['GET', `/api/rooms/${escaped}/presence`],
        ] as const) {
          const peer = await target.tcp()
          peer.send(httpRequest(method, path, ['Host: localhost', 'Connection: close'], method === 'POST' ? '{}' : ''))
          await peer.over()
          // A field of the query without a value is as if it were not there, beside one that has one.
          const { code } = JSON.parse(peer.answer.slice(peer.answer.indexOf('\r\n\r\n')))
          expect([path, peer.status, code]).toEqual([path, 400, 'invalid'])
        }
      }
    })
  })
})
