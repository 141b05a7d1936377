import { describe, expect, it } from 'vitest'
import { Presence } from '../src/presence.ts'
import { StillClock } from './suites/still-clock.ts'

const ada = { id: 'ada', name: 'Ada' }
const bob = { id: 'bob', name: 'Bob' }
const eve = { id: 'eve', name: 'Eve' }
const ROOM = '/\0lobby'
/** Told "within a second" (docs/PROTOCOL.md). */
const GATHER_MS = 1_000

type Told = { joined: string[]; left: string[] }

function make() {
  const clock = new StillClock()
  const presence = new Presence(clock)
  const watch = (userId: string, room = ROOM, watcher: object = {}): Told[] => {
    const told: Told[] = []
    presence.watch(room, watcher, userId, (joined, left) =>
      told.push({ joined: joined.map(({ id }) => id), left: left.map(({ id }) => id) }),
    )
    return told
  }
  return { clock, presence, watch }
}

describe('presence', () => {
  it('lists who is in a room, in the order of their coming, since when', () => {
    const { clock, presence } = make()
    presence.join(ROOM, ada)
    clock.pass(5)
    presence.join(ROOM, bob)
    expect(presence.users(ROOM, 10)).toEqual({
      users: [
        { ...ada, since: 0 },
        { ...bob, since: 5 },
      ],
      count: 2,
    })
    expect(presence.users('/\0other', 10)).toEqual({ users: [], count: 0 })
  })

  it('counts a user once, until the last of its clients has gone', () => {
    const { presence } = make()
    presence.join(ROOM, ada)
    presence.join(ROOM, { ...ada })
    expect(presence.users(ROOM, 10).count).toBe(1)
    presence.leave(ROOM, ada)
    expect(presence.users(ROOM, 10).count).toBe(1)
    presence.leave(ROOM, ada)
    presence.leave(ROOM, ada)
    expect(presence.users(ROOM, 10)).toEqual({ users: [], count: 0 })
    expect(presence.roomCount).toBe(0)
  })

  it('shows nothing of a user but id and name', () => {
    const { presence } = make()
    const withSecret = { ...ada, token: 'secret' }
    presence.join(ROOM, withSecret)
    expect(JSON.stringify(presence.users(ROOM, 10))).not.toContain('secret')
  })

  it('calls a user by the name it took last', () => {
    const { presence } = make()
    presence.join(ROOM, ada)
    presence.rename(ROOM, { id: 'ada', name: 'Countess' })
    presence.rename(ROOM, bob)
    presence.rename('/\0other', ada)
    expect(presence.users(ROOM, 10)).toEqual({ users: [{ id: 'ada', name: 'Countess', since: 0 }], count: 1 })
    expect(presence.roomCount).toBe(1)
  })

  it('pages by the last user of the page before', () => {
    const { presence } = make()
    for (const user of [ada, bob, eve]) presence.join(ROOM, user)
    const ids = (limit: number, after?: string) => presence.users(ROOM, limit, after).users.map(({ id }) => id)
    expect([ids(2), ids(2, 'bob'), ids(2, 'eve')]).toEqual([['ada', 'bob'], ['eve'], []])
    expect(presence.users(ROOM, 1, 'ada').count).toBe(3)
    expect(ids(2, 'nobody')).toEqual(['ada', 'bob'])
  })

  it('tells watchers within a second who came and who went, and nobody else', () => {
    const { clock, presence, watch } = make()
    const told = watch('eve')
    const elsewhere = watch('eve', '/\0other')
    presence.join(ROOM, ada)
    clock.pass(GATHER_MS)
    presence.join(ROOM, bob)
    presence.leave(ROOM, ada)
    clock.pass(GATHER_MS)
    expect(told).toEqual([
      { joined: ['ada'], left: [] },
      { joined: ['bob'], left: ['ada'] },
    ])
    expect(elsewhere).toEqual([])
  })

  it('tells a reload as nothing, either way round', () => {
    const { clock, presence, watch } = make()
    presence.join(ROOM, ada)
    const told = watch('eve')
    presence.leave(ROOM, ada)
    presence.join(ROOM, ada)
    presence.join(ROOM, bob)
    presence.leave(ROOM, bob)
    clock.pass(GATHER_MS)
    expect(told).toEqual([])
  })

  it('tells a crowd in one message', () => {
    const { clock, presence, watch } = make()
    const told = watch('eve')
    for (let i = 0; i < 100; i++) presence.join(ROOM, { id: `u${i}`, name: 'U' })
    clock.pass(GATHER_MS)
    expect(told.map(({ joined }) => joined.length)).toEqual([100])
  })

  it('does not tell a user of itself', () => {
    const { clock, presence, watch } = make()
    const [own, others] = [watch('ada'), watch('eve')]
    presence.join(ROOM, ada)
    clock.pass(GATHER_MS)
    presence.leave(ROOM, ada)
    presence.join(ROOM, bob)
    clock.pass(GATHER_MS)
    expect(own).toEqual([{ joined: ['bob'], left: [] }])
    expect(others).toEqual([
      { joined: ['ada'], left: [] },
      { joined: ['bob'], left: ['ada'] },
    ])
  })

  it('tells a watcher once, and not any more when it stops watching', () => {
    const { clock, presence, watch } = make()
    const watcher = {}
    const [first, second] = [watch('eve', ROOM, watcher), watch('eve', ROOM, watcher)]
    presence.join(ROOM, ada)
    clock.pass(GATHER_MS)
    expect([first.length, second.length]).toEqual([0, 1])
    presence.join(ROOM, bob)
    presence.unwatch(ROOM, watcher)
    clock.pass(GATHER_MS)
    expect(second.length).toBe(1)
  })

  it('keeps nothing of a room that is empty and unwatched, and no timer', () => {
    const { clock, presence, watch } = make()
    const watcher = {}
    watch('eve', ROOM, watcher)
    presence.join(ROOM, ada)
    expect(clock.timers).toBe(1)
    presence.leave(ROOM, ada)
    presence.unwatch(ROOM, watcher)
    clock.pass(GATHER_MS)
    expect([presence.roomCount, clock.timers]).toEqual([0, 0])
  })

  it('stops telling when it is closed', () => {
    const { clock, presence, watch } = make()
    const told = watch('eve')
    presence.join(ROOM, ada)
    presence.close()
    clock.pass(GATHER_MS)
    expect([told.length, clock.timers]).toEqual([0, 0])
  })

  it('shows who may come back for fifteen seconds yet, and tells nothing of a return', () => {
    const { clock, presence, watch } = make()
    presence.join(ROOM, ada)
    presence.join(ROOM, bob)
    const told = watch('eve')
    presence.drop(ROOM, ada)
    presence.drop(ROOM, bob)
    clock.pass(14_999)
    presence.join(ROOM, ada)
    expect(presence.users(ROOM, 10).count).toBe(2)
    clock.pass(1 + GATHER_MS)
    expect(told).toEqual([{ joined: [], left: ['bob'] }])
    expect(presence.users(ROOM, 10).users).toMatchObject([{ id: 'ada', since: 0 }])
  })

  it('counts fifteen seconds from the last drop, and forgets a drop that a leave follows', () => {
    const { clock, presence, watch } = make()
    const told = watch('eve')
    presence.join(ROOM, ada)
    clock.pass(GATHER_MS)
    for (let i = 0; i < 3; i++) {
      presence.drop(ROOM, ada)
      clock.pass(10_000)
      presence.join(ROOM, ada)
    }
    expect(told).toHaveLength(1)
    presence.drop(ROOM, ada)
    presence.join(ROOM, ada)
    presence.leave(ROOM, ada)
    presence.join(ROOM, ada)
    clock.pass(20_000)
    expect(presence.users(ROOM, 10).count).toBe(1)
    presence.leave(ROOM, ada)
    expect(presence.users(ROOM, 10).count).toBe(0)
  })

  it('keeps who has one client left, whatever the others do', () => {
    const { clock, presence } = make()
    presence.join(ROOM, ada)
    presence.join(ROOM, ada)
    presence.drop(ROOM, ada)
    clock.pass(20_000)
    expect(presence.users(ROOM, 10).count).toBe(1)
    presence.drop(ROOM, ada)
    clock.pass(15_000)
    expect(presence.roomCount).toBe(0)
    expect(clock.timers).toBe(0)
  })
})
