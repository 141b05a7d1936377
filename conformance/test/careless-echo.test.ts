import { describe, test } from 'vitest'
import { type Case, casesFor, isGood, runSuite, subjectOf } from '../src/index.ts'
import { type Neglect, startCarelessEcho } from './careless-echo.ts'

/** What has nothing to do with what is neglected here: limits, floods, and HTTP. */
const isBeyond = ({ id, group }: Case) => group === 'handshake' || /^(F4|F5|F6|F7|F9|F10|F11|F12)\b/.test(id)

const choice = { only: (each: Case) => !isBeyond(each), concurrency: 64 }
const { cases } = casesFor(subjectOf('ws://127.0.0.1/'), choice)

const isBadText = (id: string) =>
  /^6\.(3|4|8|10|1[2-9]|20|21)\.|^6\.11\.5$|^6\.6\.(1|3|4|6|8|10)$|^F14\.1$|^C3\.2$/.test(id)
const isBadOrder = (id: string) => /^5\.([12]|9|1[0-8])$|^F15\.3$/.test(id)

/** The server fails the connection before a close frame of ours is read. */
const isFailure = (id: string) =>
  isBadText(id) || isBadOrder(id) || /^2\.5$|^[34]\.|^7\.3\.6$|^F1\.|^F8|^F15|^C3/.test(id)

/** The cases that find it, among those that look for something else. */
const neglects: readonly (readonly [Neglect, finds: (id: string) => boolean])[] = [
  ['masks', (id) => /^F1\.|^F15\.1$/.test(id)],
  ['UTF-8', (id) => isBadText(id) || /^7\.5\.1$|^C11$/.test(id)],
  ['reserved bits', (id) => /^3\.|^F15\.4$|^C3\.1$/.test(id)],
  ['reserved opcodes', (id) => /^4\.|^F15\.2$/.test(id)],
  ['close codes', (id) => /^7\.9\.|^C2$/.test(id)],
  ['order of fragments', isBadOrder],
  ['pongs', (id) => /^2\.([12346]|9|10|11)$|^5\.([678]|19|20)$|^F13$|^F14\.2$/.test(id)],
  ['the close reply', (id) => !isFailure(id)],
  // Where our FIN is answered, TCP is dropped all the same.
  ['dropping TCP', (id) => id !== 'C8'],
]

async function failuresOf(neglect: Neglect | 'nothing', onTestFinished: (end: () => Promise<void>) => void) {
  const server = await startCarelessEcho(neglect)
  onTestFinished(() => server.stop())
  const { results } = await runSuite(subjectOf(server.url, { patienceFactor: 2 }), choice)
  return results.filter((result) => !isGood(result, true)).map(({ id }) => id)
}

describe('a careless server', () => {
  test.concurrent('passes when it neglects nothing', async ({ expect, onTestFinished }) => {
    expect(await failuresOf('nothing', onTestFinished)).toEqual([])
  })

  test.concurrent.for(neglects)('that neglects %s fails the cases about it, and no other', async (row, context) => {
    const [neglect, finds] = row
    const expected = cases.map(({ id }) => id).filter(finds)
    context.expect(expected.length).toBeGreaterThan(0)
    context.expect(await failuresOf(neglect, context.onTestFinished)).toEqual(expected)
  })
})
