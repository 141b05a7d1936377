import { describe, expect, it } from 'vitest'
import { isTorture, runs } from '../../../../test/torture.ts'
import { playAll } from './model/schedule.ts'

/** `PARTYLINE_SEED=17` replays one schedule; without it every run tries others. */
const given = process.env.PARTYLINE_SEED
const firstSeed = given === undefined ? Date.now() % 1_000_000_000 : Number(given)
const count = given === undefined ? runs(2_000, 200_000) : 1

describe('delivery', () => {
  const timeoutMs = isTorture ? 1_800_000 : 60_000

  it(`tells every reader everything once and in order, or of a gap (seed ${firstSeed})`, {
    timeout: timeoutMs,
  }, async () => {
    await expect(playAll(firstSeed, count)).resolves.toBeUndefined()
  })
})
