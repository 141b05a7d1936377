import { describe, test } from 'vitest'
import { type Case, isGood, runSuite, subjectOf } from '../src/index.ts'
import type { DeflateNeglect } from './careless-deflate.ts'
import { carelessLimitBytes, startCarelessEcho } from './careless-echo.ts'

/** The table, and of the sections with many messages one row each; what says something without compression, too. */
const isChosen = ({ id, group }: Case) => group === 'deflate' || /^1[23]\.\d\.6$|^1\.1\.[17]$|^2\.2$/.test(id)
/** What is not run, as it inflates many millions of zeros, where something else is neglected. */
const isBomb = (id: string) => /^D22\.[12]$/.test(id)

/** Offers nothing, nothing good, or a window for what it sends. */
const isWithoutWindow = (id: string) => id.startsWith('D') && !/^D2\.([1-9]|1[0-3])$|^D6\b|^D8\.[13]$|^D9\.16$/.test(id)

/** The cases that find it, among those above. */
const neglects: readonly (readonly [DeflateNeglect, finds: (id: string) => boolean])[] = [
  ['the inflated limit', (id) => /^D22\.[124]$/.test(id)],
  // Nothing is far away in 256 bytes of a window that is asked to be 4096 or 32,768 bytes long.
  ['the agreed window', (id) => /^13\.[357]\.|^D9\.([1-6]|9)$/.test(id)],
  ['agreeing before compressing', (id) => /^1\.1\.|^D8\.1$|^D2\.([1-9]|1[0-3])$/.test(id)],
  ['forgetting its context', (id) => /^13\.[2567]\.|^D4$|^D8\.(5|8)$|^D9\.[89]$|^D25$/.test(id)],
  ['repeating parameters', (id) => /^13\.[2-6]\.|^D[347]$|^D8\.[578]$|^D9\.[1-9]$|^D25$/.test(id)],
  // Where the answer fits a good offer behind the bad one, there is nothing to be seen.
  ['declining bad offers', (id) => /^D2\.([1-9]|1[0-3]|1[5-9]|2[01])$|^D4$/.test(id)],
  ['offering before saying', isWithoutWindow],
  ['our context', (id) => /^D11\.1$|^D19\.1$/.test(id)],
  ['final blocks', (id) => id === 'D14'],
  ['the end of the data', (id) => /^D20\.3$|^D17$/.test(id)],
  ['the bit of compressed messages', (id) => /^D18\.(1|2|3|4|11)$/.test(id)],
]

/** All of them share one thread. */
const options = { timeout: 240_000 }

async function outcome(neglect: DeflateNeglect | 'nothing', atEnd: (end: () => Promise<void>) => void) {
  const server = await startCarelessEcho(neglect, true)
  atEnd(() => server.stop())
  const facts = { maxPayloadBytes: carelessLimitBytes, patienceFactor: 4, caseBytes: 65_536, idleConnections: 5 }
  const only = (each: Case) => isChosen(each) && (!isBomb(each.id) || neglect === 'the inflated limit')
  const { results: ran } = await runSuite(subjectOf(server.url, facts), { only, concurrency: 64 })
  return { ran, failures: ran.filter((result) => !isGood(result, true)).map(({ id }) => id) }
}

describe('a careless server that compresses', () => {
  test.concurrent('passes when it neglects nothing', options, async ({ expect, onTestFinished }) => {
    const { failures, ran } = await outcome('nothing', onTestFinished)
    expect(ran.length).toBeGreaterThan(100)
    expect(failures).toEqual([])
  })

  test.concurrent.for(neglects)(
    'that neglects %s fails the cases about it, and no other',
    options,
    async (row, context) => {
      const [neglect, finds] = row
      const { failures, ran } = await outcome(neglect, context.onTestFinished)
      const expected = ran.map(({ id }) => id).filter(finds)
      context.expect(expected.length).toBeGreaterThan(0)
      context.expect(failures).toEqual(expected)
    },
  )
})
