import { describe, expect, it } from 'vitest'
import { PongDeadline } from '../../../src/transports/engine-io/pong-deadline.ts'
import { StillClock } from '../../suites/still-clock.ts'

/** A clock whose timers may come late. */
class LateClock extends StillClock {
  /** Time passes, and no timer has its turn before the end. */
  standStill(ms: number): void {
    this.#lag += ms
  }

  #lag = 0

  override now(): number {
    return super.now() + this.#lag
  }
}

function make() {
  const clock = new LateClock()
  let missed = 0
  const deadline = new PongDeadline({ clock, heartbeatMs: 300, heartbeatTimeoutMs: 200 }, () => missed++)
  return { clock, deadline, missed: () => missed }
}

describe('the deadline of a pong', () => {
  it('is an interval and a timeout behind the last packet, whenever the ping was', () => {
    for (const pingAt of [0, 12, 200, 300, 400]) {
      const { clock, deadline, missed } = make()
      clock.pass(pingAt)
      deadline.pinged()
      clock.pass(499 - pingAt)
      expect([deadline.isPast, missed()]).toEqual([false, 0])
      clock.pass(1)
      expect([deadline.isPast, missed()]).toEqual([true, 1])
    }
  })

  it('leaves half of the timeout at least where the ping came late', () => {
    const { clock, deadline, missed } = make()
    clock.pass(450)
    deadline.pinged()
    clock.pass(99)
    expect(missed()).toBe(0)
    clock.pass(1)
    expect(missed()).toBe(1)
  })

  it('is not there while no ping is out', () => {
    const { clock, deadline, missed } = make()
    clock.pass(10_000)
    expect([deadline.isPast, missed(), clock.timers]).toEqual([false, 0, 0])
  })

  it('is met by any packet, and is another one behind the next ping', () => {
    const { clock, deadline, missed } = make()
    clock.pass(300)
    deadline.pinged()
    clock.pass(100)
    deadline.heard()
    clock.pass(300)
    expect([clock.timers, missed()]).toEqual([0, 0])
    deadline.pinged()
    clock.pass(199)
    expect(missed()).toBe(0)
    clock.pass(1)
    expect(missed()).toBe(1)
  })

  it('is that of the first ping where several are unanswered', () => {
    const { clock, deadline, missed } = make()
    clock.pass(300)
    deadline.pinged()
    clock.pass(150)
    deadline.pinged()
    clock.pass(50)
    expect(missed()).toBe(1)
  })

  it('is over before its timer has come', () => {
    const { clock, deadline, missed } = make()
    clock.pass(300)
    deadline.pinged()
    clock.standStill(200)
    expect([deadline.isPast, missed()]).toEqual([true, 0])
  })

  it('is put off where the whole process stood still: nobody was heard', () => {
    const { clock, deadline, missed } = make()
    clock.pass(300)
    deadline.pinged()
    clock.standStill(60_000)
    clock.pass(200)
    expect([deadline.isPast, missed()]).toEqual([false, 0])
    clock.pass(200)
    expect(missed()).toBe(1)
  })

  it('ends with its session', () => {
    const { clock, deadline, missed } = make()
    deadline.pinged()
    deadline.end()
    clock.pass(1_000)
    expect([missed(), clock.timers]).toEqual([0, 0])
  })
})
