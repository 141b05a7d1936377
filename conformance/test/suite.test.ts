import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { runCli } from '../src/cli.ts'
import { allCases, type SuiteRun } from '../src/index.ts'
import { startCarelessEcho } from './careless-echo.ts'
import { startWsEcho } from './ws-echo.ts'

const numbered = allCases.filter(({ id }) => /^\d+(\.\d+)+$/.test(id))

/** How many cases the case list has in each section. */
const sections: readonly (readonly [section: string, cases: number])[] = [
  ['1.1', 8],
  ['1.2', 8],
  ['2', 11],
  ['3', 7],
  ['4.1', 5],
  ['4.2', 5],
  ['5', 20],
  ['6.1', 3],
  ['6.2', 4],
  ['6.3', 2],
  ['6.4', 4],
  ['6', 145],
  ['6.22', 34],
  ['7.1', 6],
  ['7.3', 6],
  ['7.5', 1],
  ['7.7', 13],
  ['7.9', 9],
  ['7.13', 2],
  ['10', 1],
]

describe('the suite', () => {
  test('has the 247 numbered cases of groups 1 to 7 and 10', () => {
    expect(numbered).toHaveLength(247)
  })

  test.each(sections)('has in section %s %i cases', (section, count) => {
    expect(numbered.filter(({ id }) => id.startsWith(`${section}.`))).toHaveLength(count)
  })

  test.each([
    ['handshake', 'H', 23],
    ['framing', 'F', 15],
    ['closing', 'C', 14],
  ])('has every row of the %s table', (group, letter, count) => {
    const rows = new Set(allCases.filter((each) => each.group === group).map(({ id }) => id.split('.')[0]))
    expect([...rows].sort()).toEqual(Array.from({ length: count }, (_, index) => `${letter}${index + 1}`).sort())
  })

  test('gives every case an id of its own', () => {
    expect(new Set(allCases.map(({ id }) => id)).size).toBe(allCases.length)
  })
})

describe('the command line', () => {
  const run = async (...args: string[]) => {
    let output = ''
    const exitCode = await runCli(args, (text) => {
      output += text
    })
    return { exitCode, output }
  }

  test('ends with 0 and counts when everything passes', async () => {
    const server = await startWsEcho(1_000_000)
    onTestFinished(() => server.stop())
    const { exitCode, output } = await run(server.url, '--group', '2', '--single-bytes', '--patience', '5')
    expect(output).toBe('11 passed, 0 failed\n')
    expect(exitCode).toBe(0)
  })

  test('ends with 1 and names the cases, both verdicts and the reason when something fails', async () => {
    const server = await startCarelessEcho('pongs')
    onTestFinished(() => server.stop())
    const { exitCode, output } = await run(server.url, '--group', '2')
    expect(output).toMatch(
      /^2\.2 +FAILED +OK +\d+ +ping with text: received nothing, not pong <48656c6c6f2c20776f726c6421>/m,
    )
    expect(output).toMatch(/3 passed, 8 failed\n$/)
    expect(exitCode).toBe(1)
  })

  test('takes what is only tolerated for a failure, unless it is told to be lenient', async () => {
    const server = await startCarelessEcho('nothing')
    onTestFinished(() => server.stop())
    const strict = await run(server.url, '--group', '6', '--patience', '5')
    expect(strict.output).toMatch(/^6\.4\.3 +NON-STRICT +OK/m)
    expect(strict.exitCode).toBe(1)
    const lenient = await run(server.url, '--group', '6', '--patience', '5', '--lenient')
    expect(lenient.output).toBe('145 passed, 0 failed\n')
    expect(lenient.exitCode).toBe(0)
  })

  test('writes all verdicts as JSON', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'partyline-conformance-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const server = await startWsEcho(1_000_000)
    onTestFinished(() => server.stop())
    const file = join(folder, 'verdicts.json')
    await run(server.url, '--group', '10', '--patience', '5', '--json', file)
    const { results }: SuiteRun = JSON.parse(await readFile(file, 'utf8'))
    expect(results).toMatchObject([{ id: '10.1.1', behaviour: 'OK', close: 'OK' }])
  })

  test('says which fact a case was not run for', async () => {
    const server = await startWsEcho(1_000_000)
    onTestFinished(() => server.stop())
    const { output } = await run(server.url, '--group', 'closing', '--patience', '5')
    expect(output).toMatch(/not run, because not told \(.*--close-command.*\): .*C5/)
  })

  test('refuses a group there is not, and a URL it cannot speak to', async () => {
    await expect(run('ws://127.0.0.1/', '--group', '8')).rejects.toThrow('There is no group 8')
    await expect(run('https://127.0.0.1/')).rejects.toThrow('ws: URLs')
  })

  test('fails every case when nothing listens there', async () => {
    const server = await startWsEcho(1_000_000)
    await server.stop()
    const { exitCode, output } = await run(server.url, '--group', '1')
    expect(output).toMatch(/^1\.1\.1 +FAILED +FAILED .*ECONNREFUSED/m)
    expect(exitCode).toBe(1)
  })
})
