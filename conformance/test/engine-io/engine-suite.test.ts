import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server } from '@partyline/server'
import { Server as ReferenceServer } from 'socket.io'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { runEngineCli } from '../../src/engine-io/cli.ts'
import { type EngineRun, engineCases, engineReport, runEngineSuite } from '../../src/engine-io/engine-suite.ts'
import { type Place, places } from '../../src/engine-io/places.ts'
import { ourDifferences, referenceDifferences, unlisted } from './differences.ts'
import { type EnginePlaces, startPlaces } from './engine-program.ts'

const quiet = { warn: () => {}, error: () => {} }
const startOurs = (): Promise<EnginePlaces> =>
  startPlaces((options) => new Server({ logger: quiet, closeTimeoutMs: 1_000, ...options }) as never)
const startReference = (): Promise<EnginePlaces> => startPlaces((options) => new ReferenceServer(options) as never)

describe.each([
  ['our server', startOurs, ourDifferences],
  ['npm socket.io', startReference, referenceDifferences],
])('%s', (_, start, differences) => {
  let server: EnginePlaces
  let run: EngineRun

  beforeAll(async () => {
    server = await start()
    run = await runEngineSuite({ urls: server.urls, patienceMs: 20_000 })
  })
  afterAll(() => server.stop())

  test('fails the cases that are listed, for the reasons that are listed, and no other', () => {
    expect(run.omitted).toEqual([])
    expect(unlisted(run.results, differences)).toEqual([])
  })
})

describe('the list of differences', () => {
  test('has a reason for each', () => {
    for (const { reason } of [...ourDifferences, ...referenceDifferences]) expect(reason).not.toBe('')
  })

  test('notices a failure that is not listed, one for another reason, one that passes, and one that is gone', () => {
    const result = (id: string, ...faults: string[]) => ({ id, title: 'it', at: 'main' as const, ms: 1, faults })
    const listed = ['1.1', '1.2', '1.3', '1.4'].map((id) => ({ ids: [id], fault: 'this', reason: 'so' }))
    const results = [result('1.1', 'this way'), result('1.2', 'that'), result('1.3'), result('1.5', 'this')]
    expect(unlisted(results, listed)).toEqual([
      '1.2 (it): that',
      '1.3 (it) is listed, and passes',
      '1.5 (it): this',
      '1.4 is listed, and was not run',
    ])
  })
})

/** A server that speaks no Engine.IO at all. */
async function startStranger(): Promise<string> {
  const server = createServer((_request, response) => response.writeHead(404, { Connection: 'close' }).end('not found'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/socket.io/`
}

describe('the suite', () => {
  test('gives every case an id and a title of its own, and every place a case', () => {
    expect(new Set(engineCases.map(({ id }) => id)).size).toBe(engineCases.length)
    expect(new Set(engineCases.map(({ id, title }) => `${id.replace(/\.\d+$/, '')} ${title}`)).size).toBe(
      engineCases.length,
    )
    expect(new Set(engineCases.map(({ at }) => at))).toEqual(new Set(Object.keys(places)))
  })

  test('has cases in every section from 1.1 to 1.12', () => {
    const sections = new Set(engineCases.map(({ id }) => Number(/^1\.(\d+)/.exec(id)?.[1])))
    expect([...sections]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
  })

  test('has no case that a server passes which speaks no Engine.IO', async () => {
    const url = await startStranger()
    const urls = Object.fromEntries(Object.keys(places).map((place) => [place, url])) as Record<Place, string>
    const { results } = await runEngineSuite({ urls, patienceMs: 1_000 })
    expect(results.filter(({ faults }) => faults.length === 0)).toEqual([])
    expect(results).toHaveLength(engineCases.length)
  })

  test('runs the cases of the places it is told, and says which are left out and how they could be run', async () => {
    const url = await startStranger()
    const run = await runEngineSuite({ urls: { cookie: url }, patienceMs: 1_000 })
    expect(run.results.map(({ at }) => at)).toEqual(['cookie'])
    expect(engineReport(run)).toMatch(/--at "brisk=URL" \(pingInterval 300, pingTimeout 200\): 1\.4\.\d+/)
  })
})

describe('the command line', () => {
  const runCli = async (...args: string[]): Promise<{ exitCode: number; output: string }> => {
    let output = ''
    const exitCode = await runEngineCli(args, (text) => {
      output += text
    })
    return { exitCode, output }
  }

  test('ends with 0 and counts when everything passes', async () => {
    const server = await startOurs()
    onTestFinished(() => server.stop())
    const { main, named } = server.urls
    const { exitCode, output } = await runCli(main, '--at', `named=${named}`, '--section', '1.2')
    expect(output).toBe('5 passed, 0 failed, 0 not run\n')
    expect(exitCode).toBe(0)
  })

  test('ends with 1 and names the cases and their faults when something fails', async () => {
    const url = await startStranger()
    const { exitCode, output } = await runCli(url, '--section', '1.12', '--patience', '1000')
    expect(output).toMatch(
      /^1\.12\.1 {2}a WebSocket message as long as maxPayload is taken\n {4}the upgrade is refused/m,
    )
    expect(output).toMatch(/^0 passed, 4 failed, 0 not run$/m)
    expect(exitCode).toBe(1)
  })

  test('takes section 1.1 for that alone, not for those behind 1.9', async () => {
    const url = await startStranger()
    const { output } = await runCli(url, '--section', '1.1', '--patience', '1000')
    expect(output).not.toMatch(/^1\.1[0-2]\./m)
  })

  test('refuses a place there is not', async () => {
    await expect(runCli('http://127.0.0.1/', '--at', 'elsewhere=http://127.0.0.1/')).rejects.toThrow(
      'There is no place elsewhere',
    )
  })
})
