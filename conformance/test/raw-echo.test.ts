import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { casesFor, isGood, type Result, runSuite, type SubjectFacts, subjectOf } from '../src/index.ts'
import type { EchoServer } from './echo-server.ts'
import { startRawEcho } from './raw-echo.ts'

const facts: SubjectFacts = { maxPayloadBytes: 1_000_000 }
/** Patience costs nothing while the server is right, and the machine may be busy. */
const patienceFactor = 6
const numbered = (group: string) => /^\d+$/.test(group)

let server: EchoServer
beforeAll(async () => {
  server = await startRawEcho(1_000_000)
})
afterAll(() => server?.stop())

const waysToWrite = [
  { title: 'whole', isSingleBytes: false },
  { title: 'in single bytes', isSingleBytes: true },
]

describe.each(waysToWrite)('examples/raw-echo, $title', ({ isSingleBytes }) => {
  const choice = { only: ({ group }: { group: string }) => !isSingleBytes || numbered(group) }
  const results = new Map<string, Result>()

  beforeAll(async () => {
    const subject = subjectOf(server.url, { ...facts, isSingleBytes, patienceFactor })
    for (const result of (await runSuite(subject, choice)).results) results.set(result.id, result)
  }, 180_000)

  const { cases } = casesFor(subjectOf('ws://127.0.0.1/', { ...facts, isSingleBytes }), choice)
  test.each(cases.map(({ id, title }) => [id, title]))('passes %s: %s', (id) => {
    const result = results.get(id) as Result
    expect(isGood(result), `${JSON.stringify(result)}`).toBe(true)
  })
})
