import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Mutation, mutations } from './mutations.ts'

const root = fileURLToPath(new URL('../../../..', import.meta.url))
const run = promisify(execFile)
let copy: string

const config = `export default {
  resolve: { conditions: ['@partyline/source'] },
  ssr: { resolve: { conditions: ['@partyline/source'] } },
  test: { include: ['packages/server/test/**/*.test.ts'], reporters: ['json'] },
}
`

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'partyline-mutations-'))
  await mkdir(join(copy, 'packages/server'), { recursive: true })
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'))
  for (const path of ['test', 'packages/server/src', 'packages/server/test', 'packages/server/package.json']) {
    await cp(join(root, path), join(copy, path), { recursive: true })
  }
  await writeFile(join(copy, 'vitest.config.mjs'), config)
})

afterAll(() => rm(copy, { recursive: true, force: true }))

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly title: string; readonly status: string }[]
  }[]
}

/** The titles of a file's tests that pass, and of those that fail, against the copy. */
async function judge(file: string): Promise<{ passed: string[]; failed: string[] }> {
  const args = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--root', copy, `packages/server/test/${file}`]
  const { stdout } = await run(process.execPath, args, { cwd: copy, maxBuffer: 64e6 }).catch((error) => error)
  const report = JSON.parse(stdout.slice(stdout.indexOf('{'))) as Report
  const results = report.testResults.flatMap(({ assertionResults }) => assertionResults)
  const titles = (status: string): string[] =>
    results.filter((each) => each.status === status).map(({ title }) => title)
  return { passed: titles('passed'), failed: titles('failed') }
}

async function mutated({ file, find, replace, test }: Mutation): Promise<string[]> {
  const path = join(copy, 'packages/server/src', file)
  const source = await readFile(path, 'utf8')
  expect(source.split(find), `${file} has this once: ${find}`).toHaveLength(2)
  await writeFile(
    path,
    source.replace(find, () => replace),
  )
  try {
    return (await judge(test[0])).failed
  } finally {
    await writeFile(path, source)
  }
}

describe('a rule that is taken away', () => {
  it.each([...new Set(mutations.map(({ test }) => test[0]))])(
    'has a test in %s, which passes as long as it is there',
    async (file) => {
      const { passed } = await judge(file)
      for (const { test } of mutations) {
        if (test[0] === file)
          expect(
            passed.some((title) => title.startsWith(test[1])),
            test[1],
          ).toBe(true)
      }
    },
  )

  it.each(mutations.map((mutation) => [mutation.rule, mutation] as const))(
    'fails its test: %s',
    async (_rule, mutation) => {
      const failed = await mutated(mutation)
      expect(failed.find((title) => title.startsWith(mutation.test[1]))).toBeDefined()
    },
  )
})
