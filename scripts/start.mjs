import { join } from 'node:path'
import { argv, execPath } from 'node:process'
import { pathToFileURL } from 'node:url'
import { build } from './build.mjs'
import { install } from './install.mjs'
import { root } from './root.mjs'
import { main } from './run.mjs'

/** `npm start [-- arguments]`: installs and builds where that is due, then is the `partyline` command, in this very process. */
await main(async () => {
  await install()
  await build()
  const bin = join(root, 'packages/partyline/dist/esm/bin.js')
  argv.splice(0, 2, execPath, bin)
  await import(pathToFileURL(bin).href)
})
