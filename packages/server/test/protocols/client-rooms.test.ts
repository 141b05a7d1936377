import { describe, expect, it } from 'vitest'
import { MemoryStore } from '../../src/brokers/memory-store.ts'
import { Presence } from '../../src/presence.ts'
import { ClientRooms } from '../../src/protocols/client-rooms.ts'
import { type RoomRules, Rules } from '../../src/rules.ts'
import { Sessions } from '../../src/sessions.ts'
import { message, Stage } from '../hub/stage.ts'
import { DelayedLog, DelayedStore } from '../suites/delayed-log.ts'
import { StillClock } from '../suites/still-clock.ts'

const ROOM = '/\0a'

interface SceneOptions {
  readonly rules?: RoomRules
  readonly maxRooms?: number
  /** The store, and the following of rooms, answer when `work` says so. */
  readonly later?: boolean
}

function scene({ rules = {}, maxRooms = 10, later = false }: SceneOptions = {}) {
  const clock = new StillClock()
  const pending: (() => void)[] = []
  const wait = (run: () => void): void => void pending.push(run)
  const memory = new MemoryStore({ clock })
  const stage = new Stage(later ? { wrap: (log) => new DelayedLog(log, wait) } : {})
  const sessions = new Sessions(later ? new DelayedStore(memory, wait) : memory, 1_000)
  const presence = new Presence(clock)
  const context = { hub: stage.hub, sessions, presence, maxRoomsPerClient: maxRooms }
  let opened = 0
  const client = (name: string, withSession = false) => {
    const { outbox, keys } = stage.client()
    const user = { id: name, name }
    const holder = { opened: ++opened, user, onTakenOver: () => rooms.drop() }
    const rooms = new ClientRooms(context, outbox, new Rules(rules), holder)
    if (withSession) rooms.session = sessions.open(name, '/', user, {}, holder)
    const heard = (): string[] => {
      stage.flush.now()
      return keys()
    }
    return { rooms, outbox, holder, heard, names: () => outbox.memberships.map(({ room }) => room.slice(2)) }
  }
  /** Lets everything that waits be answered, in its order. */
  const work = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn++) {
      pending.shift()?.()
      for (let i = 0; i < 10; i++) await null
    }
  }
  return { clock, stage, sessions, presence, memory, client, work, pending }
}

/** A client that is in already. */
function inside(options?: SceneOptions) {
  const made = scene(options)
  const client = made.client('ada', true)
  client.rooms.open()
  return { ...made, ...client, session: client.rooms.session as NonNullable<ClientRooms['session']> }
}

describe('the rooms of a client', () => {
  it('are joined and acknowledged in one turn, where everything answers at once', () => {
    const { stage, rooms, outbox, heard, session } = inside()
    void stage.publish('before', ROOM)
    const done = rooms.join(ROOM, true, () => outbox.say(message('ack')))
    void stage.publish('after', ROOM)
    expect(done).toBeUndefined()
    expect(heard()).toEqual(['ack', 'after'])
    expect(session.rooms.get(ROOM)).toEqual({
      joined: stage.hub.logs.place().map((each, i) => ({ ...each, seq: i === 0 ? 1 : 0 })),
      asked: true,
    })
  })

  it('are written in the session before the acknowledgement, where the store takes its time', async () => {
    const { stage, rooms, outbox, heard, session, work, memory } = inside({ later: true })
    await work()
    const order: string[] = []
    const put = memory.put.bind(memory)
    memory.put = (...args) => {
      order.push('stored')
      put(...args)
    }
    const done = rooms.join(ROOM, true, () => {
      order.push('acknowledged')
      outbox.say(message('ack'))
    })
    expect(outbox.membershipIn(ROOM)).toBeUndefined()
    await work()
    await done
    expect(order).toEqual(['stored', 'acknowledged'])
    void stage.publish('after', ROOM)
    await work()
    expect(heard()).toEqual(['ack', 'after'])
    expect(session.rooms.has(ROOM)).toBe(true)
  })

  it('are not joined by a client that has gone meanwhile, and its session does not say so', async () => {
    const { stage, rooms, session, work, presence } = inside({ later: true, rules: { a: { presence: true } } })
    await work()
    let acknowledged = false
    const done = rooms.join(ROOM, true, () => {
      acknowledged = true
    })
    rooms.drop()
    await work()
    await done
    expect([acknowledged, session.rooms.has(ROOM), stage.hub.roomCount, presence.roomCount]).toEqual([
      false,
      false,
      0,
      0,
    ])
  })

  it('are left and joined in the order that was asked, however late the store answers', async () => {
    const { rooms, names, session, work } = inside({ later: true })
    await work()
    const all = [rooms.join(ROOM, true), rooms.leave(ROOM), rooms.join(ROOM, true)]
    await work()
    await work()
    await Promise.all(all)
    expect([names(), session.rooms.has(ROOM)]).toEqual([['a'], true])
    const more = [rooms.leave(ROOM), rooms.join(ROOM, true), rooms.leave(ROOM)]
    await work()
    await work()
    await Promise.all(more)
    expect([names(), session.rooms.has(ROOM)]).toEqual([[], false])
  })

  it('that middlewares let it into are joined once it is in', () => {
    const { client } = scene()
    const { rooms, names } = client('ada')
    void rooms.join(ROOM, false)
    void rooms.join('/\0b', false)
    void rooms.leave('/\0b')
    expect(names()).toEqual([])
    expect(rooms.open()).toEqual([ROOM])
    void rooms.join('/\0c', false)
    expect(names()).toEqual(['c'])
  })

  it('are joined again without harm, and acknowledged again', () => {
    const { rooms, names } = inside()
    let acks = 0
    for (let i = 0; i < 3; i++) void rooms.join(ROOM, true, () => acks++)
    expect([names(), acks]).toEqual([['a'], 3])
  })

  it('are at most so many beside the two that everybody has', () => {
    const { rooms, names } = inside({ maxRooms: 1 })
    for (const name of ['own', '/']) void rooms.join(`/\0${name}`, false)
    void rooms.join(ROOM, true)
    expect(() => rooms.join('/\0b', true)).toThrow(/1 rooms/)
    expect(names()).toEqual(['own', '/', 'a'])
    void rooms.leave(ROOM)
    void rooms.join('/\0b', true)
    expect(names()).toEqual(['own', '/', 'b'])
  })

  it('show the user to others where the rule lets somebody look', () => {
    const { rooms, presence, clock } = inside({ rules: { a: { presence: true }, b: { subscribe: true } } })
    void rooms.join(ROOM, true)
    void rooms.join('/\0b', true)
    expect([presence.users(ROOM, 10).count, presence.users('/\0b', 10).count]).toEqual([1, 0])
    void rooms.leave(ROOM)
    expect(presence.users(ROOM, 10).count).toBe(0)
    void rooms.join(ROOM, true)
    rooms.drop()
    expect(presence.users(ROOM, 10).count).toBe(1)
    clock.pass(15_000)
    expect(presence.roomCount).toBe(0)
  })

  it('show the user as gone at once where nobody can come back as it', () => {
    const { clock, client, presence } = scene({ rules: { a: { presence: true } } })
    const isHereAfter = (name: string, leave: (rooms: ClientRooms) => void, withSession = false): boolean => {
      const { rooms } = client(name, withSession)
      rooms.open()
      void rooms.join(ROOM, true)
      leave(rooms)
      const isHere = presence.users(ROOM, 10).count > 0
      clock.pass(15_000)
      expect(presence.roomCount).toBe(0)
      return isHere
    }
    const drop = (rooms: ClientRooms): void => rooms.drop()
    const end = (rooms: ClientRooms): void => {
      void rooms.end()
      rooms.drop()
    }
    expect(isHereAfter('guest:1', drop)).toBe(false)
    expect(isHereAfter('guest:1', drop, true)).toBe(true)
    expect(isHereAfter('guest:1', end, true)).toBe(false)
    expect(isHereAfter('ada', drop)).toBe(true)
    expect(isHereAfter('ada', end)).toBe(false)
  })

  it('are watched until the client goes, also when they are left', () => {
    const { clock, client } = scene({ rules: { '*': { presence: true } }, maxRooms: 2 })
    const [watcher, other] = [client('eve'), client('ada')]
    for (const each of [watcher, other]) each.rooms.open()
    const told: string[] = []
    for (const room of [ROOM, '/\0b'])
      watcher.rooms.watch(room, (joined) => void told.push(`${joined[0]?.id} ${room.slice(2)}`))
    expect(() => watcher.rooms.watch('/\0c', () => {})).toThrow(/2 rooms/)
    const comes = (name: string): void => {
      void other.rooms.join(`/\0${name}`, true)
      clock.pass(1_000)
      void other.rooms.leave(`/\0${name}`)
      clock.pass(1_000)
    }
    comes('a')
    comes('b')
    void watcher.rooms.leave(ROOM)
    comes('a')
    watcher.rooms.drop()
    comes('b')
    expect(told.filter((each) => each.startsWith('ada'))).toEqual(['ada a', 'ada b', 'ada a'])
  })

  it('wait in the session for the client to come back, or end with it', async () => {
    const { sessions, client } = scene()
    for (const goodbye of [false, true]) {
      const one = client(`${goodbye}`, true)
      one.rooms.open()
      void one.rooms.join(ROOM, true)
      if (goodbye) void one.rooms.end()
      one.rooms.drop()
      void one.rooms.suspend()
      const next = client('next')
      const secret = one.rooms.session?.secret as string
      const claimed = await sessions.claim(secret, '/', next.holder)
      expect(claimed).toBe(goodbye ? undefined : one.rooms.session)
    }
  })

  it('of a session that a later connection has are not touched by the older one', async () => {
    const { sessions, client, work } = scene({ later: true })
    const older = client('older', true)
    older.rooms.open()
    const session = older.rooms.session as NonNullable<ClientRooms['session']>
    const joining = older.rooms.join(ROOM, true)
    const newer = client('newer')
    const claimed = await sessions.claim(session.secret, '/', newer.holder)
    expect(claimed).toBe(session)
    newer.rooms.session = session
    newer.rooms.open()
    const mine = newer.rooms.join(ROOM, true)
    await work()
    await Promise.all([joining, mine])
    expect([older.names(), newer.names(), session.rooms.has(ROOM)]).toEqual([[], ['a'], true])
  })
})
