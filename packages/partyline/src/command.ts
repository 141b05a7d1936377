import { defineCommand, runCommand } from 'citty'
import { CertificateError } from './certificate.ts'
import { helpText } from './help-text.ts'
import { ListenError } from './listen.ts'
import { jsonLog, type Log, textLog } from './log.ts'
import { version } from './package.ts'
import { type Paint, paintFor } from './paint.ts'
import { SettingError } from './setting-error.ts'
import { type Flags, resolveSettings, type Settings } from './settings.ts'
import { type Standalone, startStandalone } from './standalone.ts'
import { startText } from './start-text.ts'
import { type StopSignal, stopOnSignal, stopSignals } from './stop.ts'

const args = {
  port: { type: 'string' },
  host: { type: 'string' },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  'tls-self-signed': { type: 'boolean' },
  help: { type: 'boolean', alias: 'h' },
  version: { type: 'boolean', alias: 'v' },
} as const

/** Something that people can mend: one line, and the code to exit with. */
class Refusal extends Error {
  readonly exitCode: number

  constructor(message: string, exitCode: number) {
    super(message)
    this.exitCode = exitCode
  }
}

const command = defineCommand({
  meta: { name: 'partyline', version },
  args,
  run: ({ args: given }) => run(given),
})

/** The `partyline` command. Returns when the server is up, or there is nothing to start. */
export async function main(rawArgs: string[]): Promise<void> {
  // Who reads our output may go away first (`partyline | head -1`): that is no fault.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  try {
    await runCommand(command, { rawArgs })
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    console.error(`partyline: ${error.message}`)
    process.exitCode = error.exitCode
  }
}

async function run(given: Readonly<Record<string, unknown>>): Promise<void> {
  refuseUnknown(given)
  if (given.help === true) return void process.stdout.write(helpText)
  if (given.version === true) return console.log(version)
  const settings = settingsOf({
    port: textOf(given, 'port'),
    host: textOf(given, 'host'),
    tlsCert: textOf(given, 'tls-cert'),
    tlsKey: textOf(given, 'tls-key'),
    tlsSelfSigned: given['tls-self-signed'] === true,
  })
  const isText = (settings.logFormat ?? (process.stdout.isTTY ? 'text' : 'json')) === 'text'
  const paint = paintFor(process.stdout, process.env)
  const log = isText ? textLog((line) => process.stdout.write(line), paint) : await jsonLog()
  const standalone = await start(settings, log)
  // before anybody can read that it is up: who reads it may say stop at once
  listenForSignals(standalone, (signal) => stop(standalone, signal, isText, log))
  announce(standalone, isText, log, paint)
}

/** Who gave us files has SIGHUP read them again, as with other servers; else it means that the terminal is gone. */
function listenForSignals({ reloadCertificate }: Standalone, stop: (signal: StopSignal) => Promise<void>): void {
  if (reloadCertificate !== undefined) process.on('SIGHUP', reloadCertificate)
  const isStop = (signal: StopSignal): boolean => signal !== 'SIGHUP' || reloadCertificate === undefined
  stopOnSignal(process, stop, stopSignals.filter(isStop))
}

/** The parser takes any option: one that was misspelt must not be passed over. */
function refuseUnknown(given: Readonly<Record<string, unknown>>): void {
  const names = Object.keys(args)
  const known = new Set(['_', 'h', 'v', ...names, ...names.map(camelCase)])
  const [unknown] = Object.keys(given).filter((name) => !known.has(name))
  const [extra] = given._ as string[]
  if (unknown !== undefined) {
    throw new Refusal(`there is no option ${unknown.length === 1 ? '-' : '--'}${unknown}; see --help`, 2)
  }
  if (extra !== undefined) throw new Refusal(`"${extra}" means nothing here; see --help`, 2)
}

/** The parser answers every option by both of its names. */
const camelCase = (name: string): string => name.replace(/-(.)/g, (_match, letter: string) => letter.toUpperCase())

function textOf(given: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = given[name]
  if (value === undefined) return undefined
  if (typeof value !== 'string' || value === '') throw new Refusal(`--${name} needs a value; see --help`, 2)
  return value
}

function settingsOf(flags: Flags): Settings {
  try {
    return resolveSettings(flags, process.env)
  } catch (error) {
    if (error instanceof SettingError) throw new Refusal(error.message, 2)
    throw error
  }
}

async function start({ port, host, hosts, origins, trustProxy, tls }: Settings, logger: Log): Promise<Standalone> {
  try {
    return await startStandalone({ port, host, hosts, origins, trustProxy, logger, ...(tls && { tls }) })
  } catch (error) {
    if (error instanceof CertificateError) throw new Refusal(error.message, 2)
    if (error instanceof ListenError) throw new Refusal(whyNotListening(error), 3)
    throw error
  }
}

function whyNotListening({ code, address, port }: ListenError): string {
  const again = process.env.npm_lifecycle_event === 'start' ? 'npm start -- --port' : 'partyline --port'
  const other = `try: ${again} ${port < 65_535 ? Math.max(port + 1, 8_080) : 8_080}`
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} is taken on ${address}. To use another one, ${other}`
    case 'EACCES':
      return `Port ${port} of ${address} is not for this user. To use another one, ${other}`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `${address} is no address of this machine (${code}). Set HOST or --host to one that is, or to 0.0.0.0 for all`
    default:
      return `cannot listen on port ${port} of ${address} (${code})`
  }
}

function announce(standalone: Standalone, isText: boolean, log: Log, paint: Paint): void {
  const tookMs = performance.now()
  const { urls, allowsFiles, certificate } = standalone
  if (isText) process.stdout.write(`\n${startText(version, tookMs, standalone, paint)}\n`)
  else log.info({ version, tookMs: Math.round(tookMs), urls, allowsFiles, certificate, kept: 'memory' }, 'listening')
}

async function stop(standalone: Standalone, signal: StopSignal, isText: boolean, log: Log): Promise<void> {
  const clients = standalone.clientCount
  // a terminal shows ^C: what we say begins on a line of its own
  if (isText && signal === 'SIGINT') process.stdout.write('\n')
  log.info({ signal, clients }, clients === 0 ? 'stopping' : `stopping: closing ${counted(clients)}`)
  await standalone.close()
  log.info({}, 'stopped')
}

const counted = (clients: number): string => (clients === 1 ? '1 connection' : `${clients} connections`)
