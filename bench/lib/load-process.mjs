import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { loadCore, pinned } from './cores.mjs'

const sourceFolder = fileURLToPath(new URL('../load', import.meta.url))
const buildFolder = fileURLToPath(new URL('../.build', import.meta.url))
const binary = join(buildFolder, 'load')

/** Handshakes on their way at a time. */
const CONNECTS_AT_ONCE = 32

/** Compiles the load generator where it is older than its sources. */
export function compileLoad() {
  const sources = readdirSync(sourceFolder).map((name) => join(sourceFolder, name))
  const newestMs = Math.max(...sources.map((path) => statSync(path).mtimeMs))
  if (existsSync(binary) && statSync(binary).mtimeMs > newestMs) return
  mkdirSync(buildFolder, { recursive: true })
  const units = sources.filter((path) => path.endsWith('.c'))
  const compiler = process.env.CC ?? 'cc'
  // Somebody else may be compiling it or running it at this moment.
  const fresh = `${binary}.${process.pid}`
  const { status, error, stderr } = spawnSync(compiler, ['-std=c11', '-O2', '-Wall', '-o', fresh, ...units])
  if (error) throw new Error(`the load generator is C and needs a compiler (${compiler}): ${error.message}`)
  if (status !== 0) throw new Error(`the load generator does not compile:\n${stderr}`)
  renameSync(fresh, binary)
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
    const load = new LoadProcess([dialect, port, path, payloadBytes])
    await load.connect(clients)
    return load
  }

  /** Resolves when so many more clients are connected: to how many there are. */
  connect(count) {
    return this.#count(`connect ${count} ${CONNECTS_AT_ONCE}`, 'connected')
  }

  /** Resolves when every client has received exactly so many messages since it connected. */
  reach(count) {
    return this.#count(`expect ${count}`, 'reached')
  }

  /** Resolves to how many echoes came back, when all have. */
  echo(forMs, depth) {
    return this.#count(`echo ${forMs} ${depth}`, 'echoed')
  }

  /** The first client publishes, so many in flight; resolves to how many were received by all. */
  relay(forMs, depth) {
    return this.#count(`relay ${forMs} ${depth}`, 'relayed')
  }

  /** The first client publishes so often, whatever has arrived; resolves when all have all, to how long it took since each was due. */
  async pace(forMs, perSecond) {
    const [published, ...latenciesNs] = await this.#command(`pace ${forMs} ${perSecond}`, 'paced')
    const [p50Ms, p90Ms, p99Ms, p999Ms, maxMs] = latenciesNs.map((ns) => ns / 1e6)
    return { perSecond, published, p50Ms, p90Ms, p99Ms, p999Ms, maxMs }
  }

  /** From now on every client sends as fast as its socket takes it. */
  flood() {
    return this.#count('flood', 'flooding')
  }

  /** Resolves to what all clients have received since they connected. */
  total() {
    return this.#count('total', 'total')
  }

  async stop() {
    this.#child.kill('SIGKILL')
    await this.#ended
  }

  async #count(line, answer) {
    const [count] = await this.#command(line, answer)
    return count
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
    const [word, ...numbers] = line.split(' ')
    if (word !== this.#pending?.word) return this.#fail(`the load generator said: ${line}`)
    this.#pending.resolve(numbers.map(Number))
    this.#pending = undefined
  }

  /** The first failure is the reason; the question that is open gets it, or the next one. */
  #fail(reason) {
    this.#failure ??= new Error(reason)
    this.#pending?.reject(this.#failure)
    this.#pending = undefined
  }
}
