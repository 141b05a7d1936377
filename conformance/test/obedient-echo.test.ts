import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Case, casesFor, isGood, type Result, runSuite, subjectOf } from '../src/index.ts'
import type { EchoServer } from './echo-server.ts'
import { obedientFacts, startObedientEcho } from './obedient-echo.ts'

/** The cases for which something has to be known of the server, or asked of it; it does not compress. */
const choice = { only: ({ needs, group }: Case) => needs.length > 0 && group !== 'deflate' }

describe('an echo server that obeys', () => {
  let server: EchoServer
  const results = new Map<string, Result>()

  beforeAll(async () => {
    server = await startObedientEcho()
    const subject = subjectOf(server.url, { ...obedientFacts, patienceFactor: 20 })
    for (const result of (await runSuite(subject, choice)).results) results.set(result.id, result)
  }, 120_000)
  afterAll(() => server?.stop())

  const { cases, omitted } = casesFor(subjectOf('ws://127.0.0.1/', obedientFacts), choice)

  test('leaves no case out', () => {
    expect(omitted).toEqual([])
  })

  test.each(cases.map(({ id, title }) => [id, title]))('passes %s: %s', (id) => {
    const result = results.get(id) as Result
    expect(isGood(result), `${JSON.stringify(result)}`).toBe(true)
  })
})
