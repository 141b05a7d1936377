import { describe, expect, it } from 'vitest'
import { MemoryStore } from '../src/brokers/memory-store.ts'
import { type SessionHolder, Sessions } from '../src/sessions.ts'
import { DelayedStore } from './suites/delayed-log.ts'
import { StillClock } from './suites/still-clock.ts'

const user = { id: 'u', name: 'Ada' }

interface Holder extends SessionHolder {
  takenOver: number
}

const holderOpened = (opened: number): Holder => {
  const holder: Holder = { opened, takenOver: 0, onTakenOver: () => holder.takenOver++ }
  return holder
}

function make(ttlMs = 120_000) {
  const clock = new StillClock()
  const store = new MemoryStore({ clock })
  return { clock, store, sessions: new Sessions(store, ttlMs) }
}

/** Sessions over a store that answers when it is told to. */
function makeDelayed() {
  const { store } = make()
  const pending: (() => void)[] = []
  const sessions = new Sessions(new DelayedStore(store, (run) => pending.push(run)), 120_000)
  const work = async (): Promise<void> => {
    while (pending.length > 0) {
      pending.shift()?.()
      for (let i = 0; i < 5; i++) await null
    }
  }
  return { sessions, work }
}

describe('a session', () => {
  it('comes back to who proves it, with its rooms and data, and to nobody else', async () => {
    const { sessions } = make()
    const first = holderOpened(1)
    const session = sessions.open('id', '/', user, { score: 3 }, first)
    session.rooms.set('/\0a', { joined: [], asked: true })
    await sessions.suspend(session, first)
    expect(await sessions.claim('guess', '/', holderOpened(2))).toBeUndefined()
    expect(await sessions.claim(session.secret, '/', holderOpened(3))).toBe(session)
    expect(session).toMatchObject({ id: 'id', user, data: { score: 3 } })
  })

  it('belongs to one namespace', async () => {
    const { sessions } = make()
    const first = holderOpened(1)
    const session = sessions.open('id', '/', user, {}, first)
    expect(await sessions.claim(session.secret, '/ops', holderOpened(2))).toBeUndefined()
    expect(first.takenOver).toBe(0)
    await sessions.suspend(session, first)
    expect(await sessions.claim(session.secret, '/ops', holderOpened(3))).toBeUndefined()
  })

  it('goes to the connection that was opened last, and the older one is told', async () => {
    const { sessions } = make()
    const [first, second] = [holderOpened(1), holderOpened(2)]
    const session = sessions.open('id', '/', user, {}, first)
    expect(await sessions.claim(session.secret, '/', second)).toBe(session)
    expect([first.takenOver, second.takenOver]).toEqual([1, 0])
    expect([sessions.holds(session, first), sessions.holds(session, second)]).toEqual([false, true])
  })

  it('stays with the connection that was opened last when an older one claims later', async () => {
    const { sessions } = make()
    const session = sessions.open('id', '/', user, {}, holderOpened(1))
    const [abandoned, newest] = [holderOpened(2), holderOpened(3)]
    await sessions.claim(session.secret, '/', newest)
    expect(await sessions.claim(session.secret, '/', abandoned)).toBe('taken_over')
    expect(newest.takenOver).toBe(0)
    expect(sessions.holds(session, newest)).toBe(true)
  })

  it('is not given to an older connection even after the newest one has dropped', async () => {
    const { sessions } = make()
    const session = sessions.open('id', '/', user, {}, holderOpened(1))
    const [abandoned, newest] = [holderOpened(2), holderOpened(3)]
    await sessions.claim(session.secret, '/', newest)
    await sessions.suspend(session, newest)
    expect(await sessions.claim(session.secret, '/', abandoned)).toBe('taken_over')
    expect(await sessions.claim(session.secret, '/', holderOpened(4))).toBe(session)
  })

  it('goes to the newest of two that claim while the store takes its time, in either order', async () => {
    for (const order of [
      [2, 3],
      [3, 2],
    ]) {
      const { sessions, work } = makeDelayed()
      const first = holderOpened(1)
      const session = sessions.open('id', '/', user, {}, first)
      void sessions.suspend(session, first)
      const holders = order.map(holderOpened)
      const claims = holders.map((holder) => Promise.resolve(sessions.claim(session.secret, '/', holder)))
      await work()
      const newest = holders.find(({ opened }) => opened === 3) as Holder
      const older = holders.find(({ opened }) => opened === 2) as Holder
      expect(sessions.holds(session, newest)).toBe(true)
      expect(newest.takenOver).toBe(0)
      const answers = await Promise.all(claims)
      expect(answers[holders.indexOf(newest)]).toBe(session)
      // It had it for a moment and was told, or it never had it.
      expect(older.takenOver === 1 || answers[holders.indexOf(older)] === 'taken_over').toBe(true)
    }
  })

  it('is not suspended or ended by a connection that does not have it any more', async () => {
    const { sessions } = make()
    const [first, second] = [holderOpened(1), holderOpened(2)]
    const session = sessions.open('id', '/', user, {}, first)
    await sessions.claim(session.secret, '/', second)
    await sessions.suspend(session, first)
    await sessions.end(session, first)
    expect(sessions.holds(session, second)).toBe(true)
    expect(sessions.held).toBe(1)
  })

  it('ends with a goodbye', async () => {
    const { sessions, store } = make()
    const first = holderOpened(1)
    const session = sessions.open('id', '/', user, {}, first)
    await sessions.save(session)
    await sessions.end(session, first)
    expect(await sessions.claim(session.secret, '/', holderOpened(2))).toBeUndefined()
    expect([sessions.held, store.size]).toEqual([0, 0])
  })

  it('lives for a while after a drop, and no longer', async () => {
    const { sessions, clock, store } = make(1_000)
    const first = holderOpened(1)
    const session = sessions.open('id', '/', user, {}, first)
    await sessions.suspend(session, first)
    clock.pass(999)
    expect(await sessions.claim(session.secret, '/', holderOpened(2))).toBe(session)
    await sessions.suspend(session, holderOpened(2)) // not its holder: nothing happens
    clock.pass(5_000)
    expect(sessions.held).toBe(1)
    const third = holderOpened(3)
    await sessions.claim(session.secret, '/', third)
    await sessions.suspend(session, third)
    clock.pass(1_001)
    expect(await sessions.claim(session.secret, '/', holderOpened(4))).toBeUndefined()
    clock.pass(10_000)
    expect(store.size).toBe(0)
  })

  it('does not come to its end while a connection has it', async () => {
    const { sessions, clock } = make(1_000)
    const first = holderOpened(1)
    const session = sessions.open('id', '/', user, {}, first)
    await sessions.save(session)
    clock.pass(1e9)
    expect(await sessions.claim(session.secret, '/', holderOpened(2))).toBe(session)
  })
})
