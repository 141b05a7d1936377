import { describe, expect, it } from 'vitest'
import { runs } from '../../test/torture.ts'
import { text } from '../src/frame.ts'
import { httpRequest, type Peer } from '../src/peer.ts'
import { type Target, underAttack } from '../src/under-attack.ts'

const keep = { entries: 5_000, ageMs: 600_000 }
const rooms = { '*': { keep, history: true, presence: true } }
const options = { rooms, http: '/api', heartbeatMs: 600_000 }

/** What JSON can say where a number is due; as it is sent. */
const numbers = [
  '-1',
  '-0.5',
  '1.5',
  '1e309',
  '-1e309',
  '9007199254740992',
  '1e400',
  '"x"',
  '"10"',
  '""',
  '[]',
  '[5]',
  '{}',
  'true',
  '{"valueOf":5}',
  `1${'0'.repeat(10_000)}`,
]

interface Page {
  readonly code?: string
  readonly publications?: { readonly seq: number }[]
  readonly more?: boolean
  readonly bytes: number
}

type Ask = (room: string, fields: Readonly<Record<string, string>>) => Promise<Page>

/** Asks over a WebSocket; values are put in as they are. */
function askingOver(peer: Peer): Ask {
  return async (room, fields) => {
    peer.frames.length = 0
    const more = Object.entries(fields).map(([name, value]) => `,"${name}":${value}`)
    peer.send(text(`{"type":"history","room":"${room}","id":1${more.join('')}}`))
    const answer = (await peer.texted(1))[0] as string
    const { data, error } = JSON.parse(answer)
    return { ...data, ...error, bytes: answer.length }
  }
}

/** The same over HTTP, where everything is text. */
function askingByRequests(target: Target): Ask {
  return async (room, fields) => {
    const peer = await target.tcp()
    const query = new URLSearchParams(Object.entries(fields)).toString()
    const path = `/api/rooms/${room}/publications?${query}`
    peer.send(httpRequest('GET', path, ['Host: localhost', 'Connection: close']))
    await peer.over()
    const body = peer.answer.slice(peer.answer.indexOf('\r\n\r\n') + 4)
    await peer.drop()
    return { ...(body === '' ? {} : JSON.parse(body)), bytes: body.length }
  }
}

const ways = [
  ['lenient', async (target: Target) => askingOver(await target.webSocket())],
  [
    'strict',
    async (target: Target) => {
      const peer = await target.webSocket({ headers: ['Sec-WebSocket-Protocol: partyline.v1'] })
      peer.send(text('{"type":"connect"}'))
      await peer.texted(1)
      return askingOver(peer)
    },
  ],
  ['HTTP', async (target: Target) => askingByRequests(target)],
] as const

async function fill(target: Target, room: string, count: number, data: unknown): Promise<void> {
  for (let index = 0; index < count; index++) await target.io.publish(room, data)
}

describe.each(ways)('A10: pages without end, %s', (way, connect) => {
  it('refuses what is no number of a publication, and what is no count', async () => {
    await underAttack(options, async (target) => {
      await fill(target, 'lobby', 3, 'x')
      const ask = await connect(target)
      for (const number of numbers.slice(0, way === 'HTTP' ? -1 : undefined)) {
        // In a query there is no other "10" than 10, and nothing is as if it were not there.
        const isText = way === 'HTTP' && /^"/.test(number)
        const value = isText ? number.slice(1, -1) : number
        const expected = way === 'HTTP' && /^(\d*)$/.test(value) && Number(value) <= 2 ** 53 - 1 ? undefined : 'invalid'
        for (const name of ['before', 'limit']) {
          const page = await ask('lobby', { [name]: value })
          expect([name, value.slice(0, 20), page.code]).toEqual([name, value.slice(0, 20), expected])
        }
      }
      expect((await ask('lobby', { limit: '0' })).code).toBe('invalid')
      expect((await ask('lobby', { before: '0' })).publications).toEqual([])
      expect((await ask('lobby', {})).publications).toHaveLength(3)
      await target.leaveAll()
    })
  })

  it('answers no more than 500 at once, whatever is asked for', async () => {
    await underAttack(options, async (target) => {
      await fill(target, 'lobby', 1_200, 'x')
      const ask = await connect(target)
      expect((await ask('lobby', {})).publications).toHaveLength(50)
      for (const limit of ['500', '501', '1000000000', '9007199254740991']) {
        const page = await ask('lobby', { limit })
        expect([limit, page.publications?.length, page.more]).toEqual([limit, 500, true])
      }
      const before = await ask('lobby', { before: '9007199254740991', limit: '1000000000' })
      expect(before.publications).toHaveLength(500)
      // Page by page one gets all of them, each once.
      const seqs: number[] = []
      let at = '9007199254740991'
      for (let more = true; more; ) {
        const page = await ask('lobby', { before: at, limit: '500' })
        const found = (page.publications ?? []).map(({ seq }) => seq)
        seqs.unshift(...found)
        at = String(found[0])
        more = page.more === true
      }
      expect(seqs).toHaveLength(1_200)
      expect(new Set(seqs).size).toBe(1_200)
      expect([...seqs].sort((a, b) => a - b)).toEqual(seqs)
      await target.leaveAll()
    })
  })

  it('answers no more than a megabyte at once, and at least one', async () => {
    await underAttack(options, async (target) => {
      await fill(target, 'large', 40, 'x'.repeat(100_000))
      await fill(target, 'huge', 3, 'x'.repeat(2_000_000))
      const ask = await connect(target)
      const large = await ask('large', { limit: '500' })
      expect(large.bytes).toBeLessThan(1_100_000)
      expect([large.publications?.length, large.more]).toEqual([expect.any(Number), true])
      expect(large.publications?.length).toBeGreaterThan(1)
      const huge = await ask('huge', { limit: '500' })
      expect([huge.publications?.length, huge.more]).toEqual([1, true])
      await target.leaveAll()
    })
  })

  it('lives through many who ask for the largest pages again and again', async () => {
    await underAttack({ ...options, hardMaxBufferedBytes: 64_000_000 }, async (target) => {
      await fill(target, 'lobby', 1_000, 'x'.repeat(100))
      const all = await Promise.all(Array.from({ length: runs(5, 20) }, () => connect(target)))
      await Promise.all(
        all.map(async (ask) => {
          for (let round = 0; round < runs(10, 30); round++) {
            expect((await ask('lobby', { limit: '500' })).publications).toHaveLength(500)
          }
        }),
      )
      await target.leaveAll()
    })
  })
})

describe('A10: pages of those who are here', () => {
  it('are no longer than so many, and refuse what is no count', async () => {
    await underAttack(options, async (target) => {
      const peer = await target.webSocket()
      for (const [id, number] of numbers.entries()) {
        peer.send(text(`{"type":"presence","room":"lobby","limit":${number},"id":${id}}`))
      }
      const answers = (await peer.texted(numbers.length)).map((each) => JSON.parse(each).error?.code)
      expect(answers).toEqual(numbers.map(() => 'invalid'))
      peer.send(text('{"type":"presence","room":"lobby","limit":1e9,"after":"__proto__","id":1}'))
      const page = JSON.parse((await peer.texted(numbers.length + 1)).at(-1) as string)
      expect(page.data).toEqual({ users: [], count: 0 })
    })
  })
})
