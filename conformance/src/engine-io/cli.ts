import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { engineReport, runEngineSuite } from './engine-suite.ts'
import { type Place, places, program } from './places.ts'

const table = (names: Readonly<Record<string, string>>): string =>
  Object.entries(names)
    .map(([name, text]) => `  ${name.padEnd(17)} ${text}`)
    .join('\n')

const usage = `Usage: node conformance/run-engine-io.mjs http://127.0.0.1:PORT/socket.io/ [options]

Speaks Engine.IO v4 to a Socket.IO server, by raw HTTP requests and raw WebSockets, and prints what is not right.

  --at PLACE=URL            where the server is set up in another way; may be given several times
  --section N               1.3, 1.10, …: the sections whose number begins so; may be given several times
  --json FILE               write all results there
  --concurrency N           conversations at a time (16)
  --patience N              milliseconds for one answer (20000)

The first URL is the place "main". The places, by the options of the server there:
${table(places)}

Everywhere its program answers these events of the namespace /:
${table(program)}
`

const options = {
  at: { type: 'string', multiple: true },
  section: { type: 'string', multiple: true },
  json: { type: 'string' },
  concurrency: { type: 'string' },
  patience: { type: 'string' },
  help: { type: 'boolean' },
} as const

/** The command line: prints the report, and answers the exit code. */
export async function runEngineCli(args: string[], write: (text: string) => void): Promise<number> {
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
  const [main] = positionals
  if (values.help || main === undefined) {
    write(usage)
    return values.help ? 0 : 2
  }
  const urls = Object.fromEntries([['main', main], ...(values.at ?? []).map(placeOf)])
  const { section, patience, concurrency } = values
  const run = await runEngineSuite(
    { urls, ...(patience !== undefined && { patienceMs: numberOf(patience) }) },
    {
      only: ({ id }) =>
        section?.some(
          (number) => id.startsWith(`${number}.`) || id.startsWith(`${number}a.`) || id.startsWith(`${number}b.`),
        ) ?? true,
      ...(concurrency !== undefined && { concurrency: numberOf(concurrency) }),
    },
  )
  write(engineReport(run))
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(run, null, 2)}\n`)
  return run.results.every(({ faults }) => faults.length === 0) ? 0 : 1
}

function placeOf(text: string): [Place, string] {
  const at = text.indexOf('=')
  const place = text.slice(0, at)
  if (!(place in places)) throw new Error(`There is no place ${place}; there are ${Object.keys(places).join(', ')}`)
  return [place as Place, text.slice(at + 1)]
}

function numberOf(value: string): number {
  const number = Number(value)
  if (!(number > 0)) throw new Error(`${value} is not a positive number`)
  return number
}
