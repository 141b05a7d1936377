import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface ChildOptions {
  /** How many files it may have open, sockets among them. */
  readonly maxOpenFiles?: number
}

/** A process of ours that answers to orders. */
export class Child {
  readonly #process: ChildProcess

  private constructor(child: ChildProcess) {
    this.#process = child
  }

  /** Runs a script of this folder. */
  static start(script: string, args: readonly string[] = [], { maxOpenFiles }: ChildOptions = {}): Child {
    const command = [process.execPath, fileURLToPath(new URL(script, import.meta.url)), ...args]
    // The shell sets the limit and becomes the process.
    const limited = ['/bin/sh', '-c', `ulimit -n ${maxOpenFiles} && exec "$@"`, 'sh', ...command]
    const [file, ...rest] = maxOpenFiles === undefined ? command : limited
    return new Child(spawn(file as string, rest, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }))
  }

  get isRunning(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null
  }

  /** What it says next. */
  async answer<T>(): Promise<T> {
    const gone = once(this.#process, 'exit').then(([code, signal]) => {
      throw new Error(`the process has ended with ${code ?? signal}`)
    })
    gone.catch(() => {})
    const [answer] = await Promise.race([once(this.#process, 'message'), gone])
    return answer as T
  }

  tell(order: string): void {
    this.#process.send(order)
  }

  ask<T>(order: string): Promise<T> {
    const answer = this.answer<T>()
    this.tell(order)
    return answer
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal)
  }

  async end(): Promise<void> {
    if (!this.isRunning) return
    const gone = once(this.#process, 'exit')
    this.#process.kill('SIGKILL')
    await gone
  }
}
