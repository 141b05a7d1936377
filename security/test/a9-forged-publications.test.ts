import { describe, expect, it } from 'vitest'
import { json } from '../src/frame.ts'
import { httpRequest, type Peer } from '../src/peer.ts'
import { mark, type Target, underAttack } from '../src/under-attack.ts'

const authenticate = async (token: string) => (token === mark ? undefined : { id: token, name: `the ${token}` })

const rooms = {
  open: { subscribe: true, publish: true, history: true },
  other: { subscribe: true, publish: true, history: true },
  read: { subscribe: true, history: true },
  ada: { subscribe: true, history: true, publish: ({ id }: { id: string }) => id === 'ada' },
  silent: { history: false, publish: false, subscribe: false, presence: true },
}
const options = { rooms, http: '/api', authenticate, guests: true, heartbeatMs: 600_000 }

/** Somebody who publishes: over a WebSocket in either mode, or by a POST. */
interface Publisher {
  readonly name: string
  publish(target: Target, token: string | undefined, room: string, fields: object): Promise<Answer>
}

/** The code of a refusal, or where it stands. */
type Answer = { readonly code: string } | { readonly seq: number }

async function over(peer: Peer, room: string, fields: object): Promise<Answer> {
  const before = peer.texts.length
  peer.send(json({ type: 'publish', room, ...fields, id: 1 }))
  const { data, error } = JSON.parse((await peer.texted(before + 1))[before] as string)
  await peer.leave()
  return error === undefined ? { seq: data.seq } : { code: error.code }
}

const publishers: readonly Publisher[] = [
  {
    name: 'lenient',
    async publish(target, token, room, fields) {
      return over(await target.webSocket({ path: token === undefined ? '/' : `/?token=${token}` }), room, fields)
    },
  },
  {
    name: 'strict',
    async publish(target, token, room, fields) {
      const peer = await target.webSocket({ headers: ['Sec-WebSocket-Protocol: partyline.v1'] })
      peer.send(json({ type: 'connect', token }))
      await peer.texted(1)
      return over(peer, room, fields)
    },
  },
  {
    name: 'HTTP',
    async publish(target, token, room, fields) {
      const peer = await target.tcp()
      const authorization = token === undefined ? [] : [`Authorization: Bearer ${token}`]
      const headers = ['Host: localhost', 'Connection: close', ...authorization]
      peer.send(httpRequest('POST', `/api/rooms/${room}/publications`, headers, JSON.stringify(fields)))
      await peer.over()
      return JSON.parse(peer.answer.slice(peer.answer.indexOf('\r\n\r\n')))
    },
  },
]

const code = (answer: Answer): string => ('code' in answer ? answer.code : 'done')
const seq = (answer: Answer): number => {
  if ('code' in answer) throw new Error(`refused with ${answer.code}`)
  return answer.seq
}

describe.each(publishers)('A9: forged publications, $name', ({ publish }) => {
  it('are refused without the right to them', async () => {
    await underAttack(options, async (target) => {
      const asked = async (token: string | undefined, room: string): Promise<string> =>
        code(await publish(target, token, room, { data: 'said' }))
      expect(await asked(undefined, 'read')).toBe('forbidden')
      expect(await asked('eve', 'read')).toBe('forbidden')
      expect(await asked('eve', 'ada')).toBe('forbidden')
      expect(await asked(undefined, 'ada')).toBe('forbidden')
      expect(await asked('eve', 'silent')).toBe('forbidden')
      expect(await asked('eve', 'nowhere')).toBe('unknown_room')
      expect(target.io.stats.kept.entries).toBe(0)
      expect(await asked('ada', 'ada')).toBe('done')
    })
  })

  it('bear the server’s word on who said it, when, and where it stands', async () => {
    await underAttack(options, async (target) => {
      const forged = {
        from: { id: 'ada', name: mark },
        at: 1,
        seq: 9_000_000,
        epoch: mark,
        room: 'open',
        user: { id: 'ada' },
        session: mark,
        published: true,
      }
      const began = Date.now()
      await publish(target, 'eve', 'open', { data: 'hers', ...forged })
      await publish(target, undefined, 'open', { data: "a guest's", ...forged, from: null })
      const { publications } = await target.io.history('open')
      expect(publications).toHaveLength(2)
      const [hers, guests] = publications
      expect(hers).toMatchObject({ room: 'open', event: 'message', data: 'hers', from: { id: 'eve', name: 'the eve' } })
      expect(guests?.from?.id).toMatch(/^guest:/)
      for (const { at, seq } of publications) {
        expect(at).toBeGreaterThanOrEqual(began)
        expect(at).toBeLessThanOrEqual(Date.now())
        expect(seq).toBeLessThan(9_000_000)
      }
      expect(JSON.stringify(publications)).not.toContain(mark)
    })
  })

  it('cannot be put in another’s place by its key', async () => {
    await underAttack(options, async (target) => {
      const key = 'a key that everybody knows'
      const adas = seq(await publish(target, 'ada', 'open', { data: 'hers', key }))
      // Another's with the same key is another one, whatever is in it; so is hers in another room.
      const eves = seq(await publish(target, 'eve', 'open', { data: 'not hers', key }))
      const copied = seq(await publish(target, 'mallory', 'open', { data: 'hers', key }))
      const elsewhere = seq(await publish(target, 'ada', 'other', { data: 'hers', key }))
      const guests = seq(await publish(target, undefined, 'open', { data: "a guest's", key }))
      expect(new Set([adas, eves, copied, elsewhere, guests]).size).toBe(5)
      // Hers again is hers; something else under it is told, and changes nothing.
      expect(seq(await publish(target, 'ada', 'open', { data: 'hers', key }))).toBe(adas)
      expect(code(await publish(target, 'ada', 'open', { data: 'changed', key }))).toBe('key_reused')
      // All guests of a room are one.
      expect(seq(await publish(target, undefined, 'open', { data: "a guest's", key }))).toBe(guests)
      expect(code(await publish(target, undefined, 'open', { data: "another guest's", key }))).toBe('key_reused')
      const { publications } = await target.io.history('open')
      expect(publications.map(({ data, from }) => [data, from?.id.replace(/:.*/, '')])).toEqual([
        ['hers', 'ada'],
        ['not hers', 'eve'],
        ['hers', 'mallory'],
        ["a guest's", 'guest'],
      ])
    })
  })

  it('cannot speak for the server or the protocol by their event', async () => {
    await underAttack(options, async (target) => {
      for (const event of ['ack', 'error', 'gap', 'welcome', 'presence', 'connect', 'expiring', 'overloaded', 'open']) {
        expect([event, code(await publish(target, 'eve', 'open', { event, data: mark }))]).toEqual([event, 'invalid'])
      }
      expect(target.io.stats.kept.entries).toBe(0)
    })
  })
})

describe('A9: forged identities', () => {
  it('are no guest’s, whatever name one gives itself', async () => {
    await underAttack(options, async (target) => {
      const peer = await target.webSocket({ path: '/?name=ada' })
      peer.send(json({ type: 'auth', name: 'the ada', id: 1 }), json({ type: 'publish', room: 'ada', id: 2 }))
      const [auth, refused] = (await peer.texted(2)).map((each) => JSON.parse(each))
      expect(auth.data.user.id).toMatch(/^guest:/)
      expect(refused.error.code).toBe('forbidden')
      const claiming = await target.webSocket({ headers: ['Sec-WebSocket-Protocol: partyline.v1'] })
      claiming.send(json({ type: 'connect', user: { id: 'ada' }, id: 'ada', name: 'ada' }))
      expect(JSON.parse((await claiming.texted(1))[0] as string).user.id).toMatch(/^guest:/)
      await target.leaveAll()
    })
  })

  it('are not had by a token that is not good, or by another’s session', async () => {
    await underAttack(options, async (target) => {
      const strict = { headers: ['Sec-WebSocket-Protocol: partyline.v1'] }
      const ada = await target.webSocket(strict)
      ada.send(json({ type: 'connect', token: 'ada' }))
      const { session } = JSON.parse((await ada.texted(1))[0] as string)
      // Eve has read Ada's session somewhere, and shows a token of her own: then it is no use to her.
      const eve = await target.webSocket(strict)
      eve.send(json({ type: 'connect', token: 'eve', session }))
      const welcome = JSON.parse((await eve.texted(1))[0] as string)
      expect(welcome.user.id).toBe('eve')
      expect(welcome.session).not.toBe(session)
      expect(ada.isOver).toBe(false)
      const wrong = await target.webSocket(strict)
      wrong.send(json({ type: 'connect', token: mark, session }))
      expect(await wrong.closed()).toBe(4503)
      expect(ada.isOver).toBe(false)
      await target.leaveAll()
    })
  })
})
