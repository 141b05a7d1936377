import { describe, expect, it } from 'vitest'
import { type Beat, Heartbeat, type Pulse } from '../src/heartbeat.ts'
import { StillClock } from './suites/still-clock.ts'

class FakePulse implements Pulse {
  beat: Beat | undefined
  chunksRead = 0
  outgoingMark = 0
  unsentBytes = 0
  paused = false
  pings = 0
  silent = 0
  stuck = 0
  /** What the peer does about a ping. */
  onPing: (() => void) | undefined
  onEnd: (() => void) | undefined

  ping(): void {
    this.pings++
    this.onPing?.()
  }
  onSilent(): void {
    this.silent++
    this.onEnd?.()
  }
  onStuck(): void {
    this.stuck++
    this.onEnd?.()
  }
}

function make(heartbeatMs = 25_000, heartbeatTimeoutMs = 20_000) {
  const clock = new StillClock()
  const heartbeat = new Heartbeat(clock, { heartbeatMs, heartbeatTimeoutMs })
  const add = (): FakePulse => {
    const pulse = new FakePulse()
    pulse.onEnd = () => heartbeat.remove(pulse)
    heartbeat.add(pulse)
    return pulse
  }
  /** Passes time until the pulse gets its next ping. */
  const toPing = (pulse: FakePulse): void => {
    const { pings } = pulse
    for (let i = 0; i < 26 && pulse.pings === pings; i++) clock.pass(heartbeatMs / 25)
    expect(pulse.pings).toBe(pings + 1)
  }
  return { clock, heartbeat, add, toPing }
}

const answers = (pulse: FakePulse): void => {
  pulse.onPing = () => pulse.chunksRead++
}

describe('the heartbeat', () => {
  it('pings once an interval, whatever else travels', () => {
    const { clock, add } = make()
    const pulse = add()
    answers(pulse)
    clock.pass(25_000)
    expect(pulse.pings).toBe(1)
    pulse.chunksRead += 10
    clock.pass(100_000)
    expect([pulse.pings, pulse.silent]).toEqual([5, 0])
  })

  it('pings nobody at once, and not all at the same time', () => {
    const { clock, add } = make()
    const pulses = Array.from({ length: 50 }, () => add())
    for (const pulse of pulses) answers(pulse)
    expect(pulses.map(({ pings }) => pings)).toEqual(pulses.map(() => 0))
    const pinged: number[] = []
    for (let tick = 0; tick < 25; tick++) {
      const before = pulses.reduce((sum, { pings }) => sum + pings, 0)
      clock.pass(1_000)
      pinged.push(pulses.reduce((sum, { pings }) => sum + pings, 0) - before)
    }
    expect(pinged).toEqual(pinged.map(() => 2))
  })

  it('ends who has not been heard of 20 s after a ping', () => {
    const { clock, add, toPing } = make()
    const pulse = add()
    toPing(pulse)
    clock.pass(19_999)
    expect(pulse.silent).toBe(0)
    clock.pass(1)
    expect(pulse.silent).toBe(1)
  })

  it('takes any byte for a sign of life', () => {
    const { clock, add, toPing } = make()
    const pulse = add()
    toPing(pulse)
    clock.pass(19_000)
    pulse.chunksRead++
    clock.pass(5_999)
    expect(pulse.silent).toBe(0)
  })

  it.each([
    ['longer than the interval', 5_000, 20_000],
    ['a little longer than the interval', 19_000, 20_000],
    ['many intervals long', 10_000, 60_000],
    ['as long as the interval', 20_000, 20_000],
    ['much shorter than the interval', 60_000, 2_400],
  ])('waits for the whole timeout where it is %s', (_, heartbeatMs, timeoutMs) => {
    const { clock, add, toPing } = make(heartbeatMs, timeoutMs)
    const pulse = add()
    toPing(pulse)
    clock.pass(timeoutMs - 1)
    expect(pulse.silent).toBe(0)
    clock.pass(heartbeatMs / 25) // at the next tick
    expect(pulse.silent).toBe(1)
  })

  it('counts from the oldest ping that was not answered', () => {
    const { clock, add, toPing } = make(5_000, 20_000)
    const pulse = add()
    for (let i = 0; i < 6; i++) {
      toPing(pulse)
      pulse.chunksRead++
    }
    toPing(pulse)
    clock.pass(19_999)
    expect(pulse.silent).toBe(0)
    clock.pass(1)
    expect(pulse.silent).toBe(1)
  })

  it('drops nobody when the process was stopped, however long', () => {
    const clock = new StillClock()
    // timers come as late as after SIGSTOP and SIGCONT, each of them
    const stopped = {
      now: () => clock.now(),
      date: () => clock.date(),
      setTimeout: (run: () => void) => clock.setTimeout(run, 600_000),
      clearTimeout: (timer: unknown) => clock.clearTimeout(timer),
    }
    const heartbeat = new Heartbeat(stopped, { heartbeatMs: 25_000, heartbeatTimeoutMs: 20_000 })
    const pulse = new FakePulse()
    heartbeat.add(pulse)
    clock.pass(44 * 600_000) // the ping was at the 25th tick: three hours ago
    expect([pulse.pings, pulse.silent]).toEqual([1, 0])
    pulse.chunksRead++ // what had come meanwhile is read only now
    clock.pass(600_000)
    expect(pulse.silent).toBe(0)
  })

  it('keeps no timer while nobody is there', () => {
    const { clock, heartbeat, add } = make()
    const [one, two] = [add(), add()]
    expect([heartbeat.size, clock.timers]).toEqual([2, 1])
    heartbeat.remove(one)
    heartbeat.remove(one)
    expect([heartbeat.size, clock.timers]).toEqual([1, 1])
    heartbeat.remove(two)
    expect([heartbeat.size, clock.timers]).toEqual([0, 0])
    const three = add()
    answers(three)
    clock.pass(50_000)
    expect([one.pings, two.pings, three.pings]).toEqual([0, 0, 2])
  })

  it('bears that the end of one removes others in the same turn', () => {
    const { clock, heartbeat, add } = make()
    const pulses = Array.from({ length: 75 }, () => add())
    for (const pulse of pulses) {
      pulse.unsentBytes = 1
      pulse.onEnd = () => {
        for (const each of pulses) heartbeat.remove(each)
      }
    }
    clock.pass(1_000_000)
    expect(pulses.reduce((sum, { silent, stuck }) => sum + silent + stuck, 0)).toBe(1)
    expect([heartbeat.size, clock.timers]).toEqual([0, 0])
  })
})

describe('the patience for a slow line', () => {
  it('is 120 s while bytes are unsent', () => {
    const { clock, add, toPing } = make()
    const pulse = add()
    pulse.unsentBytes = 1
    toPing(pulse)
    for (let s = 0; s < 119; s++) {
      pulse.outgoingMark++ // something leaves: it is not stuck
      clock.pass(1_000)
    }
    expect([pulse.silent, pulse.stuck]).toEqual([0, 0])
    pulse.outgoingMark++
    clock.pass(1_000)
    expect([pulse.silent, pulse.stuck]).toEqual([1, 0])
  })

  it('is 120 s while we do not read from the client', () => {
    const { clock, add, toPing } = make()
    const pulse = add()
    pulse.paused = true
    toPing(pulse)
    clock.pass(119_000)
    expect(pulse.silent).toBe(0)
    clock.pass(1_000)
    expect([pulse.silent, pulse.stuck]).toEqual([1, 0])
  })

  it('holds where bytes stand unsent at the end of the 20 s, too', () => {
    const { clock, add, toPing } = make()
    const pulse = add()
    toPing(pulse)
    pulse.unsentBytes = 1
    clock.pass(20_000)
    expect(pulse.silent).toBe(0)
    pulse.unsentBytes = 0
    clock.pass(119_000)
    expect(pulse.silent).toBe(0)
    clock.pass(1_000)
    expect(pulse.silent).toBe(1)
  })

  it('holds for two minutes after, and is over then', () => {
    const { clock, add, toPing } = make()
    const pulse = add()
    pulse.unsentBytes = 1
    toPing(pulse)
    pulse.unsentBytes = 0
    // every 100 s a byte: too rare for the 20 s, often enough for the 120 s
    clock.pass(100_000)
    pulse.chunksRead++
    clock.pass(19_000)
    expect(pulse.silent).toBe(0)
    clock.pass(1_000) // two minutes after
    toPing(pulse)
    clock.pass(19_999)
    expect(pulse.silent).toBe(0)
    clock.pass(1)
    expect(pulse.silent).toBe(1)
  })

  it('holds where the ping stands behind a megabyte that the kernel has taken since the last one', () => {
    const { clock, add, toPing } = make()
    const [burst, usual] = [add(), add()]
    answers(usual)
    burst.onPing = () => burst.chunksRead++
    toPing(burst)
    burst.onPing = undefined
    burst.outgoingMark += 1_000_001 // all of it at once: nothing is ever unsent on our side
    usual.outgoingMark += 1_000_000
    toPing(burst)
    usual.onPing = undefined
    clock.pass(119_000)
    expect([burst.silent, usual.silent]).toEqual([0, 1])
    clock.pass(1_000)
    expect(burst.silent).toBe(1)
  })

  it('starts anew with every byte that comes', () => {
    const { clock, add, toPing } = make()
    const pulse = add()
    pulse.paused = true
    toPing(pulse)
    for (let i = 0; i < 10; i++) {
      clock.pass(100_000)
      pulse.chunksRead++
    }
    expect(pulse.silent).toBe(0)
  })

  it('ends after 60 s without a byte either way while bytes are unsent', () => {
    const { clock, add, toPing } = make()
    const pulse = add()
    pulse.unsentBytes = 1
    toPing(pulse)
    clock.pass(59_000)
    expect(pulse.stuck).toBe(0)
    clock.pass(1_000)
    expect([pulse.stuck, pulse.silent]).toEqual([1, 0])
  })

  it.each(['chunksRead', 'outgoingMark'] as const)('is not stuck while %s moves', (field) => {
    const { clock, add, toPing } = make()
    const pulse = add()
    pulse.unsentBytes = 1
    toPing(pulse)
    clock.pass(59_000)
    pulse[field]++
    clock.pass(59_000)
    expect(pulse.stuck).toBe(0)
    clock.pass(2_000)
    expect(pulse.stuck).toBe(1)
  })

  it('is in seconds, whatever the interval is', () => {
    const { clock, add, toPing } = make(2_500, 2_000)
    const [stuck, paused] = [add(), add()]
    answers(stuck)
    paused.paused = true
    toPing(paused)
    clock.pass(119_900)
    expect(paused.silent).toBe(0)
    clock.pass(100)
    expect(paused.silent).toBe(1)
    toPing(stuck)
    stuck.onPing = undefined
    stuck.unsentBytes = 1
    clock.pass(2_000) // seen then
    clock.pass(59_900)
    expect(stuck.stuck).toBe(0)
    clock.pass(100)
    expect(stuck.stuck).toBe(1)
  })
})
