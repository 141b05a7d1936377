import { describe, expect, it } from 'vitest'
import { type Answerer, askAll, type BroadcastError, type Question } from '../src/broadcast-acks.ts'
import type { BroadcastOperator } from '../src/index.ts'
import type { Settle } from '../src/pending-acks.ts'
import { serve } from './served.ts'
import { StillClock } from './suites/still-clock.ts'
import { connect } from './test-client.ts'

/** Sockets that wait for a test to settle what they were asked. */
function make(count: number, timeoutMs?: number) {
  const clock = new StillClock()
  const settles: Settle[] = []
  const forgotten: number[] = []
  const sockets: Answerer[] = Array.from({ length: count }, (_, i) => ({
    ask: (_question: Question, settle: Settle) => {
      settles[i] = settle
      return i + 1
    },
    forgetAck: (id: number) => void forgotten.push(id),
  }))
  const done: [BroadcastError | null, unknown[]][] = []
  const question = { event: 'e', args: [], timeoutMs, compress: true }
  askAll(sockets, question, clock, (error, responses) => done.push([error, [...responses]]))
  return { clock, settles, forgotten, done }
}

describe('a question to many', () => {
  it('is done once all have answered, with the first argument of each in the order they came', () => {
    const { clock, settles, done, forgotten } = make(3, 1_000)
    settles[2]?.(null, ['c', 'more'])
    settles[0]?.(null, [])
    expect(done).toEqual([])
    settles[1]?.(null, ['b'])
    expect(done).toEqual([[null, ['c', undefined, 'b']]])
    expect([clock.timers, forgotten]).toEqual([0, []])
  })

  it('is done when its time is over, with the answers so far, and waits for none any more', () => {
    const { clock, settles, done, forgotten } = make(3, 1_000)
    settles[1]?.(null, ['b'])
    clock.pass(999)
    expect(done).toEqual([])
    clock.pass(1)
    const [error, responses] = done[0] ?? []
    expect(error).toMatchObject({ message: 'operation has timed out', responses: ['b'] })
    expect(responses).toEqual(['b'])
    expect(forgotten).toEqual([1, 3])
    settles[0]?.(null, ['late'])
    expect(done.length).toBe(1)
    expect(error?.responses).toEqual(['b'])
  })

  it('is done when those who have not answered never will', () => {
    const { clock, settles, done } = make(3, 1_000)
    settles[0]?.(new Error('gone'), [])
    settles[1]?.(null, ['b'])
    settles[2]?.(new Error('refused'), [])
    expect(done).toMatchObject([[{ message: '2 of 3 clients did not answer', responses: ['b'] }, ['b']]])
    expect(clock.timers).toBe(0)
  })

  it('to nobody is answered by nobody, after the turn', async () => {
    const { clock, done } = make(0, 1_000)
    expect(done).toEqual([])
    await null
    expect(done).toEqual([[null, []]])
    expect(clock.timers).toBe(0)
  })
})

describe('a broadcast that asks for acknowledgements', () => {
  async function crowd(count: number, clock?: StillClock) {
    const { io, url, log } = await serve(clock === undefined ? {} : { clock })
    const clients = []
    for (let i = 0; i < count; i++) {
      const client = await connect(`${url}/?name=${i}`)
      await client.rest()
      clients.push(client)
    }
    const sockets = await io.fetchSockets()
    for (const socket of sockets) void socket.join('all')
    /** The one that came as this. */
    const nth =
      <T>(list: readonly T[]) =>
      (index: number): T => {
        if (index >= list.length) throw new Error('there are not so many')
        return list[index] as T
      }
    return { io, log, clients, client: nth(clients), socket: nth(sockets) }
  }

  it('goes to each of those addressed by itself, and brings all answers', async () => {
    const { io, clients, socket } = await crowd(4)
    void socket(3).leave('all')
    const asked = io.to('all').except(socket(2).id).timeout(60_000).emitWithAck('how many', 1, 2)
    for (const each of clients.slice(0, 2)) {
      const { type, args, id } = await each.take()
      expect([type, args]).toEqual(['how many', [1, 2]])
      each.say({ type: 'ack', id, args: [id * 10, 'more'] })
    }
    expect(await asked).toEqual([10, 10])
    for (const each of clients.slice(2)) expect(await each.rest()).toEqual([])
  })

  it.each<[string, (made: Awaited<ReturnType<typeof crowd>>) => BroadcastOperator]>([
    ['from a socket, to the others', ({ socket }) => socket(0).broadcast],
    ['from a socket, to a room', ({ socket }) => socket(0).to('all')],
    ['from a socket with a timeout first', ({ socket }) => socket(0).timeout(60_000).to('all')],
    ['to all but a room', ({ io, socket }) => io.except(socket(0).id)],
  ])('%s', async (_, target) => {
    const made = await crowd(2)
    const answers = new Promise((resolve) => {
      target(made).emit('q', (error: unknown, responses: unknown) => resolve([error, responses]))
    })
    const { id } = await made.client(1).take()
    made.client(1).say({ type: 'ack', id, data: 'yes' })
    expect(await answers).toEqual([null, ['yes']])
    expect(await made.client(0).rest()).toEqual([])
  })

  it('has partial answers when its time is over', async () => {
    const clock = new StillClock()
    const { io, client } = await crowd(2, clock)
    const told: unknown[] = []
    io.timeout(500).emit('q', (error: BroadcastError, responses: unknown) => void told.push(error.message, responses))
    const rejected = expect(io.timeout(500).emitWithAck('q')).rejects.toMatchObject({ responses: ['a'] })
    for (let i = 0; i < 2; i++) client(0).say({ type: 'ack', id: (await client(0).take()).id, data: 'a' })
    await client(0).rest()
    clock.pass(500)
    await rejected
    expect(told).toEqual(['operation has timed out', ['a']])
  })

  it('does not wait for who goes, or refuses', async () => {
    const { io, client } = await crowd(3)
    const asked = expect(io.timeout(60_000).emitWithAck('q')).rejects.toMatchObject({
      message: '2 of 3 clients did not answer',
      responses: ['yes'],
    })
    client(0).drop()
    const [refusing, answering] = [await client(1).take(), await client(2).take()]
    client(1).say({ type: 'ack', id: refusing.id, error: { code: 'forbidden', message: 'no' } })
    client(2).say({ type: 'ack', id: answering.id, data: 'yes' })
    await asked
  })

  it('whose callback throws is logged, and hurts nobody', async () => {
    const { io, client, log } = await crowd(1)
    io.timeout(60_000).emit('q', () => {
      throw new Error('in the callback')
    })
    io.timeout(60_000).emit('q', async () => {
      throw new Error('later in the callback')
    })
    for (let i = 0; i < 2; i++) client(0).say({ type: 'ack', id: (await client(0).take()).id, data: 1 })
    expect(await client(0).rest()).toEqual([])
    expect(log.map(({ text }) => text)).toEqual(Array(2).fill(expect.stringContaining('the acknowledgement of "q"')))
  })
})
