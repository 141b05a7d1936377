import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { type Group, groups } from './case.ts'
import { report } from './report.ts'
import { type SubjectFacts, subjectOf } from './subject.ts'
import { isGood, runSuite } from './suite.ts'

const usage = `Usage: node conformance/run.mjs ws://127.0.0.1:PORT/ [options]

Speaks RFC 6455 to an echo server (same type and bytes back) and prints what is not right. Strict: what the RFC only
tolerates counts as failed, unless --lenient.

  --single-bytes            write every byte alone
  --group GROUP             ${groups.join(', ')}; may be given several times
  --json FILE               write all verdicts there
  --lenient                 NON-STRICT and tolerated endings pass
  --concurrency N           conversations at a time (16)
  --patience N              multiply all patience, for a busy machine (1)

Facts about the server that some cases need:
  --max-payload-bytes N     the longest message it takes
  --head-timeout-ms N       a request head that is not finished is dropped then
  --close-timeout-ms N      a peer that does not answer its close frame is dropped then
  --pong-timeout-ms N       it sends pings, and a silent peer is dropped then
  --refused-origin ORIGIN   an Origin it refuses
  --refused-path PATH       a path whose handshake it refuses after a while
  --close-command           it obeys the text "close-in MS CODE REASON"
  --shutdown-command        it obeys the text "shutdown"
`

const options = {
  'single-bytes': { type: 'boolean' },
  group: { type: 'string', multiple: true },
  json: { type: 'string' },
  lenient: { type: 'boolean' },
  concurrency: { type: 'string' },
  patience: { type: 'string' },
  'max-payload-bytes': { type: 'string' },
  'head-timeout-ms': { type: 'string' },
  'close-timeout-ms': { type: 'string' },
  'pong-timeout-ms': { type: 'string' },
  'refused-origin': { type: 'string' },
  'refused-path': { type: 'string' },
  'close-command': { type: 'boolean' },
  'shutdown-command': { type: 'boolean' },
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
  }
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined))
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
  const isSingleBytes = values['single-bytes'] ?? false
  const subject = subjectOf(url, { ...factsOf(values), isSingleBytes, patienceFactor: numberOf(values.patience) ?? 1 })
  const run = await runSuite(subject, {
    chosen: groupsOf(values.group),
    concurrency: numberOf(values.concurrency) ?? 16,
  })
  const isLenient = values.lenient ?? false
  write(report(run, isLenient))
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(run, null, 2)}\n`)
  return run.results.every((result) => isGood(result, isLenient)) ? 0 : 1
}
