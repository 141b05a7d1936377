import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import { root } from './root.mjs'
import { Failure, main, runNode } from './run.mjs'

const stampFile = join(root, 'node_modules', '.built')
const packages = readdirSync(join(root, 'packages')).filter((name) =>
  existsSync(join(root, 'packages', name, 'tsconfig.json')),
)

/** What decides how the packages are compiled. */
const settings = [
  'tsconfig.json',
  'tsconfig.base.json',
  'package-lock.json',
  ...packages.flatMap((name) =>
    ['package.json', 'tsconfig.json', 'tsconfig.cjs.json'].map((path) => `packages/${name}/${path}`),
  ),
]

/** The things that are built: what goes in, what shows that it was built, and how. */
const products = {
  packages: {
    inputs: [...settings, ...packages.map((name) => `packages/${name}/src`)],
    proofs: packages.map((name) => `packages/${name}/dist/esm.tsbuildinfo`),
    build: buildPackages,
  },
  web: {
    inputs: [
      'tsconfig.base.json',
      'package-lock.json',
      ...['package.json', 'tsconfig.json', 'vite.config.ts', 'index.html', 'public', 'src'].map(
        (path) => `apps/web/${path}`,
      ),
      'packages/protocol/src',
      'packages/client/src',
    ],
    proofs: ['packages/partyline/dist/web/index.html'],
    build: buildWeb,
  },
  bundle: {
    inputs: [
      'package-lock.json',
      'packages/client/vite.config.ts',
      'packages/client/package.json',
      'packages/protocol/src',
      'packages/client/src',
    ],
    proofs: ['partyline.min.js', 'partyline.esm.min.js'].map((name) => `packages/client/dist/browser/${name}`),
    build: buildBundle,
  },
}

/** Builds what changed since the last build; with `force`, everything. `only` names one of the products. */
export async function build({ force = false, only = Object.keys(products) } = {}) {
  const stamps = existsSync(stampFile) ? JSON.parse(readFileSync(stampFile, 'utf8')) : {}
  const stale = [only].flat().filter((name) => {
    const { inputs, proofs } = products[name]
    return force || stamps[name] !== stampOf(inputs) || !proofs.every((path) => existsSync(join(root, path)))
  })
  if (stale.length === 0) return

  // The compiler trusts its build info: it overlooks an output that is gone, and a setting that changed.
  const settingsStamp = stampOf(settings)
  const isClean = force || stamps.settings !== settingsStamp
  console.error(`partyline: building ${stale.join(' and ')} …`)
  await Promise.all(
    stale.map(async (name) => {
      // Taken before the build: a source that is changed while it runs is built again the next time.
      const stamp = stampOf(products[name].inputs)
      const { code, output } = await products[name].build(isClean)
      if (code === 0) stamps[name] = stamp
      else delete stamps[name]
      if (code !== 0) process.stderr.write(output)
    }),
  )
  if (stale.includes('packages') && stamps.packages !== undefined) stamps.settings = settingsStamp
  writeFileSync(stampFile, JSON.stringify(stamps))
  const failed = stale.filter((name) => stamps[name] === undefined)
  if (failed.length > 0) throw new Failure(`the build of ${failed.join(' and ')} failed, the reason is above`)
}

async function buildPackages(isClean) {
  for (const name of packages) removeOrphans(join(root, 'packages', name))
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const result = await runNode(tsc, ['-b', ...(isClean ? ['--force'] : [])], { cwd: root, quiet: true })
  for (const name of packages) {
    const folder = join(root, 'packages', name)
    if (!existsSync(join(folder, 'tsconfig.cjs.json'))) continue
    mkdirSync(join(folder, 'dist/cjs'), { recursive: true })
    writeFileSync(join(folder, 'dist/cjs/package.json'), '{"type":"commonjs"}\n')
  }
  return result
}

function buildWeb() {
  const vite = join(root, 'node_modules/vite/bin/vite.js')
  return runNode(vite, ['build', '--logLevel', 'warn'], { cwd: join(root, 'apps/web'), quiet: true })
}

/** The client in one file, for pages without a bundler. */
function buildBundle() {
  const vite = join(root, 'node_modules/vite/bin/vite.js')
  return runNode(vite, ['build', '--logLevel', 'warn'], { cwd: join(root, 'packages/client'), quiet: true })
}

/** `tsc -b` keeps the outputs of sources that are gone: a renamed module would stay importable here, and nowhere else. */
function removeOrphans(folder) {
  for (const output of ['dist/esm', 'dist/cjs']) {
    for (const path of files(join(folder, output))) {
      const [, stem] = /^(.*?)(?:\.d\.ts|\.js)(?:\.map)?$/.exec(path) ?? []
      if (stem === undefined) continue
      const source = join(folder, 'src', stem.slice(join(folder, output).length))
      if (!existsSync(`${source}.ts`) && !existsSync(`${source}.tsx`)) rmSync(path)
    }
  }
}

function stampOf(inputs) {
  const hash = createHash('sha256')
  for (const path of inputs.flatMap((input) => files(join(root, input)))) {
    const { mtimeMs, size } = statSync(path)
    hash.update(`${path} ${mtimeMs} ${size}\n`)
  }
  return hash.digest('hex')
}

/** Every file under the path, in a stable order, without what is installed or built. */
function files(path) {
  if (!existsSync(path)) return []
  if (statSync(path).isFile()) return [path]
  return readdirSync(path)
    .filter((name) => name !== 'node_modules' && name !== 'dist')
    .sort()
    .flatMap((name) => files(join(path, name)))
}

if (argv[1] === fileURLToPath(import.meta.url)) await main(() => build({ force: true }))
