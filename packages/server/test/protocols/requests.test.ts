import { describe, expect, it } from 'vitest'
import type { Entry } from '../../src/broker.ts'
import { MemoryLog } from '../../src/brokers/memory.ts'
import { Flush } from '../../src/flush.ts'
import { Hub } from '../../src/hub/hub.ts'
import { newSocketId } from '../../src/ids.ts'
import { Presence } from '../../src/presence.ts'
import { type PublishRequest, Requests, type RuledNamespace, recordOf } from '../../src/protocols/requests.ts'
import { type RoomRules, Rules } from '../../src/rules.ts'
import { DelayedLog } from '../suites/delayed-log.ts'
import { StillClock } from '../suites/still-clock.ts'

const open = { subscribe: true, publish: true, history: true, presence: true } as const
const ada = { id: 'ada', name: 'Ada' }
const guest = { id: 'guest:1', name: 'Guest' }

function make(rules: RoomRules = { lobby: open }, later = false) {
  const clock = new StillClock()
  const pending: (() => void)[] = []
  const memory = new MemoryLog('memory', { keep: () => ({ entries: 100, ageMs: 1e9 }), clock })
  const hub = new Hub({
    logs: [later ? new DelayedLog(memory, (run) => void pending.push(run)) : memory],
    logOf: () => 0,
    keeps: () => true,
    flush: new Flush(),
    maxBufferedBytes: 1e6,
    hardMaxBufferedBytes: 1e7,
  })
  const started = hub.start()
  const presence = new Presence(clock)
  const requests = new Requests({
    hub,
    presence,
    clock,
    historyPage: 3,
    maxHistoryPage: 5,
    maxHistoryPageBytes: 100_000,
    maxPresencePage: 2,
  })
  const namespace: RuledNamespace = { name: '/', rules: new Rules(rules) }
  const work = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn++) {
      pending.shift()?.()
      for (let i = 0; i < 5; i++) await null
    }
  }
  return { clock, hub, presence, requests, namespace, started, work }
}

const say = (data: unknown, more: Partial<PublishRequest> = {}): PublishRequest => ({
  room: 'lobby',
  event: 'message',
  args: [data],
  ...more,
})

describe('a request', () => {
  it('finds no room where no rule opens one, nor those that only the server addresses', () => {
    const { requests, namespace } = make({ '*': open, closed: { subscribe: false } })
    for (const room of ['/', newSocketId(), 'closed']) {
      expect(() => requests.ruleOf(namespace, room)).toThrow(expect.objectContaining({ code: 'unknown_room' }))
    }
    expect(requests.ruleOf(namespace, 'anything')).toMatchObject(open)
  })

  it.each([
    [true, true],
    [false, false],
    [() => true, true],
    [() => false, false],
    [async () => true, true],
    [async () => false, false],
    [() => 1 as never, false],
    [(user: { id: string }) => user.id === 'ada', true],
    [(_: unknown, room: string) => room === 'lobby', true],
  ])('is allowed by %s: %s', async (right, allowed) => {
    const { requests, namespace } = make({ lobby: { publish: right, history: true } })
    const asked = async () => requests.allow(namespace, 'lobby', 'publish', ada)
    if (allowed) expect(await asked()).toMatchObject({ history: true })
    else await expect(asked()).rejects.toMatchObject({ code: 'forbidden' })
  })

  it('is answered at once where the log and the right are', () => {
    const { requests, namespace } = make()
    expect(requests.publish(namespace, ada, say(1), () => {})).toMatchObject({ position: { seq: 1 }, known: false })
    expect(requests.history(namespace, ada, { room: 'lobby' })).toBeTypeOf('string')
    expect(requests.users(namespace, ada, 'lobby')).toEqual({ users: [], count: 0 })
  })

  it('is answered later where the log is, with the position it was published at', async () => {
    const { requests, namespace, started, work } = make({ lobby: open }, true)
    await work()
    await started
    const answers = [1, 2, 1].map((n) =>
      Promise.resolve(requests.publish(namespace, ada, say(n, { key: `k${n}` }), () => {})),
    )
    await work()
    expect((await Promise.all(answers)).map(({ position, known }) => [position?.seq, known])).toEqual([
      [1, false],
      [2, false],
      [1, true],
    ])
    const page = Promise.resolve(requests.history(namespace, ada, { room: 'lobby' }))
    await work()
    expect(JSON.parse(await page).publications.map(({ data }: { data: number }) => data)).toEqual([1, 2])
  })

  it('publishes nothing without the right', async () => {
    const { requests, namespace, hub } = make({ lobby: { ...open, publish: async () => false } })
    await expect(requests.publish(namespace, ada, say(1), () => {})).rejects.toMatchObject({ code: 'forbidden' })
    expect(hub.stats.delivered).toBe(0)
  })

  it('shares keys among guests, not with users, the server, another room or another namespace', async () => {
    const { requests, namespace } = make({ '*': open })
    const knownBy = async (from: typeof ada | null, room = 'lobby', name = '/') =>
      (await requests.publishAs(name, from, say(1, { key: 'k', room }))).known
    expect(await knownBy(guest)).toBe(false)
    expect(await knownBy({ id: 'guest:2', name: 'Other' })).toBe(true)
    for (const each of [
      ada,
      { id: 'bob', name: 'Bob' },
      { id: 'guest', name: 'a user' },
      { id: 'server', name: '' },
      null,
    ]) {
      expect(await knownBy(each)).toBe(false)
      expect(await knownBy(each)).toBe(true)
    }
    expect(await knownBy(guest, 'other')).toBe(false)
    expect(await knownBy(guest, 'lobby', '/ops')).toBe(false)
    expect(namespace.name).toBe('/')
  })

  it('cannot make a key of one scope out of another by the characters in it', async () => {
    const { requests } = make({ '*': open })
    const known = async (room: string, from: typeof ada, key: string) =>
      (await requests.publishAs('/', from, say(1, { key, room }))).known
    expect(await known('a', { id: 'x', name: '' }, 'b","c')).toBe(false)
    expect(await known('a","user x', { id: 'b', name: '' }, 'c')).toBe(false)
    expect(await known('a', { id: 'x","b', name: '' }, 'c')).toBe(false)
  })

  it('takes the same key with another event or other arguments for a collision', async () => {
    const { requests } = make()
    await requests.publishAs('/', ada, say('a', { key: 'k' }))
    for (const other of [
      say('b', { key: 'k' }),
      say('a', { key: 'k', event: 'e' }),
      say('a', { key: 'k', args: ['a', 1] }),
    ]) {
      expect(() => requests.publishAs('/', ada, other)).toThrow(expect.objectContaining({ code: 'key_reused' }))
    }
    const split = say('x', { key: 'k2', event: 'e"[', args: [] })
    await requests.publishAs('/', ada, split)
    expect(() => requests.publishAs('/', ada, { ...split, event: 'e', args: ['['] })).toThrow(/key/)
  })

  it('for volatile has no position, and neither log nor key know of it', async () => {
    const { requests, hub } = make()
    const volatile = say(1, { key: 'k', volatile: true })
    for (let i = 0; i < 2; i++) {
      expect(await requests.publishAs('/', ada, volatile)).toEqual({ position: undefined, known: false })
    }
    expect(hub.stats.delivered).toBe(0)
    expect(await requests.publishAs('/', ada, say(1, { key: 'k' }))).toMatchObject({ known: false })
  })

  it.each([
    [undefined, 3],
    [1, 1],
    [5, 5],
    [6, 5],
    [1e9, 5],
    [0, 3],
    [-1, 1],
    [Number.NaN, 3],
    [Number.POSITIVE_INFINITY, 5],
  ])('for a page of %s publications gets %d', async (limit, count) => {
    const { requests } = make()
    for (let i = 0; i < 10; i++) void requests.publishAs('/', null, say(i))
    const { publications, more } = JSON.parse(await requests.historyPage('/\0lobby', { room: 'lobby', limit }))
    expect([publications.length, more]).toEqual([count, true])
    expect(publications.at(-1)).toMatchObject({ seq: 10, data: 9 })
  })

  it('for users gets no larger page than allowed, after whom it says', async () => {
    const { requests, namespace, presence } = make()
    for (const id of ['a', 'b', 'c']) presence.join('/\0lobby', { id, name: id })
    const ids = async (limit?: number, after?: string) =>
      (await requests.users(namespace, ada, 'lobby', limit, after)).users.map(({ id }) => id)
    expect([await ids(), await ids(100), await ids(1), await ids(2, 'b')]).toEqual([
      ['a', 'b'],
      ['a', 'b'],
      ['a'],
      ['c'],
    ])
  })

  it('shows an entry through the room that was asked for', () => {
    const entry: Entry = {
      rooms: ['/\0secret', '/\0lobby'],
      except: [],
      event: 'history',
      args: '[1,2]',
      arity: 2,
      published: true,
      from: ada,
      at: 5,
      log: 'memory',
      epoch: 'e',
      seq: 7,
      kind: 'publication',
      bytes: 1,
    }
    expect(JSON.parse(recordOf(entry, '/\0lobby'))).toEqual({
      room: 'lobby',
      seq: 7,
      event: 'history',
      from: ada,
      at: 5,
      args: [1, 2],
    })
  })
})
