import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from './build.mjs'
import { install } from './install.mjs'
import { root } from './root.mjs'
import { Failure, main, runNode } from './run.mjs'

const bin = (path) => join(root, 'node_modules', path)
const tsc = (project) => runNode(bin('typescript/bin/tsc'), ['-p', project], { cwd: root, quiet: true })

/** Everything that is looked at without running the product. */
const checks = {
  'types of the packages': checkPackages,
  'types of the tests': () => tsc('tsconfig.tests.json'),
  'types of the web app': () => tsc('apps/web'),
  'lint and format': () =>
    runNode(bin('@biomejs/biome/bin/biome'), ['check', '--error-on-warnings'], { cwd: root, quiet: true }),
  'order of the layers': () =>
    runNode(bin('vitest/vitest.mjs'), ['run', 'packages/server/test/architecture.test.ts'], { cwd: root, quiet: true }),
  'lock files': checkLockFiles,
}

/** `npm run check`: types, lint, format, the order of the layers, the lock files. Says what failed, and why. */
await main(async () => {
  await install()
  const failed = []
  for (const [name, check] of Object.entries(checks)) {
    const { code, output } = await check()
    console.log(`${code === 0 ? '✓' : '✗'} ${name}`)
    if (code === 0) continue
    failed.push(name)
    process.stdout.write(output)
  }
  if (failed.length > 0) throw new Failure(`the check failed: ${failed.join(', ')}`)
})

/** The compiler sees all of a package only when it builds it. */
async function checkPackages() {
  try {
    await build({ force: true, only: 'packages' })
    return { code: 0, output: '' }
  } catch (error) {
    if (error instanceof Failure) return { code: 1, output: '' }
    throw error
  }
}

/** Addresses in a lock file tie it to the registry of the machine it was written on. */
function checkLockFiles() {
  const found = [
    'package-lock.json',
    'bench/package-lock.json',
    'compat/package-lock.json',
    'compat/next/package-lock.json',
  ].flatMap((path) =>
    readFileSync(join(root, path), 'utf8')
      .split('\n')
      .filter((line) => line.includes('"resolved": "http'))
      .map((line) => `${path}: ${line.trim()}\n`),
  )
  return { code: found.length === 0 ? 0 : 1, output: found.slice(0, 5).join('') }
}
