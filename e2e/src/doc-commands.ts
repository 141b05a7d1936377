import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { runPartyline } from './partyline.ts'
import { type Running, run } from './process.ts'
import { until } from './until.ts'

const root = join(import.meta.dirname, '../..')

/** Where commands are run, and what of this machine they get in place of what stands on the page. */
export interface Surroundings {
  readonly folder: string
  /** Puts ports and files of this machine in. */
  readonly inThisPlace: (text: string) => string
  /** Says what could not be run here. */
  readonly note: (text: string) => Promise<unknown>
}

/** Runs one command of a page as somebody types it, and throws where it does not do what such a command does. */
export async function follow(command: string, surroundings: Surroundings): Promise<void> {
  const { env, words, program } = parse(command)
  const here = surroundings.inThisPlace(command)
  if (program === 'npm') return followNpm(words, env, here, surroundings)
  if (program === 'npx' && words[1] === 'partyline') return followPartyline(words.slice(2), env)
  if (program === 'curl') return followCurl(here, surroundings.folder)
  if (program === 'websocat') return followWebsocat(here, surroundings)
  throw new Error(`nobody knows how to follow: ${command}`)
}

function parse(command: string): { env: Record<string, string>; words: string[]; program: string } {
  const all = command.split(/\s+/)
  const count = all.findIndex((word) => !/^[A-Z_]+=/.test(word))
  const env = Object.fromEntries(all.slice(0, count).map((word) => word.split('=') as [string, string]))
  const words = all.slice(count)
  return { env, words, program: words[0] ?? '' }
}

/** What npm runs around the command has tests of its own, as has what is installed. */
async function followNpm(
  [, verb, ...rest]: readonly string[],
  env: Readonly<Record<string, string>>,
  here: string,
  { inThisPlace }: Surroundings,
): Promise<void> {
  if (verb === 'start') return followPartyline(rest.slice(1).map(inThisPlace), env)
  if (verb === 'install') {
    const names = rest.filter((word) => !word.startsWith('-'))
    for (const name of names) expect(known(name), `${name} is no package of this workspace`).toBe(true)
    return
  }
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  expect(Object.keys(scripts), here).toContain(verb === 'run' ? rest[0] : verb)
}

/** The built command: it says where it listens, and is well. */
async function followPartyline(args: readonly string[], env: Readonly<Record<string, string>>): Promise<void> {
  const server = runPartyline(args, { env: { PORT: '0', ...env } })
  if (args.includes('--help')) {
    expect(await server.exited).toBe(0)
    return
  }
  await server.untilSaid('"msg":"listening"')
  const { urls } = JSON.parse(server.output.stdout.split('\n').find((line) => line.includes('"listening"')) ?? '')
  const answer = run('curl', ['-sSk', '--fail-with-body', `${urls.chat}/health`])
  expect(await answer.exited, answer.output.stderr).toBe(0)
}

const known = (name: string): boolean => existsSync(join(root, 'node_modules', name, 'package.json'))

/** It ends well with an answer in JSON, or, where it listens, says an event. */
async function followCurl(here: string, folder: string): Promise<void> {
  writeFileSync(join(folder, '.curlrc'), 'silent\nshow-error\nfail-with-body\n')
  const curl = run('sh', ['-c', `exec ${here}`], { cwd: folder, env: { CURL_HOME: folder } })
  if (here.includes('text/event-stream')) return curl.untilSaid(/^id: ?\S+\n/m)
  expect(await curl.exited, `${here}: ${curl.output.stdout}${curl.output.stderr}`).toBe(0)
  JSON.parse(curl.output.stdout)
}

/** Where it is installed (Debian has none): what is typed comes back. */
async function followWebsocat(here: string, { folder, note }: Surroundings): Promise<void> {
  if (spawnSync('websocat', ['--version']).error !== undefined) {
    await note(`websocat is not installed, so nobody has tried: ${here}`)
    return
  }
  const websocat: Running = run('sh', ['-c', `exec ${here}`], { cwd: folder })
  websocat.child.stdin?.write('hello from websocat\n')
  await until(
    () => websocat.output.stdout,
    (said) => said.includes('hello from websocat'),
  )
}
