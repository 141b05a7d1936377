import { join } from 'node:path'
import { build } from './build.mjs'
import { install } from './install.mjs'
import { root } from './root.mjs'
import { main, runNode } from './run.mjs'

/** `npm run bench [-- arguments]`: builds the packages, installs the peers we are compared with, and measures. */
await main(async () => {
  const bench = join(root, 'bench')
  await install()
  await build({ only: 'packages' })
  await install(bench)
  const { code } = await runNode(join(bench, 'run.mjs'), process.argv.slice(2), { cwd: root })
  process.exitCode ||= code
})
