import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { EchoServer } from './echo-server.ts'

const main = fileURLToPath(new URL('../../examples/raw-echo/main.mjs', import.meta.url))

/** An echo server with a process of its own. */
export interface RawEcho extends EchoServer {
  readonly pid: number
}

/** Starts `examples/raw-echo` as its users do: a Node process of its own, on what was built. */
export async function startRawEcho(...flags: string[]): Promise<RawEcho> {
  const child = spawn(process.execPath, [main, '--port', '0', ...flags], { stdio: ['ignore', 'pipe', 'pipe'] })
  let complaints = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text
  })
  const exited = once(child, 'exit')
  const [line] = (await Promise.race([once(createInterface(child.stdout), 'line'), exited])) as [unknown]
  if (typeof line !== 'string') throw new Error(`examples/raw-echo did not start (is it built?): ${complaints}`)
  const [url] = /ws:\/\/\S+/.exec(line) ?? []
  if (url === undefined) throw new Error(`examples/raw-echo says no URL: ${line}`)
  return {
    url,
    pid: child.pid as number,
    stop: async () => {
      if (child.exitCode !== null)
        throw new Error(`examples/raw-echo ended by itself with ${child.exitCode}: ${complaints}`)
      child.kill('SIGTERM')
      await exited
    },
  }
}
