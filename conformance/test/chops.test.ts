import { createServer } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isTorture, runs } from '../../test/torture.ts'
import { casesFor, isGood, type Result, runSuite, subjectOf } from '../src/index.ts'
import { duplexPair } from './duplex-pair.ts'
import { type EchoServer, listenOnLoopback } from './echo-server.ts'
import { knownDifference } from './layer-differences.ts'
import { echoOn } from './layer-echo.ts'

/** `PARTYLINE_SEED=17` repeats a run; without it every run tries other chops. */
const firstSeed = Number(process.env.PARTYLINE_SEED ?? Date.now() % 1_000_000)
const seeds = Array.from({ length: process.env.PARTYLINE_SEED ? 1 : runs(1, 10) }, (_, index) => firstSeed + index)

const maxPayloadBytes = 16 * 1_048_576
const facts = { maxPayloadBytes, caseBytes: runs(32_768, 8 * 1_048_576), idleConnections: 20, patienceFactor: 6 }
const chosen = ['1', '5', '6', '9', '10', '12', '13', 'framing', 'deflate'] as const
/** What is about TCP, or about bytes that arrive with pauses. */
const choice = { chosen, only: ({ id }: { id: string }) => !/^(F2|F11|F12)\b/.test(id), concurrency: 8 }

/** Both ends in one process: the decoder gets exactly these chunks, which a kernel would join and cut as it likes. */
describe.each(seeds)('an echo server on our layer, in chops of seed %i', (chopSeed) => {
  let server: EchoServer
  const results = new Map<string, Result>()

  beforeAll(
    async () => {
      const http = createServer()
      const perMessageDeflate = { thresholdBytes: 0, serverNoContextTakeover: false, clientNoContextTakeover: false }
      echoOn(http, { maxPayloadBytes, perMessageDeflate })
      server = await listenOnLoopback(http)
      const connect = () => {
        const [ours, theirs] = duplexPair()
        http.emit('connection', theirs)
        return ours
      }
      const subject = subjectOf(server.url, { ...facts, connect, chopSeed })
      for (const result of (await runSuite(subject, choice)).results) results.set(result.id, result)
    },
    isTorture ? 1_800_000 : 240_000,
  )
  afterAll(() => server?.stop())

  const { cases } = casesFor(subjectOf('ws://127.0.0.1/', facts), choice)
  test.each(cases.map(({ id, title }) => [id, title]))('passes %s: %s', (id) => {
    const result = results.get(id) as Result
    expect(isGood(result) || knownDifference(result) !== undefined, `seed ${chopSeed}: ${JSON.stringify(result)}`).toBe(
      true,
    )
  })
})
