import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const require = createRequire(import.meta.url)

/** All arms, in the order in which they take their turns. */
export const armNames = [
  'ws',
  'ws-prebuilt',
  'socket.io',
  'bare',
  'uws',
  'bun',
  'partyline',
  'partyline-kept',
  'partyline-socket.io',
]

const bunProgram = () => join(packageFolder('bun'), 'bin', 'bun.exe')

/** Where it is not what the package says it is, it quietly runs a server in JavaScript. */
function uwsBinary() {
  const { platform, arch, versions } = process
  return join(
    packageFolder('@trufflesuite/uws-js-unofficial'),
    'binaries',
    `uws_${platform}_${arch}_${versions.modules}.node`,
  )
}

/** The program an arm's server is run with: the Node we run on, or the arm's own. */
export const programOf = (arm) => (arm === 'bun' ? bunProgram() : process.execPath)

/** Why an arm cannot be measured here; undefined where it can. */
export function missing(arm) {
  if (arm === 'uws' && !isThere(uwsBinary))
    return `its package has no binary for Node ${process.version} on this system`
  if (arm === 'bun' && !isThere(bunProgram))
    return 'its package has no binary for this system, or was installed without scripts'
  return undefined
}

function isThere(file) {
  try {
    return existsSync(file())
  } catch {
    return false
  }
}

const packageFolder = (name) => dirname(require.resolve(`${name}/package.json`))
