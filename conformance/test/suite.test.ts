import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { runCli } from '../src/cli.ts'
import { allCases, casesFor, report, type SuiteRun, subjectOf } from '../src/index.ts'
import { startCarelessEcho } from './careless-echo.ts'
import { startWsEcho } from './ws-echo.ts'

const numbered = allCases.filter(({ id }) => /^\d+(\.\d+)+$/.test(id)).map(({ id }) => id)

/** How many rows the case list has in each of its smallest sections: `section.1`, `section.2` and so on. */
const sections: Readonly<Record<string, number>> = {
  ...{ 1.1: 8, 1.2: 8, 2: 11, 3: 7, 4.1: 5, 4.2: 5, 5: 20 },
  ...{ 6.1: 3, 6.2: 4, 6.3: 2, 6.4: 4, 6.5: 5, 6.6: 11, 6.7: 4, 6.8: 2, 6.9: 4, '6.10': 3, 6.11: 5, 6.12: 8 },
  ...{ 6.13: 5, 6.14: 10, 6.15: 1, 6.16: 3, 6.17: 5, 6.18: 5, 6.19: 5, '6.20': 7, 6.21: 8, 6.22: 34, 6.23: 7 },
  ...{ 7.1: 6, 7.3: 6, 7.5: 1, 7.7: 13, 7.9: 9, 7.13: 2 },
  ...{ 9.1: 6, 9.2: 6, 9.3: 9, 9.4: 9, 9.5: 6, 9.6: 6, 9.7: 6, 9.8: 6 },
  10.1: 1,
  ...{ 12.1: 18, 12.2: 18, 12.3: 18, 12.4: 18, 12.5: 18 },
  ...{ 13.1: 18, 13.2: 18, 13.3: 18, 13.4: 18, 13.5: 18, 13.6: 18, 13.7: 18 },
}

/** And in each group. */
const groupSizes = { 1: 16, 2: 11, 3: 7, 4: 10, 5: 20, 6: 145, 7: 37, 9: 54, 10: 1, 12: 90, 13: 126 }

describe('the suite', () => {
  test('has exactly 517 numbered cases', () => {
    expect(numbered).toHaveLength(517)
  })

  test('has the case of every row of the case list, and no other', () => {
    const rows = Object.entries(sections).flatMap(([section, count]) =>
      Array.from({ length: count }, (_, index) => `${section}.${index + 1}`),
    )
    expect([...numbered].sort()).toEqual(rows.sort())
  })

  test.each(Object.entries(groupSizes))('has in group %s %i cases', (group, count) => {
    expect(numbered.filter((id) => id.startsWith(`${group}.`))).toHaveLength(count)
  })

  test.each([
    ['handshake', 'H', 23],
    ['framing', 'F', 15],
    ['closing', 'C', 14],
    ['deflate', 'D', 25],
  ])('has every row of the %s table', (group, letter, count) => {
    const rows = new Set(allCases.filter((each) => each.group === group).map(({ id }) => id.split('.')[0]))
    expect([...rows].sort()).toEqual(Array.from({ length: count }, (_, index) => `${letter}${index + 1}`).sort())
  })

  test('gives every case an id of its own', () => {
    expect(new Set(allCases.map(({ id }) => id)).size).toBe(allCases.length)
  })

  test('leaves out what is longer than the server takes, and says so', () => {
    const { cases, omitted } = casesFor(subjectOf('ws://127.0.0.1/', { maxPayloadBytes: 1_048_576 }), { chosen: ['9'] })
    expect(omitted.map(({ id }) => id)).toEqual([
      ...['9.1.4', '9.1.5', '9.1.6', '9.2.4', '9.2.5', '9.2.6'],
      ...[3, 4].flatMap((section) => Array.from({ length: 9 }, (_, index) => `9.${section}.${index + 1}`)),
    ])
    expect(cases).toHaveLength(54 - omitted.length)
    expect(report({ results: [], omitted }, false)).toContain('takes only shorter messages: 9.1.4, 9.1.5')
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
    expect(output).toMatch(
      /^group +passed +failed +unimplemented +not run +seconds\n2 +11 +0 +0 +0 +[\d.]+\n11 passed, 0 failed\n$/,
    )
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
    expect(lenient.output).toMatch(/^145 passed, 0 failed$/m)
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

  test('counts what a server without compression does not implement, and does not fail it', async () => {
    const server = await startWsEcho(1_000_000)
    onTestFinished(() => server.stop())
    const { exitCode, output } = await run(server.url, '--group', '13', '--patience', '5')
    expect(output).toMatch(/\n0 passed, 0 failed, 126 unimplemented\n$/)
    expect(exitCode).toBe(0)
  })

  test('writes in chops that come again, to a server that compresses', async () => {
    const server = await startWsEcho(1_000_000, true)
    onTestFinished(() => server.stop())
    const manners = ['--chop-seed', '7', '--case-bytes', '1024', '--idle-connections', '3', '--patience', '5']
    const { output } = await run(
      server.url,
      '--group',
      'deflate',
      '--lenient',
      '--max-payload-bytes',
      '1000000',
      ...manners,
    )
    const failed = [...output.matchAll(/^(\S+) +FAILED/gm)].map(([, id]) => id)
    expect(failed).toEqual(['D2.7', 'D2.12', 'D2.25', 'D17', 'D20.3'])
  })

  test('says which fact a case was not run for', async () => {
    const server = await startWsEcho(1_000_000)
    onTestFinished(() => server.stop())
    const { output } = await run(server.url, '--group', 'closing', '--patience', '5')
    expect(output).toMatch(/not run, because not told \(.*--close-command.*\): .*C5/)
  })

  test('refuses a group there is not, and a URL it cannot speak to', async () => {
    await expect(run('ws://127.0.0.1/', '--group', '8')).rejects.toThrow('There is no group 8')
    await expect(run('https://127.0.0.1/')).rejects.toThrow('ws: and wss: URLs')
  })

  test('fails every case when nothing listens there', async () => {
    const server = await startWsEcho(1_000_000)
    await server.stop()
    const { exitCode, output } = await run(server.url, '--group', '1')
    expect(output).toMatch(/^1\.1\.1 +FAILED +FAILED .*ECONNREFUSED/m)
    expect(exitCode).toBe(1)
  })
})
