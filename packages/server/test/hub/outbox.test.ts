import { describe, expect, it } from 'vitest'
import type { Log } from '../../src/broker.ts'
import { strictForm } from './model/wire-forms.ts'
import { draftOf, message, Stage } from './stage.ts'

const kept = { maxBufferedBytes: 1_000, hardMaxBufferedBytes: 10_000 }
const long = (id: string, bytes: number): string => JSON.stringify({ kind: 'said', id, more: 'x'.repeat(bytes) })

/** A client whose line holds something that has not left. */
function stalled(stage: Stage, rooms: readonly string[] = []) {
  const client = stage.member(rooms)
  client.line.window = 0
  client.outbox.say(message('full'))
  stage.flush.now()
  return client
}

describe('an outbox', () => {
  it('writes what was said in one turn with one write, in the order it was said', () => {
    const stage = new Stage()
    const client = stage.member(['a'])
    client.outbox.say(message('s1'))
    void stage.publish('p1', 'a')
    client.outbox.sayLater(() => message('s2'))
    void stage.publish('p2', 'a')
    expect(client.line.writes).toBe(0)
    stage.flush.now()
    expect(client.line.writes).toBe(1)
    expect(client.keys()).toEqual(['s1', 'p1', 's2', 'p2'])
  })

  it('makes what is said later when it is written', () => {
    const stage = new Stage()
    const client = stage.client()
    let id = 'early'
    client.outbox.sayLater(() => message(id))
    id = 'late'
    stage.flush.now()
    expect(client.keys()).toEqual(['late'])
  })

  it('writes nothing while an entry is being delivered, even if a flush is forced', () => {
    const stage = new Stage()
    const first = stage.member(['a'])
    const second = stage.member(['a'])
    const take = second.outbox.take.bind(second.outbox)
    let writesMeanwhile = -1
    second.outbox.take = (...args) => {
      for (let i = 0; i < 600; i++) stage.flush.onRead()
      writesMeanwhile = first.line.writes
      take(...args)
    }
    void stage.publish('one', 'a')
    expect(writesMeanwhile).toBe(0)
    stage.flush.onRead()
    expect([first.keys(), second.keys()]).toEqual([['one'], ['one']])
  })

  it('writes nothing while its line is full, and goes on when it has drained', () => {
    const stage = new Stage()
    const client = stalled(stage)
    client.outbox.say(message('next'))
    stage.flush.now()
    expect(client.line.writes).toBe(1)
    expect(client.keys()).toEqual(['full'])
    client.line.widen(100)
    stage.flush.now()
    expect(client.keys()).toEqual(['next'])
  })

  it('keeps to its limit however much is published, and misses nothing', () => {
    const stage = new Stage(kept)
    const client = stalled(stage, ['a'])
    const keys: string[] = []
    for (let i = 0; i < 500; i++) {
      keys.push(`p${i}`)
      void stage.publish(`p${i}`, 'a', { bytes: 50 })
      stage.flush.now()
      expect(client.outbox.unsentBytes).toBeLessThan(1_000 + 512 + 300)
    }
    client.line.widen(Number.POSITIVE_INFINITY)
    stage.flush.now()
    expect(client.keys()).toEqual(['full', ...keys])
  })

  it('lets a publication pass that is larger than the limit when nothing else waits', () => {
    const stage = new Stage(kept)
    const client = stage.member(['a', 'a-'])
    void stage.publish('large', 'a', { bytes: 5_000 })
    expect(client.outbox.unsentBytes).toBeGreaterThan(5_000)
    stage.flush.now()
    void stage.publish('huge', 'a-', { bytes: 50_000 })
    stage.flush.now()
    expect(client.keys()).toEqual(['large', 'huge'])
    expect(client.line.closed).toBeUndefined()
  })

  it('lets a message pass that is larger than the hard limit when nothing else waits', () => {
    const stage = new Stage(kept)
    const client = stage.client()
    client.outbox.say(long('huge', 50_000))
    stage.flush.now()
    expect([client.keys(), client.line.closed]).toEqual([['huge'], undefined])
  })

  it('closes with 1013, once, when more than the hard limit is unsent, and lets go of what waits', () => {
    const stage = new Stage(kept)
    const client = stalled(stage, ['a'])
    for (let i = 0; i < 40; i++) client.outbox.say(long(`s${i}`, 500))
    expect(client.line.closed).toBeUndefined() // not in the middle of what says it
    stage.flush.now()
    expect(client.line.closed).toBe(1013)
    client.line.widen(Number.POSITIVE_INFINITY)
    client.outbox.say(message('late'))
    void stage.publish('late', 'a')
    stage.flush.now()
    expect([client.line.closings, client.outbox.unsentBytes, client.outbox.alive]).toEqual([1, 0, false])
    expect(client.keys()).toEqual(['full'])
  })

  it('closes with 1013 for publications that nobody keeps, too', () => {
    const stage = new Stage(kept)
    const client = stalled(stage, ['a-'])
    for (let i = 0; i < 40; i++) void stage.publish(`p${i}`, 'a-', { bytes: 500 })
    stage.flush.now()
    expect(client.line.closed).toBe(1013)
  })

  it('closes with 1013 for closed cursors, too: each costs something', () => {
    const stage = new Stage(kept)
    const client = stalled(stage, ['a'])
    for (let i = 0; i < 200; i++) {
      void stage.publish(`p${i}`, 'a', { bytes: 900 })
      client.outbox.say('')
    }
    stage.flush.now()
    expect(client.line.closed).toBe(1013)
  })

  it('stops reading from a client that does not read the answers, and goes on when all of them have left', () => {
    const stage = new Stage(kept)
    const client = stalled(stage)
    client.outbox.say(long('s1', 600))
    expect(client.line.paused).toBe(false)
    client.outbox.say(long('s2', 600))
    expect(client.line.paused).toBe(true)
    client.line.widen(Number.POSITIVE_INFINITY)
    stage.flush.now()
    expect(client.line.paused).toBe(false)
  })

  it('does not stop reading for what others publish', () => {
    const stage = new Stage(kept)
    const client = stalled(stage, ['a'])
    for (let i = 0; i < 50; i++) void stage.publish(`p${i}`, 'a', { bytes: 500 })
    expect(client.line.paused).toBe(false)
  })

  it('drops volatile words while bytes of an earlier turn are unsent', () => {
    const stage = new Stage()
    const client = stalled(stage)
    client.outbox.sayVolatile(message('volatile'))
    expect(client.outbox.unsentBytes).toBe(client.line.unsentBytes)
    client.line.read(Number.POSITIVE_INFINITY)
    client.outbox.sayVolatile(message('again'))
    stage.flush.now()
    expect(client.keys()).toEqual(['again'])
  })

  it('does not drop volatile words for what was said in this turn', () => {
    const stage = new Stage()
    const client = stage.client()
    client.outbox.say(message('s1'))
    client.outbox.sayVolatile(message('volatile'))
    stage.flush.now()
    expect(client.keys()).toEqual(['s1', 'volatile'])
  })

  it('takes volatile words again once its cursor is through', () => {
    const stage = new Stage({ ...kept, maxBufferedBytes: 100 })
    const client = stalled(stage, ['a'])
    void stage.publish('p1', 'a')
    client.outbox.sayVolatile(message('dropped'))
    client.line.widen(Number.POSITIVE_INFINITY)
    client.keys()
    stage.flush.now()
    client.outbox.sayVolatile(message('volatile'))
    stage.flush.now()
    expect(client.keys()).toEqual(['p1', 'volatile'])
  })

  it('gives a volatile publication only to forms that have asked for some', () => {
    const stage = new Stage()
    const client = stage.member(['a'], { ...strictForm, takesVolatilePublications: false })
    stage.hub.publishVolatile(draftOf('published', ['a']))
    stage.hub.publishVolatile({ ...draftOf('emitted', ['a']), published: false })
    stage.flush.now()
    expect(client.keys()).toEqual(['emitted'])
  })

  it('keeps nothing and writes nothing once it is dropped', () => {
    const stage = new Stage()
    const client = stage.member(['a'])
    client.outbox.say(message('s1'))
    stage.hub.drop(client.outbox)
    client.outbox.say(message('s2'))
    void stage.publish('p1', 'a')
    client.outbox.onWritable()
    stage.flush.now()
    expect([client.keys(), client.outbox.unsentBytes, client.line.writes]).toEqual([[], 0, 0])
  })

  it('closes with 1013 when the log cannot be read', async () => {
    const wrap = (log: Log): Log => {
      log.replay = () => Promise.reject(new Error('no disk'))
      return log
    }
    const stage = new Stage({ wrap })
    const client = stage.member(['a'])
    client.outbox.read(new Map([['a', { epoch: 'former', seq: 0 }]]))
    stage.flush.now()
    for (let i = 0; i < 10; i++) await null
    expect(client.line.closed).toBe(1013)
  })

  it('writes the form it has when it writes', () => {
    const stage = new Stage()
    const client = stage.member(['a'], { ...strictForm, index: 0, frame: () => Buffer.from('wrong\n') })
    client.outbox.say(message('s1'))
    client.outbox.form = strictForm
    stage.flush.now()
    expect(client.keys()).toEqual(['s1'])
  })
})
