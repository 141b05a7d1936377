import { describe, expect, it } from 'vitest'
import type { Draft, Entry, Keep, Room } from '../../src/broker.ts'
import { MemoryLog, type MemoryLogOptions } from '../../src/brokers/memory.ts'
import { Random } from '../hub/model/random.ts'
import { DelayedLog } from '../suites/delayed-log.ts'
import { logSuite } from '../suites/log-suite.ts'
import { StillClock } from '../suites/still-clock.ts'

logSuite('MemoryLog', (options) => {
  const clock = new StillClock()
  return { log: new MemoryLog('memory', { clock, ...options }), clock }
})

const seed = Number(process.env.PARTYLINE_SEED ?? Date.now() % 1_000_000)

logSuite(`MemoryLog behind random delays (seed ${seed})`, (options) => {
  const clock = new StillClock()
  const random = new Random(seed)
  const inner = new MemoryLog('memory', { clock, ...options })
  const later = (run: () => void): void => void (random.chance(0.5) ? setImmediate(run) : queueMicrotask(run))
  return { log: new DelayedLog(inner, later), clock }
})

const draftOf = (rooms: readonly Room[], more: Partial<Draft> = {}): Draft => {
  return { rooms, except: [], event: 'e', args: '["x"]', arity: 1, published: true, from: null, at: 0, ...more }
}

function open(options: Partial<MemoryLogOptions> = {}) {
  const clock = new StillClock()
  const log = new MemoryLog('memory', { clock, keep: () => ({ entries: 10, ageMs: 60_000 }), ...options })
  const delivered: Entry[] = []
  log.start((entry) => delivered.push(entry))
  return { log, clock, delivered }
}

describe('MemoryLog', () => {
  it('answers in the same turn, after it has delivered', () => {
    const { log, delivered } = open()
    expect(log.publish(draftOf(['a'])).position.seq).toBe(1)
    expect(delivered).toHaveLength(1)
  })

  it('counts an entry of several rooms once, and lets it go with the last of them', () => {
    const keep = (room: Room): Keep => ({ entries: room === 'short' ? 1 : 3, ageMs: 60_000 })
    const { log } = open({ keep })
    log.publish(draftOf(['short', 'long']))
    const { bytes } = log.stats
    log.publish(draftOf(['short']))
    expect(log.stats).toMatchObject({ entries: 2, bytes: 2 * bytes })
    for (let i = 0; i < 3; i++) log.publish(draftOf(['long']))
    expect(log.stats.entries).toBe(4)
  })

  it('never holds more bytes than it may, over a long time', () => {
    const { log } = open({ maxBytes: 80_000, keep: () => ({ entries: 1_000, ageMs: 1e9 }) })
    for (let i = 0; i < 20_000; i++) {
      log.publish(draftOf([`r${i % 37}`, `r${i % 11}`], { args: JSON.stringify(['x'.repeat(i % 200)]) }))
      expect(log.stats.bytes).toBeLessThanOrEqual(80_000)
    }
    expect(log.stats.entries).toBeGreaterThan(50)
  })

  it('has no room and no byte left when everything has become too old', () => {
    const { log, clock } = open({ keep: () => ({ entries: 10, ageMs: 1_000 }) })
    for (let i = 0; i < 3_000; i++) log.publish(draftOf([`r${i}`]))
    clock.pass(120_000)
    expect(log.stats).toMatchObject({ rooms: 0, entries: 0, bytes: 0 })
  })

  it('refuses new keys with unavailable when it remembers too many, and known ones still work', () => {
    const { log } = open({ maxKeys: 2 })
    log.publish(draftOf(['a'], { key: 'k1', keyHash: 'h' }))
    log.publish(draftOf(['a'], { key: 'k2', keyHash: 'h' }))
    expect(() => log.publish(draftOf(['a'], { key: 'k3', keyHash: 'h' }))).toThrow(
      expect.objectContaining({ code: 'unavailable' }),
    )
    expect(log.publish(draftOf(['a'], { key: 'k1', keyHash: 'h' })).known).toBe(true)
    expect(log.publish(draftOf(['a'])).known).toBe(false)
  })

  it('makes place for new keys at once when old ones may be forgotten', () => {
    const { log, clock } = open({ maxKeys: 2, minKeyAgeMs: 100, keep: () => false })
    log.publish(draftOf(['a'], { key: 'k1' }))
    log.publish(draftOf(['a'], { key: 'k2' }))
    clock.pass(200)
    expect(log.publish(draftOf(['a'], { key: 'k3' })).known).toBe(false)
  })

  it('leaves no timer behind when it is closed', () => {
    const { log, clock } = open()
    log.close()
    expect(clock.timers).toBe(0)
  })
})
