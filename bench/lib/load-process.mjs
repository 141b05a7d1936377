import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { loadCore, pinned } from './cores.mjs'

const sourceFolder = fileURLToPath(new URL('../load', import.meta.url))
const buildFolder = fileURLToPath(new URL('../.build', import.meta.url))
const binary = join(buildFolder, 'load')

/** Compiles the load generator where it is older than its sources. */
export function compileLoad() {
  const sources = readdirSync(sourceFolder).map((name) => join(sourceFolder, name))
  const newestMs = Math.max(...sources.map((path) => statSync(path).mtimeMs))
  if (existsSync(binary) && statSync(binary).mtimeMs > newestMs) return
  mkdirSync(buildFolder, { recursive: true })
  const units = sources.filter((path) => path.endsWith('.c'))
  const compiler = process.env.CC ?? 'cc'
  const { status, error, stderr } = spawnSync(compiler, ['-std=c11', '-O2', '-Wall', '-o', binary, ...units])
  if (error) throw new Error(`the load generator is C and needs a compiler (${compiler}): ${error.message}`)
  if (status !== 0) throw new Error(`the load generator does not compile:\n${stderr}`)
}

/** The load generator (load/main.c): a command a line, an answer a line. */
export class LoadProcess {
  #child
  #ended
  #pending
  #failure

  constructor(args) {
    const [command, pinnedArgs] = pinned(loadCore, binary, args.map(String))
    this.#child = spawn(command, pinnedArgs, { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#child.stdin.on('error', () => {}) // its end is told by 'close'
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#onLine(line))
    this.#ended = once(this.#child, 'close').then(() => this.#fail('the load generator ended'))
  }

  /** Resolves when all clients are connected. */
  static async start({ dialect, port, path, clients, payloadBytes }) {
    const load = new LoadProcess([dialect, port, path, clients, payloadBytes])
    await load.#answer('ready')
    return load
  }

  /** Resolves when every client has received exactly so many messages since it connected. */
  reach(count) {
    return this.#command(`expect ${count}`, 'reached')
  }

  /** Resolves to how many echoes came back, when all have. */
  echo(forMs, depth) {
    return this.#command(`echo ${forMs} ${depth}`, 'echoed')
  }

  /** From now on every client sends as fast as its socket takes it. */
  flood() {
    return this.#command('flood', 'flooding')
  }

  /** Resolves to what all clients have received since they connected. */
  total() {
    return this.#command('total', 'total')
  }

  async stop() {
    this.#child.kill('SIGKILL')
    await this.#ended
  }

  #command(line, answer) {
    this.#child.stdin.write(`${line}\n`)
    return this.#answer(answer)
  }

  #answer(word) {
    if (this.#failure) return Promise.reject(this.#failure)
    return new Promise((resolve, reject) => {
      this.#pending = { word, resolve, reject }
    })
  }

  #onLine(line) {
    const [word, count] = line.split(' ')
    if (word !== this.#pending?.word) return this.#fail(`the load generator said: ${line}`)
    this.#pending.resolve(Number(count))
    this.#pending = undefined
  }

  /** The first failure is the reason; the question that is open gets it, or the next one. */
  #fail(reason) {
    this.#failure ??= new Error(reason)
    this.#pending?.reject(this.#failure)
    this.#pending = undefined
  }
}
