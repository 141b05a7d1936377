import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { build } from './build.mjs'
import { install } from './install.mjs'
import { root } from './root.mjs'
import { Failure, main, run, runNode } from './run.mjs'

const compat = join(root, 'compat')
const next = join(compat, 'next')
const vitest = join(root, 'node_modules/vitest/vitest.mjs')

/** What is tried, by the name it has for `--only`. The Node of 20 is the last of 20.19, the oldest line that we promise. */
const trials = {
  20: () => tryNode('node20'),
  22: () => tryNode('node22'),
  24: () => tryNode('node24'),
  26: () => tryNode('node26'),
  next: tryNext,
}

/**
 * `npm run compat [-- --only 22,next]`: runs the unit and conformance tests on every Node that we promise, and a custom
 * server of Next.js beside us. Says for each how many passed and failed.
 */
await main(async () => {
  const names = chosen()
  if (names.some((name) => name !== 'next') && `${process.platform}-${process.arch}` !== 'linux-x64') {
    throw new Failure(
      `the Nodes in compat/ are those for Linux on x64, and this is ${process.platform} on ${process.arch}: ` +
        'install each Node by yourself and run npm test with it; --only next runs here too',
    )
  }
  await install()
  await build({ only: 'packages' })
  const rows = []
  for (const name of names) {
    rows.push(await trials[name]())
    console.log(rows.at(-1).text)
    if (process.exitCode > 128) return // a signal has ended it
  }
  if (rows.length > 1) console.log(['', ...rows.map(({ text }) => text)].join('\n'))
  if (rows.some(({ isGood }) => !isGood)) process.exitCode ||= 1
})

function chosen() {
  const all = Object.keys(trials)
  try {
    const { values } = parseArgs({ options: { only: { type: 'string' } } })
    const names = values.only?.split(',') ?? all
    const unknown = names.find((name) => !all.includes(name))
    if (unknown === undefined) return names
    throw new Error(`--only takes ${all.join(', ')} with commas between, not ${JSON.stringify(unknown)}`)
  } catch (error) {
    throw new Failure(error.message)
  }
}

async function tryNode(alias) {
  await install(compat)
  const node = join(compat, 'node_modules', alias, 'bin/node')
  const { code, output: version } = await run(node, ['--version'], { quiet: true })
  if (code !== 0) throw new Failure(`${node} does not run: ${version.trim()}`)
  const name = `Node ${version.trim().slice(1)}`
  console.error(`partyline: the unit and conformance tests on ${name} …`)
  const args = [vitest, 'run', '--project', 'unit', '--project', 'conformance']
  // whoever starts `node` by its name gets this one too
  const env = { PATH: `${dirname(node)}:${process.env.PATH ?? ''}` }
  return rowOf(name, await run(node, args, { cwd: root, env, quiet: true }))
}

async function tryNext() {
  await install(next)
  console.error('partyline: a custom server of Next.js beside us, in development and built …')
  return rowOf('Next.js', await runNode(join(next, 'check.mjs'), [], { cwd: next, quiet: true }))
}

/** How it went, by the count that stands last; what failed is shown as a whole. */
function rowOf(name, { code, output }) {
  const [passed, failed] =
    /^(\d+) passed, (\d+) failed$/m.exec(output.trimEnd().split('\n').at(-1) ?? '')?.slice(1) ?? []
  const isGood = code === 0 && failed === '0' && passed !== '0'
  if (!isGood) process.stdout.write(output)
  const count = passed === undefined ? `ended with ${code}` : `${passed} passed, ${failed} failed`
  return { isGood, text: `${name}: ${count}` }
}
