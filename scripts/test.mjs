import { join } from 'node:path'
import { build } from './build.mjs'
import { install } from './install.mjs'
import { root } from './root.mjs'
import { main, runNode } from './run.mjs'
import { provideSystemNeeds } from './system.mjs'

/** `npm test [-- arguments for vitest]`: installs and builds where that is due, then runs every test. `--torture`: for much longer. */
await main(async () => {
  const args = process.argv.slice(2)
  const isTorture = args.includes('--torture')
  await install()
  await Promise.all([build(), provideSystemNeeds()])

  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const { code } = await runNode(vitest, ['run', ...args.filter((arg) => arg !== '--torture')], {
    cwd: root,
    env: isTorture ? { PARTYLINE_TORTURE: '1' } : {},
  })
  process.exitCode ||= code
})
