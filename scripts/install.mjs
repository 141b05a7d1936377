import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './root.mjs'
import { Failure, run, runNode } from './run.mjs'

/** Makes sure that what the folder's lock file names is installed, for this system and this Node. Does nothing when it is. */
export async function install(folder = root) {
  const lockFile = join(folder, 'package-lock.json')
  const stampFile = join(folder, 'node_modules', '.installed')
  if (!existsSync(lockFile)) throw new Failure(`${lockFile} is missing, so nothing can be installed`)
  const stamp = stampOf(lockFile)
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return

  console.error(`partyline: installing dependencies${folder === root ? '' : ` of ${folder}`} (npm ci) …`)
  const { code, output } = await npm(['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'], folder)
  if (code !== 0) {
    process.stderr.write(output)
    throw new Failure('npm ci failed, the reason is above')
  }
  writeFileSync(stampFile, stamp)
}

/** Native packages differ by system and may differ by Node, so both belong to the stamp. */
function stampOf(lockFile) {
  const [major] = process.versions.node.split('.')
  const hash = createHash('sha256').update(readFileSync(lockFile))
  return `${hash.digest('hex')} ${process.platform}-${process.arch} node${major}\n`
}

/** The npm that started us when there is one: it is the one people chose. */
function npm(args, cwd) {
  const script = process.env.npm_execpath
  const isNpm = script !== undefined && /npm-cli\.c?js$/.test(script)
  return isNpm ? runNode(script, args, { cwd, quiet: true }) : run('npm', args, { cwd, quiet: true })
}
