import { describe, expect, it } from 'vitest'
import type { Entry, Log } from '../../src/broker.ts'
import { MemoryLog } from '../../src/brokers/memory.ts'
import { Flush } from '../../src/flush.ts'
import { Hub } from '../../src/hub/hub.ts'
import { message, Stage } from './stage.ts'

describe('a hub', () => {
  it('delivers to members only, from joining to leaving', () => {
    const stage = new Stage()
    const client = stage.client()
    void stage.publish('before', 'a')
    stage.hub.join(client.outbox, 'a')
    void stage.publish('within', 'a')
    stage.hub.leave(client.outbox, 'a')
    void stage.publish('after', 'a')
    stage.flush.now()
    expect(client.keys()).toEqual(['within'])
  })

  it('lets a client in once, with the place of its first joining', () => {
    const stage = new Stage()
    const client = stage.member(['a'])
    const { joined } = stage.hub.join(client.outbox, 'a')
    void stage.publish('one', 'a')
    expect(stage.hub.join(client.outbox, 'a').joined).toBe(joined)
    stage.flush.now()
    expect(client.keys()).toEqual(['one'])
    expect(stage.hub.members('a')).toHaveLength(1)
  })

  it('says whether a client was in the room it leaves', () => {
    const stage = new Stage()
    const client = stage.member(['a'])
    expect([stage.hub.leave(client.outbox, 'a'), stage.hub.leave(client.outbox, 'a')]).toEqual([true, false])
  })

  it('forgets a room when the last one leaves, by leaving or by dropping', () => {
    const stage = new Stage()
    const [first, second] = [stage.member(['a', 'b']), stage.member(['b'])]
    stage.hub.leave(first.outbox, 'a')
    expect([...stage.hub.rooms()]).toEqual(['b'])
    stage.hub.drop(first.outbox)
    expect(stage.hub.roomCount).toBe(1)
    stage.hub.drop(second.outbox)
    expect(stage.hub.roomCount).toBe(0)
  })

  it('keeps the members apart when they go in any order', () => {
    const stage = new Stage()
    const clients = Array.from({ length: 6 }, () => stage.member(['a']))
    for (const i of [0, 5, 2]) stage.hub.leave(clients[i]?.outbox as never, 'a')
    void stage.publish('one', 'a')
    stage.flush.now()
    expect(clients.map((client) => client.keys().length)).toEqual([0, 1, 0, 1, 1, 0])
  })

  it('follows a room in its log while somebody is in it', async () => {
    const followed: string[] = []
    const wrap = (log: Log): Log => {
      log.follow = (room, on) => void followed.push(`${log.name} ${room} ${on}`)
      return log
    }
    const stage = new Stage({ wrap })
    const [first, second] = [stage.client(), stage.client()]
    await stage.hub.follow('d')
    stage.hub.join(first.outbox, 'd')
    await stage.hub.follow('d')
    stage.hub.join(second.outbox, 'd')
    stage.hub.leave(first.outbox, 'd')
    stage.hub.drop(second.outbox)
    expect(followed).toEqual(['durable d true', 'durable d false'])
  })

  it('hands an entry to everybody before anybody can answer it', () => {
    const stage = new Stage()
    const clients = [stage.member(['a']), stage.member(['a'])]
    const [first] = clients
    if (first === undefined) throw new Error('no client')
    const write = first.line.write.bind(first.line)
    let answered = false
    first.line.write = (frames) => {
      write(frames)
      if (!answered) void stage.publish('answer', 'a')
      answered = true
    }
    void stage.publish('question', 'a')
    stage.flush.now()
    stage.flush.now()
    expect(clients.map((client) => client.keys())).toEqual([
      ['question', 'answer'],
      ['question', 'answer'],
    ])
  })

  it('throws volatile publications to members, once, and not to those in an except room', () => {
    const stage = new Stage()
    const [both, inside] = [stage.member(['a', 'b']), stage.member(['a', 'x'])]
    const draft = { event: 'v', args: '[]', arity: 0, published: false, from: null, at: 0 }
    stage.hub.publishVolatile({ ...draft, rooms: ['a', 'b'], except: ['x'] })
    stage.flush.now()
    expect([both.keys(), inside.keys()]).toEqual([['v'], []])
  })

  it('takes what a log delivers right behind its answer to the start, in the same turn', async () => {
    const log = new MemoryLog('late', { keep: () => false })
    const inner = log.start.bind(log)
    let deliver: (entry: Entry) => void = () => {}
    const entry = {
      rooms: ['a'],
      except: [],
      event: 'e',
      args: '[]',
      arity: 0,
      published: true,
      from: null,
      at: 0,
      bytes: 0,
    }
    const asynchronous: Log = Object.assign(log, {
      start: (then: (entry: Entry) => void) => {
        const head = inner(() => {})
        deliver = then
        return new Promise((resolve) => {
          setImmediate(() => {
            resolve(head)
            deliver({ ...entry, log: 'late', epoch: head.epoch, seq: 1, kind: 'publication' })
          })
        })
      },
    })
    const other = new MemoryLog('memory', { keep: () => false })
    const limits = { maxBufferedBytes: 1e6, hardMaxBufferedBytes: 1e9 }
    const hub = new Hub({
      logs: [asynchronous, other],
      logOf: () => 0,
      keeps: () => false,
      flush: new Flush(),
      ...limits,
    })
    await hub.start()
    expect(hub.logs.heads).toEqual([1, 0])
    log.close()
    other.close()
  })

  it('keeps what was said to a client apart from what is published to its room', () => {
    const stage = new Stage()
    const [first, second] = [stage.member(['a']), stage.member(['a'])]
    first.outbox.say(message('private'))
    void stage.publish('public', 'a')
    stage.flush.now()
    expect([first.keys(), second.keys()]).toEqual([['private', 'public'], ['public']])
  })
})

describe('a place as clients carry it', () => {
  const { logs } = new Stage().hub

  it('comes back as it went', () => {
    expect(logs.parsePlace(logs.placeText([7, 123_456_789]))).toEqual([
      { epoch: logs.epochs[0], seq: 7 },
      { epoch: logs.epochs[1], seq: 123_456_789 },
    ])
  })

  it('has a log it does not name in no epoch', () => {
    expect(logs.parsePlace('abc.5')).toEqual([
      { epoch: 'abc', seq: 5 },
      { epoch: '', seq: 0 },
    ])
  })

  it.each([
    '',
    'abc',
    'abc.',
    'abc.-1',
    'abc.1.def',
    'abc.1.5',
    'abc.A',
    `abc.${'1'.repeat(12)}`,
    'x'.repeat(600),
    'a.1 ',
  ])('is refused where it is malformed: %j', (text) => {
    expect(logs.parsePlace(text)).toBeUndefined()
  })

  it('is the same object until a head moves', () => {
    const stage = new Stage()
    const place = stage.hub.logs.place()
    expect(stage.hub.logs.place()).toBe(place)
    void stage.publish('one', 'd')
    expect(stage.hub.logs.place().map(({ seq }) => seq)).toEqual([0, 1])
    expect(place.map(({ seq }) => seq)).toEqual([0, 0])
  })

  it("takes the part of the room's log from a client's epoch", () => {
    expect(logs.fromClient('d', { epoch: 'one.two', seq: 3 })).toEqual({ epoch: 'two', seq: 3 })
    expect(logs.fromClient('a', { epoch: 'one.two', seq: 3 })).toEqual({ epoch: 'one', seq: 3 })
    expect(logs.fromClient('d', { epoch: 'one', seq: 3 })).toEqual({ epoch: '', seq: 3 })
  })
})
