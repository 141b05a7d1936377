import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runCli } from '../src/cli.ts'
import { casesFor, isGood, type Result, runSuite, subjectOf } from '../src/index.ts'
import { type SecureEcho, startSecureEcho } from './secure-echo.ts'

const chosen = ['1', '2', '3', '4', '5', '6', '7'] as const
const facts = { maxPayloadBytes: 1_000_000, patienceFactor: 6 }

let server: SecureEcho
beforeAll(async () => {
  server = await startSecureEcho({ maxPayloadBytes: facts.maxPayloadBytes })
})
afterAll(() => server?.stop())

describe('an echo server on our layer, behind TLS', () => {
  const results = new Map<string, Result>()

  beforeAll(async () => {
    const subject = subjectOf(server.url, { ...facts, tls: { ca: server.certificate } })
    for (const result of (await runSuite(subject, { chosen })).results) results.set(result.id, result)
  }, 180_000)

  const { cases } = casesFor(subjectOf('wss://127.0.0.1/', facts), { chosen })
  test.each(cases.map(({ id, title }) => [id, title]))('passes %s: %s', (id) => {
    const result = results.get(id) as Result
    expect(isGood(result), `${JSON.stringify(result)}`).toBe(true)
  })
})

describe('the command line, with a wss: URL', () => {
  const run = async (...args: string[]) => {
    let output = ''
    const exitCode = await runCli([server.url, '--group', '2', '--patience', '5', ...args], (text) => {
      output += text
    })
    return { exitCode, output }
  }

  test('does not believe a certificate that nobody vouches for', async () => {
    const { exitCode, output } = await run()
    expect(output).toMatch(/^2\.1 +FAILED +FAILED .*self-signed certificate/m)
    expect(exitCode).toBe(1)
  })

  test('believes it when told to', async () => {
    const { exitCode, output } = await run('--insecure')
    expect(output).toMatch(/^11 passed, 0 failed$/m)
    expect(exitCode).toBe(0)
  })

  test('believes the certificates of a file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'partyline-conformance-'))
    try {
      const file = join(folder, 'certificate.pem')
      await writeFile(file, server.certificate)
      const { exitCode, output } = await run('--ca', file)
      expect(output).toMatch(/^11 passed, 0 failed$/m)
      expect(exitCode).toBe(0)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
