import { describe, test } from 'vitest'
import { type Case, isGood, type Result, type RunOptions, runSuite, subjectOf } from '../src/index.ts'
import { type Neglect, startCarelessEcho } from './careless-echo.ts'

/** What has nothing to do with what is neglected here: limits, floods, compression, and HTTP. */
const isBeyond = ({ id, group }: Case) =>
  ['9', '12', '13', 'handshake', 'deflate'].includes(group) || /^(F4|F5|F6|F7|F9|F10|F11|F12)\b/.test(id)

const choice = { only: (each: Case) => !isBeyond(each), concurrency: 64 }

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

/** Runs these cases against such a server, leniently: which ran, and which failed. */
async function outcome(neglect: Neglect | 'nothing', options: RunOptions, atEnd: (end: () => Promise<void>) => void) {
  const server = await startCarelessEcho(neglect)
  atEnd(() => server.stop())
  const { results: ran } = await runSuite(subjectOf(server.url, { patienceFactor: 2 }), options)
  return { ran, failures: ran.filter((result) => !isGood(result, true)).map(({ id }) => id) }
}

describe('a careless server', () => {
  test.concurrent('passes when it neglects nothing', async ({ expect, onTestFinished }) => {
    const { failures } = await outcome('nothing', choice, onTestFinished)
    expect(failures).toEqual([])
  })

  test.concurrent.for(neglects)('that neglects %s fails the cases about it, and no other', async (row, context) => {
    const [neglect, finds] = row
    const { failures, ran } = await outcome(neglect, choice, context.onTestFinished)
    const expected = ran.map(({ id }) => id).filter(finds)
    context.expect(expected.length).toBeGreaterThan(0)
    context.expect(failures).toEqual(expected)
  })

  test.concurrent('that looks at the key alone fails what has to be refused', async ({ expect, onTestFinished }) => {
    const isRefusal = ({ id }: Result) => /^H([23458]|1[012])\./.test(id)
    const { failures, ran } = await outcome('nothing', { chosen: ['handshake'] }, onTestFinished)
    expect(failures).toEqual(ran.filter(isRefusal).map(({ id }) => id))
  })

  test.concurrent('that knows no limits fails the cases about limits', async ({ expect, onTestFinished }) => {
    const only = ({ id }: Case) => /^(F4|F5|F6|F9|F11|F12)\b/.test(id)
    const { failures } = await outcome('nothing', { only }, onTestFinished)
    expect(failures).toEqual(['F4.1', 'F4.2', 'F4.3', 'F5', 'F6.1', 'F9.2', 'F11', 'F12'])
  }, 180_000)
})
