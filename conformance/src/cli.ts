import { readFile, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { type Group, groups } from './case.ts'
import { report } from './report.ts'
import { type Subject, type SubjectFacts, subjectOf } from './subject.ts'
import { isGood, type Result, runSuite } from './suite.ts'

const usage = `Usage: node conformance/run.mjs ws://127.0.0.1:PORT/ [options]

Speaks RFC 6455 and RFC 7692 to an echo server (same type and bytes back) and prints what is not right. Strict: what the RFC only
tolerates counts as failed, unless --lenient. A server without permessage-deflate does not fail for that.

  --single-bytes            write every byte alone
  --chop-seed N             write in chunks of random sizes, which come again from the same number
  --group GROUP             ${groups.join(', ')}; may be given several times
  --json FILE               write all verdicts there
  --lenient                 NON-STRICT and tolerated endings pass
  --concurrency N           conversations at a time (16)
  --patience N              multiply all patience, for a busy machine (1)
  --case-bytes N            groups 12 and 13: fewer than 1000 messages where these are longer together, 8 at least
  --idle-connections N      how many idle connections D25 opens (1000)

For wss: URLs:
  --ca FILE                 certificates to trust, as PEM
  --insecure                trust any certificate

Facts about the server that some cases need:
  --max-payload-bytes N     the longest message it takes
  --head-timeout-ms N       a request head that is not finished is dropped then
  --close-timeout-ms N      a peer that does not answer its close frame is dropped then
  --pong-timeout-ms N       it sends pings, and a silent peer is dropped then
  --refused-origin ORIGIN   an Origin it refuses
  --refused-path PATH       a path whose handshake it refuses after a while
  --close-command           it obeys the text "close-in MS CODE REASON"
  --shutdown-command        it obeys the text "shutdown"
  --server-pid N            its process on this machine, whose memory is looked at
`

const options = {
  'single-bytes': { type: 'boolean' },
  group: { type: 'string', multiple: true },
  json: { type: 'string' },
  lenient: { type: 'boolean' },
  concurrency: { type: 'string' },
  patience: { type: 'string' },
  'chop-seed': { type: 'string' },
  'case-bytes': { type: 'string' },
  'idle-connections': { type: 'string' },
  ca: { type: 'string' },
  insecure: { type: 'boolean' },
  'max-payload-bytes': { type: 'string' },
  'head-timeout-ms': { type: 'string' },
  'close-timeout-ms': { type: 'string' },
  'pong-timeout-ms': { type: 'string' },
  'refused-origin': { type: 'string' },
  'refused-path': { type: 'string' },
  'close-command': { type: 'boolean' },
  'shutdown-command': { type: 'boolean' },
  'server-pid': { type: 'string' },
  help: { type: 'boolean' },
} as const

type Values = ReturnType<typeof parse>['values']

function parse(args: string[]) {
  return parseArgs({ args, options, allowPositionals: true })
}

function factsOf(values: Values): SubjectFacts {
  const facts = {
    maxPayloadBytes: numberOf(values['max-payload-bytes']),
    headTimeoutMs: numberOf(values['head-timeout-ms']),
    closeTimeoutMs: numberOf(values['close-timeout-ms']),
    pongTimeoutMs: numberOf(values['pong-timeout-ms']),
    refusedOrigin: values['refused-origin'],
    refusedPath: values['refused-path'],
    closeCommand: values['close-command'],
    shutdownCommand: values['shutdown-command'],
    serverPid: numberOf(values['server-pid']),
  }
  return told(facts)
}

/** How the suite goes about it. */
async function mannersOf(values: Values): Promise<Partial<Subject>> {
  const ca = values.ca === undefined ? undefined : await readFile(values.ca, 'utf8')
  return told({
    isSingleBytes: values['single-bytes'],
    patienceFactor: numberOf(values.patience),
    chopSeed: numberOf(values['chop-seed']),
    caseBytes: numberOf(values['case-bytes']),
    idleConnections: numberOf(values['idle-connections']),
    tls: told({ ca, isInsecure: values.insecure }),
  })
}

/** Without what was not said. */
function told<T extends object>(options: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never
}

function numberOf(value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  const number = Number(value)
  if (!(number > 0)) throw new Error(`${value} is not a positive number`)
  return number
}

function groupsOf(names: readonly string[] | undefined): readonly Group[] {
  const unknown = names?.find((name) => !groups.some((group) => group === name))
  if (unknown !== undefined) throw new Error(`There is no group ${unknown}; there are ${groups.join(', ')}`)
  return names ? groups.filter((group) => names.includes(group)) : groups
}

/** The command line: prints the report, and answers the exit code. */
export async function runCli(args: string[], write: (text: string) => void): Promise<number> {
  const { values, positionals } = parse(args)
  const [url] = positionals
  if (values.help || url === undefined) {
    write(usage)
    return values.help ? 0 : 2
  }
  const subject = subjectOf(url, { ...factsOf(values), ...(await mannersOf(values)) })
  const run = await runSuite(subject, {
    chosen: groupsOf(values.group),
    concurrency: numberOf(values.concurrency) ?? 16,
  })
  const isLenient = values.lenient ?? false
  write(report(run, isLenient))
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(run, null, 2)}\n`)
  const isFine = (result: Result) => isGood(result, isLenient) || result.behaviour === 'UNIMPLEMENTED'
  return run.results.every(isFine) ? 0 : 1
}
