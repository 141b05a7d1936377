import { describe, expect, it } from 'vitest'
import { Room } from '../../src/state/room.ts'
import { messageOf, mostHeld } from '../../src/state/timeline.ts'
import { believeMs, sayEveryMs } from '../../src/state/typing.ts'
import { FakeClock, FakeSubscription, until } from './fake-line.ts'
import { ben, cleo, isMine, me, meta, page, shown } from './publications.ts'

function open() {
  const clock = new FakeClock()
  const line = { isLive: true }
  const refusals: unknown[] = []
  let keys = 0
  const room = new Room('lobby', {
    clock,
    isLive: () => line.isLive,
    me: () => me,
    isMine,
    newKey: () => `key${++keys}`,
    onRefused: (error) => refusals.push(error),
  })
  const subscription = new FakeSubscription()
  return { clock, line, refusals, room, subscription, shown: () => shown(room.store.get().timeline) }
}

/** A room that is joined, with its first page and its people. */
async function joined(seqs: readonly number[] = [1, 2], more = false) {
  const opened = open()
  const { room, subscription } = opened
  void room.bind(subscription)
  subscription.joined.resolve()
  await until(() => subscription.histories.length > 0)
  subscription.histories[0]?.answer.resolve(page(seqs, more))
  subscription.presences[0]?.resolve({ users: [ben, me], count: 2 })
  await until(() => room.store.get().people.isKnown && room.store.get().timeline.top !== 'unknown')
  return opened
}

const drop = ({ room, line }: Awaited<ReturnType<typeof joined>>) => {
  line.isLive = false
  room.lineIsGone()
}
const comeBack = ({ room, line }: Awaited<ReturnType<typeof joined>>) => {
  line.isLive = true
  room.lineIsBack()
  room.allCaughtUp()
}

describe('a room', () => {
  it('shows history, who is here, and what comes', async () => {
    const { room, subscription, shown } = await joined()
    subscription.deliver('hi', 3, ben)
    expect(shown()).toBe('m1 m2 hi')
    expect(room.store.get().people.count).toBe(2)
    subscription.tellPresence({ joined: [cleo], left: [ben] })
    expect(room.store.get().people.users).toEqual([me, cleo])
  })

  it('takes the sender from the server, however many arguments a publisher gave', async () => {
    const { room, subscription, shown } = await joined([])
    const forged = meta(8, me)
    subscription.tell('message', 'hi', forged, meta(4, ben))
    expect(room.store.get().timeline.entries).toMatchObject([{ from: ben, seq: 4, mine: false, form: 'json' }])
    expect(shown()).toContain('"hi"')
    subscription.tell('message', meta(5, null))
    expect(room.store.get().timeline.entries).toHaveLength(2)
  })

  it('tells its host when it is refused', async () => {
    const { room, subscription, refusals } = open()
    const bound = room.bind(subscription)
    subscription.refuse({ code: 'unknown_room' })
    await bound
    expect(refusals).toEqual([{ code: 'unknown_room' }])
    expect(room.store.get().isJoined).toBe(false)
  })

  it('asks again for the first page when the answer never came', async () => {
    const { room, subscription } = open()
    const bound = room.bind(subscription)
    subscription.joined.resolve()
    await until(() => subscription.histories.length === 1)
    subscription.histories[0]?.answer.reject({ code: 'disconnected' })
    subscription.presences[0]?.reject({ code: 'disconnected' })
    await bound
    room.lineIsBack()
    expect(subscription.histories).toHaveLength(2)
  })
})

describe('sending', () => {
  it('publishes with a key and confirms with the ack', async () => {
    const { room, subscription, shown } = await joined()
    room.send('hello')
    expect(subscription.published).toMatchObject([{ data: 'hello', options: { event: 'message', key: 'key1' } }])
    expect(shown()).toBe('m1 m2 ~hello:sending')
    subscription.published[0]?.answer.resolve({ epoch: 'one', seq: 3 })
    await until(() => shown() === 'm1 m2 hello')
    subscription.deliver('hello', 3, me)
    expect(shown()).toBe('m1 m2 hello')
  })

  it('waits for the line, and sends in order when it is back', async () => {
    const opened = await joined()
    const { room, subscription, shown } = opened
    drop(opened)
    room.send('one')
    room.send('two')
    expect(subscription.published).toEqual([])
    expect(shown()).toBe('m1 m2 ~one:sending ~two:sending')
    comeBack(opened)
    expect(subscription.published.map(({ data }) => data)).toEqual(['one', 'two'])
  })

  it('sends again under the same key when the line went before the answer', async () => {
    const opened = await joined()
    const { room, subscription, shown } = opened
    room.send('hello')
    drop(opened)
    subscription.published[0]?.answer.reject({ code: 'disconnected' })
    await until(() => shown() === 'm1 m2 ~hello:sending')
    await subscription.published[0]?.answer.promise.catch(() => {})
    comeBack(opened)
    await until(() => subscription.published.length === 2)
    expect(subscription.published[1]?.options.key).toBe('key1')
  })

  it('does not publish twice what is still under way when the line is back', async () => {
    const opened = await joined()
    opened.room.send('hello')
    drop(opened)
    comeBack(opened)
    expect(opened.subscription.published).toHaveLength(1)
  })

  it('shows the reason of a refusal, and retries under the same key', async () => {
    const { clock, room, subscription, shown } = await joined()
    room.send('hello')
    subscription.published[0]?.answer.reject({ code: 'rate_limited', message: '', retryAfterMs: 5000 })
    await until(() => shown() === 'm1 m2 ~hello:refused')
    expect(room.store.get().refusal).toEqual({ words: 'That was a little fast.', retryAtMs: clock.nowMs() + 5000 })
    room.retry('key1')
    expect(room.store.get().refusal).toBeNull()
    await until(() => subscription.published.length === 2)
    expect(subscription.published[1]?.options.key).toBe('key1')
  })

  it('refuses by itself what no server would take', async () => {
    const { room, subscription } = await joined()
    expect(room.send('ü'.repeat(200_001))).toBe(false)
    expect(room.store.get().refusal?.words).toContain('too long')
    expect(subscription.published).toEqual([])
    expect(room.send('ü'.repeat(200_000))).toBe(true)
  })
})

describe('reading in a room', () => {
  it('counts what comes while nobody looks, and not what one says', async () => {
    const { room, subscription } = await joined()
    expect(room.store.get().reading.unread).toBe(0)
    subscription.deliver('a', 3, ben)
    subscription.deliver('b', 4, me)
    subscription.deliver('b', 4, me)
    subscription.deliver('c', 5, cleo)
    expect(room.store.get().reading).toMatchObject({ unread: 2, newFrom: '0:3' })
    room.lookAt(true)
    expect(room.store.get().reading).toMatchObject({ unread: 0, newFrom: '0:3' })
    room.turnAway()
    expect(room.store.get().reading.newFrom).toBeNull()
  })

  it('draws the line at what was caught up under one’s eyes, and reads none of it aloud', async () => {
    const opened = await joined()
    const { room, subscription } = opened
    room.lookAt(true)
    subscription.deliver('live', 3, ben)
    expect(room.store.get().spoken?.text).toBe('live')
    drop(opened)
    subscription.deliver('missed', 4, ben)
    subscription.deliver('missed too', 5, cleo)
    comeBack(opened)
    expect(room.store.get().reading).toEqual({ unread: 0, newFrom: '0:4', newCount: 2 })
    expect(room.store.get().spoken?.text).toBe('live')
  })

  it('reads no history aloud', async () => {
    const { room } = await joined([1, 2, 3])
    expect(room.store.get().spoken).toBeNull()
  })

  it('takes the line away when one writes', async () => {
    const { room, subscription } = await joined()
    subscription.deliver('a', 3, ben)
    room.send('answer')
    expect(room.store.get().reading).toEqual({ unread: 0, newFrom: null, newCount: 0 })
  })
})

describe('older messages', () => {
  it('are loaded once at a time, until there are no more', async () => {
    const { room, subscription, shown } = await joined([5, 6], true)
    const loading = room.loadOlder()
    await room.loadOlder()
    expect(subscription.histories.map(({ options }) => options.before)).toEqual([undefined, 5])
    subscription.histories[1]?.answer.resolve(page([4], false))
    await loading
    expect(shown()).toBe('m4 m5 m6')
    await room.loadOlder()
    expect(subscription.histories).toHaveLength(2)
  })

  it('can be asked for again when the answer failed', async () => {
    const { room, subscription } = await joined([5, 6], true)
    const loading = room.loadOlder()
    subscription.histories[1]?.answer.reject({ code: 'timeout' })
    await loading
    expect(room.store.get().timeline.top).toBe('more')
  })

  it('of a gap are loaded where it is', async () => {
    const { room, subscription, shown } = await joined()
    subscription.tellGap({ epoch: 'one', seq: 90 })
    subscription.deliver('m91', 91, ben)
    expect(shown()).toBe('m1 m2 |offered m91')
    const key = room.store.get().timeline.entries[2]?.key ?? ''
    const loading = room.loadGap(key)
    expect(shown()).toBe('m1 m2 |loading m91')
    expect(subscription.histories[1]?.options.before).toBe(91)
    subscription.histories[1]?.answer.resolve(page([2, 90], true))
    await loading
    expect(shown()).toBe('m1 m2 m90 m91')
  })
})

describe('a room that has been open for weeks', () => {
  const full = Array.from({ length: mostHeld }, (_, index) =>
    messageOf({ era: 0, seq: index + 1, part: 0 }, ['m'], meta(index + 1), false),
  )

  it.each([
    ['lets the older half go while one is at the end', true, mostHeld / 2],
    ['keeps all of it while one reads above', false, mostHeld + 1],
  ])('%s', async (_, isAtEnd, left) => {
    const { room, subscription } = await joined()
    room.store.set({ ...room.store.get(), timeline: { ...room.store.get().timeline, entries: full } })
    room.lookAt(isAtEnd, isAtEnd)
    subscription.deliver('one more', mostHeld + 1, ben)
    expect(room.store.get().timeline.entries).toHaveLength(left)
  })
})

describe('typing in a room', () => {
  it('of others is shown until it expires, or until they have sent', async () => {
    const { clock, room, subscription } = await joined()
    subscription.tell('typing', true, meta(undefined, ben))
    subscription.tell('typing', true, meta(undefined, cleo))
    subscription.deliver('sent', 3, cleo)
    expect([...room.store.get().typing.keys()]).toEqual([ben.id])
    clock.pass(believeMs)
    expect(room.store.get().typing.size).toBe(0)
  })

  it('of oneself is not shown', async () => {
    const { room, subscription } = await joined()
    subscription.tell('typing', true, meta(undefined, me))
    expect(room.store.get().typing.size).toBe(0)
  })

  it('is said volatile, at most now and then, and only in a room that one has joined', async () => {
    const fresh = open()
    void fresh.room.bind(fresh.subscription)
    fresh.room.sayTyping()
    expect(fresh.subscription.published).toEqual([])

    const { clock, room, subscription } = await joined()
    room.sayTyping()
    room.sayTyping()
    expect(subscription.published).toMatchObject([{ options: { event: 'typing', volatile: true } }])
    clock.pass(sayEveryMs)
    room.sayTyping()
    expect(subscription.published).toHaveLength(2)
  })
})
