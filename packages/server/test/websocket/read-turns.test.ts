import { describe, expect, it } from 'vitest'
import { ReadTurns } from '../../src/websocket/read-turns.ts'
import { turn } from './test-peer.ts'

/** Turns by a clock that stands still unless it is told. */
function turnsAt() {
  const time = { ms: 0 }
  return { time, turns: new ReadTurns(() => time.ms) }
}

describe('ReadTurns', () => {
  it('is over 8 ms after the first who asked, and begins anew with the next turn', async () => {
    const { time, turns } = turnsAt()
    time.ms = 1_000
    expect(turns.hasTime()).toBe(true)
    time.ms = 1_007.9
    expect(turns.hasTime()).toBe(true)
    time.ms = 1_008
    expect(turns.hasTime()).toBe(false)
    await turn()
    expect(turns.hasTime()).toBe(true)
  })

  it('looks at the clock once for 32 messages of a chunk, and lets those of the first through at any time', async () => {
    const { time, turns } = turnsAt()
    turns.hasTime()
    time.ms = 100
    for (let chunk = 0; chunk < 2; chunk++) {
      turns.beginChunk()
      const answers = Array.from({ length: 64 }, () => turns.hasTimeForNext())
      expect(answers.flatMap((mayGoOn, index) => (mayGoOn ? [] : [index]))).toEqual([31, 63])
    }
    await turn()
    turns.beginChunk()
    expect(Array.from({ length: 64 }, () => turns.hasTimeForNext())).not.toContain(false)
  })

  it('serves those who wait in the order in which they asked, as far as there is time', async () => {
    const { time, turns } = turnsAt()
    const served: number[] = []
    for (let i = 0; i < 6; i++) {
      turns.wait({
        goOn: () => {
          served.push(i)
          time.ms += 4
        },
      })
    }
    await turn()
    expect(served).toEqual([0, 1])
    // Who comes now has to wait behind them.
    expect(turns.hasTime()).toBe(false)
    await turn()
    expect(served).toEqual([0, 1, 2, 3])
    await turn()
    expect(served).toEqual([0, 1, 2, 3, 4, 5])
    await turn()
    expect(turns.hasTime()).toBe(true)
  })

  it('serves everybody who asked once, however often, and nobody who left', async () => {
    const { turns } = turnsAt()
    const served: string[] = []
    const [stays, leaves] = ['stays', 'leaves'].map((name) => ({ goOn: () => void served.push(name) }))
    for (let i = 0; i < 3; i++) {
      turns.wait(stays as { goOn(): void })
      turns.wait(leaves as { goOn(): void })
    }
    turns.leave(leaves as { goOn(): void })
    await turn()
    await turn()
    expect(served).toEqual(['stays'])
  })

  it('lets those ask again who are served', async () => {
    const { time, turns } = turnsAt()
    let served = 0
    const reader = {
      goOn: () => {
        time.ms += 8
        if (++served < 3) turns.wait(reader)
      },
    }
    turns.wait(reader)
    for (let i = 1; i <= 3; i++) {
      await turn()
      expect(served).toBe(i)
    }
  })
})
