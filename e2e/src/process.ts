import { type ChildProcess, spawn } from 'node:child_process'
import { onTestFinished } from 'vitest'
import { until } from './until.ts'

/** A process of its own, ended by its id when the test is over, and all it has written. */
export interface Running {
  readonly child: ChildProcess
  readonly output: { stdout: string; stderr: string }
  /** Resolves with the exit code; null where a signal ended it. */
  readonly exited: Promise<number | null>
  /** Resolves when its standard output holds the text. */
  untilSaid(text: string | RegExp): Promise<void>
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly cwd?: string
}

export function run(command: string, args: readonly string[], { env, cwd }: RunOptions = {}): Running {
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    ...(cwd === undefined ? undefined : { cwd }),
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const output = { stdout: '', stderr: '' }
  child.stdin.on('error', () => {}) // it may be gone before it has read
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text
  })
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    await exited.catch(() => {})
  })
  return {
    child,
    output,
    exited,
    async untilSaid(text) {
      const hasIt = (said: string): boolean => (typeof text === 'string' ? said.includes(text) : text.test(said))
      // of a process that ended we know that it will not say it any more
      const look = (): string => output.stdout
      const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null
      await until(look, (said) => hasIt(said) || isOver())
      if (!hasIt(output.stdout)) throw new Error(`it ended without saying ${text}: ${JSON.stringify(output)}`)
    },
  }
}
