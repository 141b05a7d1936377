import { describe, expect, it } from 'vitest'
import type { Position, Room } from '../../src/broker.ts'
import { DelayedLog } from '../suites/delayed-log.ts'
import { stampedForm, strictForm } from './model/wire-forms.ts'
import { message, Stage, type StageClient } from './stage.ts'

/** A client whose line is full: from now on nothing leaves its outbox. */
function stall(stage: Stage, { outbox, line }: StageClient): void {
  line.window = 0
  outbox.say(message('full'))
  stage.flush.now()
  stage.flush.now()
}

/** The line takes everything again, and all of it is read. */
function resume(stage: Stage, client: StageClient): string[] {
  client.line.widen(Number.POSITIVE_INFINITY)
  const keys: string[] = []
  for (let left = 20; left > 0; left--) {
    keys.push(...client.keys())
    stage.flush.now()
  }
  return keys
}

const slow = { maxBufferedBytes: 400 }

/** Where a reader would begin that has seen nothing of these rooms. */
const fromStart = (stage: Stage, rooms: readonly Room[]): Map<Room, Position> => {
  const { logs } = stage.hub
  return new Map(rooms.map((room) => [room, { epoch: logs.epochs[logs.indexOf(room)] as string, seq: 0 }]))
}

/** Each rule of the algorithm by itself: `mutations.ts` takes the rule away and sees its test fail. */
describe('deliver', () => {
  it('stamps an entry with the heads at its delivery, not with those when it is written', () => {
    const stage = new Stage()
    const client = stage.member(['a', 'd'], stampedForm)
    void stage.publish('one', 'a')
    void stage.publish('two', 'd')
    stage.flush.now()
    const places = client.heard().map((heard) => (heard.kind === 'entry' ? stage.seqsOf(heard.place) : []))
    expect(places).toEqual([
      [1, 0],
      [1, 1],
    ])
  })

  it('stamps a volatile publication with the heads at its delivery', () => {
    const stage = new Stage()
    const client = stage.member(['a'], stampedForm)
    stage.hub.publishVolatile({
      rooms: ['a'],
      except: [],
      event: 'v',
      args: '[]',
      arity: 0,
      published: false,
      from: null,
      at: 0,
    })
    void stage.publish('one', 'a')
    stage.flush.now()
    expect(client.heard().map((heard) => (heard.kind === 'entry' ? stage.seqsOf(heard.place) : []))).toEqual([
      [0, 0],
      [1, 0],
    ])
  })

  it('leaves an entry to an open cursor at the tail', () => {
    const stage = new Stage(slow)
    const client = stage.member(['a'])
    stall(stage, client)
    for (const key of ['one', 'two', 'three', 'four']) void stage.publish(key, 'a', { bytes: 100 })
    expect(resume(stage, client)).toEqual(['full', 'one', 'two', 'three', 'four'])
  })

  it('lets a cursor begin before the entry that made it', () => {
    const stage = new Stage(slow)
    const client = stage.member(['a'])
    stall(stage, client)
    void stage.publish('one', 'a', { bytes: 300 })
    expect(resume(stage, client)).toEqual(['full', 'one'])
  })

  it('lets the cursor of a slow reader read all rooms it is in, in every log', () => {
    const stage = new Stage(slow)
    const client = stage.member(['a', 'b', 'd'])
    stall(stage, client)
    void stage.publish('one', 'a', { bytes: 400 })
    void stage.publish('two', 'b')
    void stage.publish('three', 'd')
    expect(resume(stage, client)).toEqual(['full', 'one', 'two', 'three'])
  })

  it('ends an open cursor before an entry that nobody keeps', () => {
    const stage = new Stage(slow)
    const client = stage.member(['a', 'a-'])
    stall(stage, client)
    void stage.publish('one', 'a', { bytes: 400 })
    void stage.publish('unkept', 'a-')
    void stage.publish('two', 'a')
    expect(resume(stage, client)).toEqual(['full', 'one', 'unkept', 'two'])
  })

  it('does not leave to a cursor what a room of the reader does not keep, though another one does', () => {
    const stage = new Stage({ ...slow, keep: 1 })
    const client = stage.member(['a', 'a-'])
    stall(stage, client)
    void stage.publish('both', ['a-', 'a'], { bytes: 400 })
    void stage.publish('one', 'a', { bytes: 400 })
    void stage.publish('two', 'a', { bytes: 400 })
    expect(resume(stage, client)).toEqual(['full', 'both', 'gap a 3'])
  })

  it('closes a reader that could not be told of a gap, and writes nothing of what lies behind it', () => {
    const stage = new Stage({ ...slow, keep: 1 })
    const client = stage.member(['a'], { ...strictForm, endsAtGap: true })
    stall(stage, client)
    for (const key of ['one', 'two', 'three']) void stage.publish(key, 'a', { bytes: 400 })
    expect(resume(stage, client)).toEqual(['full'])
    expect(client.line.closed).toBe(1013)
    expect(client.outbox.alive).toBe(false)
  })

  it('gives an entry of several rooms once, through the first of them that the reader is in', () => {
    const stage = new Stage()
    const client = stage.member(['b', 'c'])
    void stage.publish('one', ['a', 'c', 'b'])
    stage.flush.now()
    expect(client.heard()).toMatchObject([{ key: 'one', room: 'c' }])
  })

  it('gives nothing to who is in an except room, which may live in another log', () => {
    const stage = new Stage()
    const inside = stage.member(['a', 'd'])
    const outside = stage.member(['a'])
    void stage.publish('one', 'a', { except: ['d'] })
    stage.flush.now()
    expect([inside.keys(), outside.keys()]).toEqual([[], ['one']])
  })
})

describe('a frame', () => {
  it('does not overtake a cursor, and what comes later does not overtake the frame', () => {
    const stage = new Stage(slow)
    const client = stage.member(['a'])
    stall(stage, client)
    void stage.publish('one', 'a', { bytes: 400 })
    client.outbox.say(message('reply'))
    void stage.publish('two', 'a')
    expect(resume(stage, client)).toEqual(['full', 'one', 'reply', 'two'])
  })

  it('is dropped where it is volatile and a cursor waits', () => {
    const stage = new Stage({ wrap: (log) => new DelayedLog(log, () => {}) })
    const client = stage.client()
    client.outbox.read(new Map([['a', { epoch: 'former', seq: 0 }]]))
    stage.flush.now()
    client.outbox.sayVolatile(message('volatile'))
    expect(client.outbox.unsentBytes).toBe(512)
  })
})

describe('join and leave', () => {
  it('end an open cursor: it does not take in what a room that was joined later publishes', () => {
    const stage = new Stage(slow)
    const client = stage.member(['a'])
    stall(stage, client)
    void stage.publish('one', 'a', { bytes: 400 })
    stage.hub.join(client.outbox, 'b')
    void stage.publish('two', 'b')
    expect(resume(stage, client)).toEqual(['full', 'one', 'two'])
  })

  it('end an open cursor: it does not read on in a room that was left', () => {
    const stage = new Stage(slow)
    const client = stage.member(['a', 'b'])
    stall(stage, client)
    void stage.publish('one', 'a', { bytes: 400 })
    stage.hub.leave(client.outbox, 'a')
    void stage.publish('two', 'a')
    void stage.publish('three', 'b')
    expect(resume(stage, client)).toEqual(['full', 'one', 'three'])
  })
})

describe('a cursor', () => {
  it('stamps what it reads with its own progress, one log at a time, so that a cut loses nothing of the others', () => {
    const stage = new Stage({ page: 1 })
    const client = stage.member(['a', 'd'], stampedForm)
    for (const [key, room] of [
      ['a1', 'a'],
      ['d1', 'd'],
      ['a2', 'a'],
      ['d2', 'd'],
    ] as const)
      void stage.publish(key, room)
    const late = stage.member(['a', 'd'], stampedForm)
    late.outbox.read(
      fromStart(stage, ['a', 'd']),
      stage.hub.logs.epochs.map((epoch) => ({ epoch, seq: 0 })),
    )
    stage.flush.now()
    const places = late
      .heard()
      .map((heard) => (heard.kind === 'entry' ? [heard.key, ...stage.seqsOf(heard.place)] : []))
    expect(places).toEqual([
      ['a1', 1, 0],
      ['a2', 2, 0],
      ['d1', 2, 1],
      ['d2', 2, 2],
    ])
    expect(client.keys()).toEqual(['a1', 'd1', 'a2', 'd2'])
  })

  it('keeps the former epoch in its stamps until that log, whose gap is not told yet, has its turn', () => {
    const stage = new Stage()
    void stage.publish('a1', 'a')
    const client = stage.member(['a', 'd'], stampedForm)
    const { logs } = stage.hub
    const place = [
      { epoch: logs.epochs[0] as string, seq: 0 },
      { epoch: 'former', seq: 7 },
    ]
    client.outbox.read(
      new Map([
        ['a', place[0] as Position],
        ['d', place[1] as Position],
      ]),
      place,
    )
    stage.flush.now()
    const [first, second] = client.heard()
    const seen = first?.kind === 'entry' ? logs.parsePlace(first.place ?? '') : undefined
    expect(seen).toEqual([
      { epoch: logs.epochs[0], seq: 1 },
      { epoch: 'former', seq: 7 },
    ])
    expect(second).toMatchObject({ kind: 'gap', room: 'd' })
  })

  it('never stamps beyond its end, though a page knows more', () => {
    const stage = new Stage()
    void stage.publish('a1', 'a')
    void stage.publish('d1', 'd')
    const client = stage.member(['a', 'd'], stampedForm)
    client.outbox.read(fromStart(stage, ['a', 'd']))
    client.outbox.closeTail()
    void stage.publish('a2', 'a')
    stage.flush.now()
    expect(
      client.heard().map((heard) => (heard.kind === 'entry' ? [heard.key, ...stage.seqsOf(heard.place)] : [])),
    ).toEqual([
      ['a1', 1, 0],
      ['d1', 1, 1],
      ['a2', 2, 1],
    ])
  })

  it('tells the gaps of a log before any of its entries', () => {
    const stage = new Stage({ keep: 2 })
    for (const key of ['a1', 'a2', 'a3']) void stage.publish(key, 'a')
    void stage.publish('b1', 'b')
    const client = stage.member(['a', 'b'])
    client.outbox.read(fromStart(stage, ['a', 'b']))
    stage.flush.now()
    expect(client.keys()).toEqual(['gap a 4', 'b1'])
  })

  it('brings an entry of several rooms through the room in which it is due', () => {
    const stage = new Stage()
    void stage.publish('both', ['a', 'b'])
    const client = stage.member(['a', 'b'])
    const from = fromStart(stage, ['a', 'b'])
    from.set('a', { epoch: stage.hub.logs.epochs[0] as string, seq: 1 })
    client.outbox.read(from)
    stage.flush.now()
    expect(client.heard()).toMatchObject([{ key: 'both', room: 'b' }])
  })

  it('does not bring what excluded a room the reader is in since an earlier epoch', () => {
    const stage = new Stage()
    const client = stage.client()
    stage.hub.join(client.outbox, 'd', [
      { epoch: 'former', seq: 99 },
      { epoch: 'former', seq: 99 },
    ])
    stage.hub.join(client.outbox, 'a')
    const from = fromStart(stage, ['a', 'd'])
    void stage.publish('one', 'a', { except: ['d'] })
    client.outbox.read(from)
    stage.flush.now()
    expect(client.keys()).toEqual([])
  })

  it('looks at the head again when its page arrives', async () => {
    const pending: (() => void)[] = []
    const stage = new Stage({ wrap: (log) => new DelayedLog(log, (run) => pending.push(run)) })
    const work = async (index = 0): Promise<void> => {
      for (let i = 0; i < 20; i++) await null
      pending.splice(index, 1)[0]?.()
      for (let i = 0; i < 20; i++) await null
    }
    while (stage.hub.logs.epochs.length < 2) await work()
    const client = stage.member(['a'])
    client.outbox.read(new Map([['a', { epoch: 'former', seq: 0 }]]))
    stage.flush.now()
    void stage.publish('one', 'a')
    await work(1) // the publication is committed before the page is read, and delivered before it arrives
    while (pending.length > 0) await work()
    stage.flush.now()
    expect(client.keys()).toEqual(['gap a 1'])
  })

  it('asks a log for nothing where no room of it has missed anything', () => {
    const asked: string[] = []
    const stage = new Stage({
      wrap: (log) => {
        const replay = log.replay.bind(log)
        log.replay = (since, limit) => {
          asked.push(log.name)
          return replay(since, limit)
        }
        return log
      },
    })
    const client = stage.member(['a', 'd'])
    const { logs } = stage.hub
    client.outbox.read(
      new Map([
        ['a', logs.place()[0] as Position],
        ['d', logs.place()[1] as Position],
      ]),
    )
    stage.flush.now()
    expect(asked).toEqual([])
  })

  it('that reads for some rooms only takes nothing in for the others', () => {
    const stage = new Stage()
    void stage.publish('a1', 'a')
    const client = stage.member(['a', 'b'])
    client.outbox.read(fromStart(stage, ['a']))
    void stage.publish('b1', 'b')
    stage.flush.now()
    expect(client.keys()).toEqual(['a1', 'b1'])
  })
})

describe('the later of two positions', () => {
  const stage = new Stage()
  const { logs } = stage.hub
  const now = (seq: number): Position => ({ epoch: logs.epochs[0] as string, seq })
  const former: Position = { epoch: 'former', seq: 50 }

  it.each([
    ['the higher seq of the current epoch', now(3), now(5), now(5)],
    ['the higher seq, whichever comes first', now(5), now(3), now(5)],
    ['the current epoch before a former one', now(3), former, now(3)],
    ['the current epoch behind a former one', former, now(3), now(3)],
  ])('is %s', (_title, a, b, later) => {
    expect(logs.later(0, a, b)).toEqual(later)
  })
})
