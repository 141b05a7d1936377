import { describe, expect, it } from 'vitest'
import { InflateTurns } from '../../src/websocket/inflate-turns.ts'
import { turn } from './test-peer.ts'

const MUCH = 1024 * 1024

describe('InflateTurns', () => {
  it('closes when a turn has had its share, and opens with the next', async () => {
    const turns = new InflateTurns()
    turns.spend(MUCH / 2)
    expect(turns.isOpen).toBe(true)
    turns.spend(MUCH / 2)
    expect(turns.isOpen).toBe(false)
    await turn()
    expect(turns.isOpen).toBe(true)
  })

  it('counts messages, however small', () => {
    const turns = new InflateTurns()
    let messages = 0
    while (turns.isOpen) {
      turns.spend(0)
      messages++
    }
    expect(messages).toBe(128)
  })

  it('gives each turn its share, in the order in which it was asked for', async () => {
    const turns = new InflateTurns()
    const served: number[] = []
    turns.spend(MUCH)
    for (let i = 0; i < 6; i++) {
      turns.wait({
        inflateNow: () => {
          served.push(i)
          turns.spend(MUCH / 2)
        },
      })
    }
    await turn()
    expect(served).toEqual([0, 1])
    // Who comes now has to wait behind them.
    expect(turns.isOpen).toBe(false)
    await turn()
    expect(served).toEqual([0, 1, 2, 3])
    await turn()
    expect(served).toEqual([0, 1, 2, 3, 4, 5])
    await turn()
    expect(turns.isOpen).toBe(true)
  })

  it('lets those ask again who are served', async () => {
    const turns = new InflateTurns()
    let served = 0
    const inflater = {
      inflateNow: () => {
        turns.spend(MUCH)
        if (++served < 3) turns.wait(inflater)
      },
    }
    turns.wait(inflater)
    for (let i = 1; i <= 3; i++) {
      await turn()
      expect(served).toBe(i)
    }
  })
})
