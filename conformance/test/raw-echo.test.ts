import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isTorture, runs } from '../../test/torture.ts'
import {
  type Case,
  casesFor,
  isGood,
  type Result,
  type RunOptions,
  runSuite,
  type Subject,
  subjectOf,
} from '../src/index.ts'
import { knownDifference } from './layer-differences.ts'
import { type RawEcho, startRawEcho } from './raw-echo.ts'

/** Patience costs nothing while the server is right, and the machine may be busy. */
const patienceFactor = 20
const mebibyte = 1_048_576
const everything = Number.POSITIVE_INFINITY

interface Setting {
  readonly title: string
  readonly flags: readonly string[]
  readonly subject: Partial<Subject>
  readonly options: RunOptions
}

const takesOver = ['--deflate', '--deflate-takeover', '--deflate-threshold-bytes', '0']
const isNumbered = ({ group }: Case) => /^\d+$/.test(group)
const isAboutMemory = ({ id }: Case) => /^D(22|25)\b/.test(id)

/** The rows with 1000 messages have fewer of the large ones in `npm test`, and all in `npm run torture`. */
const settings: readonly Setting[] = [
  {
    title: 'as it is by default, compressing',
    flags: ['--deflate'],
    subject: { maxPayloadBytes: 16 * mebibyte, caseBytes: runs(8192, everything), idleConnections: 50 },
    options: {},
  },
  {
    title: 'referring back, and compressing all',
    flags: takesOver,
    subject: { maxPayloadBytes: 16 * mebibyte, caseBytes: runs(mebibyte / 4, everything), idleConnections: 50 },
    options: { chosen: ['12', '13', 'deflate'] },
  },
  {
    title: 'with a low limit',
    flags: [...takesOver, '--max-payload-bytes', '1000000'],
    subject: { maxPayloadBytes: 1_000_000, idleConnections: runs(300, 10_000) },
    options: { only: (each) => isAboutMemory(each) || /^F[67]\b/.test(each.id) },
  },
  {
    title: 'in single bytes',
    flags: [],
    subject: { maxPayloadBytes: 16 * mebibyte, isSingleBytes: true },
    options: { only: isNumbered },
  },
]

describe.each(settings)('examples/raw-echo, $title', ({ flags, subject, options }) => {
  let server: RawEcho
  const results = new Map<string, Result>()

  beforeAll(
    async () => {
      server = await startRawEcho(...flags)
      const told = subjectOf(server.url, { ...subject, serverPid: server.pid, patienceFactor })
      for (const result of (await runSuite(told, options)).results) results.set(result.id, result)
    },
    isTorture ? 3_600_000 : 240_000,
  )
  afterAll(() => server?.stop())

  const { cases } = casesFor(subjectOf('ws://127.0.0.1/', { ...subject, serverPid: 1 }), options)
  // A server may answer plainly whatever it agreed to: all would pass.
  if (cases.some(({ id }) => id === '12.1.9')) {
    test('compresses messages of 64 KiB', () => {
      expect(results.get('12.1.9')?.remarks[0]).toMatch(/^(\d+) of \1 answers compressed/)
    })
  }

  test.each(cases.map(({ id, title }) => [id, title]))('passes %s: %s', (id) => {
    const result = results.get(id) as Result
    expect(isGood(result) || knownDifference(result) !== undefined, `${JSON.stringify(result)}`).toBe(true)
  })
})
