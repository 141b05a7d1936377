import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Running, type RunOptions, run } from './process.ts'

/** The built command: `npm test` builds it first. */
export const bin = fileURLToPath(new URL('../../packages/partyline/dist/esm/bin.js', import.meta.url))

/** The variables that the command reads, as if nobody had set them. */
const unset = {
  PORT: undefined,
  HOST: undefined,
  PARTYLINE_HOSTS: undefined,
  PARTYLINE_ORIGINS: undefined,
  PARTYLINE_TRUST_PROXY: undefined,
  PARTYLINE_TLS: undefined,
  PARTYLINE_TLS_CERT: undefined,
  PARTYLINE_TLS_KEY: undefined,
  PARTYLINE_TLS_PASSPHRASE: undefined,
  PARTYLINE_DATA: undefined,
  PARTYLINE_LOG: undefined,
  NO_COLOR: undefined,
  FORCE_COLOR: undefined,
  npm_lifecycle_event: undefined,
}

export interface Partyline extends Running {
  /** Of the HTTP server, without a slash at the end. */
  readonly url: string
  readonly webSocketUrl: string
  readonly port: string
}

/** Runs the command to its end, or until somebody ends it. */
export function runPartyline(args: readonly string[] = [], { env, ...options }: RunOptions = {}): Running {
  if (!existsSync(bin)) throw new Error(`${bin} is not built: npm run build`)
  return run(process.execPath, [bin, ...args], { ...options, env: { ...unset, ...env } })
}

/** The command on a free port, when it says that it listens. */
export async function startPartyline(args: readonly string[] = [], options: RunOptions = {}): Promise<Partyline> {
  const running = runPartyline(['--port', '0', ...args], options)
  await running.untilSaid(/"msg":"listening".*\n|^ {2}HTTP .*\n/m)
  const http = /http:\/\/[^\s"]+(?=\/api)/.exec(running.output.stdout) as RegExpExecArray
  const url = http[0]
  return { ...running, url, webSocketUrl: url.replace('http:', 'ws:'), port: new URL(url).port }
}
