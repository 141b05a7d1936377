import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { programOf } from './arms.mjs'
import { pinned, serverCore } from './cores.mjs'

const script = fileURLToPath(new URL('../server.mjs', import.meta.url))

// What uWebSockets' package drags in is nothing `ws` comes with: as it comes is how it is measured.
const env = { ...process.env, NODE_ENV: 'production', WS_NO_BUFFER_UTIL: '1', WS_NO_UTF_8_VALIDATE: '1' }

/** The process that is measured, and the questions it answers over IPC. */
export class ServerProcess {
  /** What a client needs to reach the arm: port, path, dialect. */
  address
  #child
  #ended
  #pending = new Map()
  #nextId = 1

  constructor(arm, kind) {
    const program = programOf(arm)
    const flags = kind === 'idle' && program === process.execPath ? ['--expose-gc'] : []
    const [command, args] = pinned(serverCore, program, [...flags, script, arm, kind])
    this.#child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], env })
    this.#ended = once(this.#child, 'exit').then(([code, signal]) => {
      for (const { reject } of this.#pending.values())
        reject(new Error(`the server of ${arm} ended: ${signal ?? code}`))
      this.#pending.clear()
    })
    this.#child.on('message', ({ id, answer }) => {
      this.#pending.get(id)?.resolve(answer)
      this.#pending.delete(id)
    })
  }

  static async start(arm, kind) {
    const server = new ServerProcess(arm, kind)
    // Told without having been asked for: an answer whose id is missing.
    server.address = await server.#answer(undefined)
    return server
  }

  /** Asks one of the questions of server.mjs; rejects when the process ends before it has answered. */
  ask(question, options) {
    const id = this.#nextId++
    this.#child.send({ id, ask: question, options })
    return this.#answer(id)
  }

  /** Resolves when so many clients are connected and have joined. */
  async untilClients(count) {
    while ((await this.ask('clients')) < count);
  }

  async stop() {
    this.#child.kill('SIGKILL')
    await this.#ended
  }

  #answer(id) {
    return new Promise((resolve, reject) => this.#pending.set(id, { resolve, reject }))
  }
}
