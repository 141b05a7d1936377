import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { blocksOf } from './src/doc-blocks.ts'
import { listeningPortOf } from './src/doc-programs.ts'
import { freePort } from './src/free-port.ts'
import { run } from './src/process.ts'
import { openWebSocket } from './src/web-socket.ts'

const root = join(import.meta.dirname, '..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const compiler = join(root, 'node_modules/typescript/bin/tsc')
const packages = ['protocol', 'server', 'client', 'partyline']

/** As in a shell of somebody's own: nothing of the npm that may have started these tests. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(npm_(package|lifecycle|command|config_local)|INIT_CWD)/.test(name),
  ),
)

let folder: string
const npm = (...args: readonly string[]) =>
  promisify(execFile)('npm', [...args, '--ignore-scripts', '--loglevel=error'], { cwd: folder, env })

/** An empty folder with the packed packages in it, and what README says is to be installed beside them. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'partyline-packed-'))
  await npm('pack', ...packages.map((name) => join(root, 'packages', name)))
  const files = readdirSync(folder).filter((name) => name.endsWith('.tgz'))
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
  const quickly = ['--prefer-offline', '--no-audit', '--no-fund']
  await npm('install', ...quickly, ...files.map((file) => `./${file}`), 'ws')
})
afterAll(() => rmSync(folder, { recursive: true }))

/** A program of README, as it stands there but for its port. */
function programOf(heading: string, port: number): string {
  const block = blocksOf('README.md', readme).find((each) => each.heading === heading && each.language === 'ts')
  if (block === undefined) throw new Error(`README has no program under "${heading}"`)
  return block.code.replaceAll('3000', `${port}`)
}

const inCommonJs = (code: string): string =>
  `${code.replace(/^import (\{.*\}) from ('.*')$/m, 'const $1 = require($2)').replace(/^await (.*)$/m, '$1')}`

/** The room chat of README and its client, started and spoken to. */
async function chat(serverFile: string, clientFile: string, port: number): Promise<void> {
  const server = run(process.execPath, [serverFile], { cwd: folder })
  expect(await listeningPortOf(server, [port])).toBe(port)
  const ada = await openWebSocket(`ws://localhost:${port}/?name=Bare`)
  ada.say('{"type":"subscribe","room":"chat:1","id":1}')
  const client = run(process.execPath, [clientFile], { cwd: folder })
  await client.untilSaid(/^\d+ Ada hi$/m)
  ada.say('{"type":"publish","room":"chat:1","data":"hello Ada","id":2}')
  await client.untilSaid(/^\d+ Bare hello Ada$/m)
  expect(ada.heard.some((text) => text.includes('"data":"hi"'))).toBe(true)
  expect(server.output.stderr + client.output.stderr).toBe('')
}

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

describe('the packed packages in an empty folder', () => {
  it.each(packages)('%s has its text for people, what it says it exports, and no tests', (name) => {
    const home = join(folder, 'node_modules', name === 'partyline' ? name : `@partyline/${name}`)
    const { exports } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'))
    const files = readdirSync(home, { recursive: true, encoding: 'utf8' }).map((file) => `./${file}`)
    const named = JSON.stringify(exports).match(/\.\/[^"]*/g) ?? []
    const paths = named.filter((path) => /\.\w+$/.test(path) && !path.startsWith('./partyline.min'))
    expect(paths.length).toBeGreaterThan(2)
    for (const path of [...paths, './README.md']) expect(files).toContain(path)
    expect(files.filter((file) => /\.test\.|tsbuildinfo/.test(file))).toEqual([])
  })

  it('are a room chat, written as ES modules', async () => {
    const port = await freePort()
    const server = write('server.mjs', programOf('The library', port))
    await chat(server, write('client.mjs', programOf('Its client', port)), port)
  })

  it('are a room chat, written in CommonJS', async () => {
    const port = await freePort()
    const server = write('server.cjs', inCommonJs(programOf('The library', port)))
    await chat(server, write('client.cjs', inCommonJs(programOf('Its client', port))), port)
  })

  it('are a room chat, written in TypeScript for both, their own types checked too', async () => {
    mkdirSync(join(folder, 'typed'))
    const ports = { m: await freePort(), c: await freePort() }
    for (const [kind, port] of Object.entries(ports)) {
      // at the top of a CommonJS module nobody can wait
      const client = programOf('Its client', port).replace(/^await (.*)$/m, kind === 'c' ? 'void $1' : '$&')
      write(`typed/server.${kind}ts`, programOf('The library', port))
      write(`typed/client.${kind}ts`, client)
    }
    const compilerOptions = { module: 'nodenext', target: 'es2023', strict: true, types: ['node'], skipLibCheck: false }
    write('typed/tsconfig.json', JSON.stringify({ compilerOptions }))
    const compiled = run(process.execPath, [compiler, '-p', 'typed'], { cwd: folder })
    expect(await compiled.exited, compiled.output.stdout).toBe(0)
    for (const [kind, port] of Object.entries(ports)) {
      await chat(join(folder, `typed/server.${kind}js`), join(folder, `typed/client.${kind}js`), port)
    }
  })

  it('are the command too', async () => {
    const { stdout } = await promisify(execFile)('npx', ['--no-install', 'partyline', '--version'], {
      cwd: folder,
      env,
    })
    const { version } = JSON.parse(readFileSync(join(root, 'packages/partyline/package.json'), 'utf8'))
    expect(stdout).toBe(`${version}\n`)
  })

  it('serve the chat from there', async () => {
    const port = await freePort()
    const command = join(folder, 'node_modules/.bin/partyline')
    const server = run(process.execPath, [command, '--port', `${port}`], { cwd: folder })
    expect(await listeningPortOf(server, [port])).toBe(port)
    const page = await (await fetch(`http://localhost:${port}/`)).text()
    const [, script] = /src="\.\/(assets\/[^"]+)"/.exec(page) ?? []
    expect((await fetch(`http://localhost:${port}/${script}`)).status).toBe(200)
  })
})
