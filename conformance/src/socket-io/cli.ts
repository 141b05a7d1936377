import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { type SocketIoPlace, socketIoPlaces } from './socket-io-case.ts'
import { runSocketIoSuite, socketIoReport } from './socket-io-suite.ts'

const places = Object.entries(socketIoPlaces)
  .map(([name, text]) => `  ${name.padEnd(7)} ${text}`)
  .join('\n')

const usage = `Usage: node conformance/run-socket-io.mjs http://127.0.0.1:PORT/socket.io/ [options]

Speaks Socket.IO v5 to a server that runs the application in src/socket-io/application.ts, by raw HTTP requests and raw
WebSockets, and prints what is not right.

  --at PLACE=URL            where the server is set up in another way; may be given several times
  --section N               2.3, 2.5, …: the sections whose number begins so; may be given several times
  --json FILE               write all results there
  --concurrency N           conversations at a time (16)
  --patience N              milliseconds for one answer (5000)

The first URL is the place "main". The places, by the options of the server there:
${places}
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
export async function runSocketIoCli(args: string[], write: (text: string) => void): Promise<number> {
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
  const [main] = positionals
  if (values.help || main === undefined) {
    write(usage)
    return values.help ? 0 : 2
  }
  const urls = Object.fromEntries([['main', main], ...(values.at ?? []).map(placeOf)])
  const { section, patience, concurrency } = values
  const run = await runSocketIoSuite(
    { urls, ...(patience !== undefined && { patienceMs: numberOf(patience) }) },
    {
      only: ({ id }) => section?.some((number) => id.startsWith(`${number}.`)) ?? true,
      ...(concurrency !== undefined && { concurrency: numberOf(concurrency) }),
    },
  )
  write(socketIoReport(run))
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(run, null, 2)}\n`)
  return run.results.every(({ faults }) => faults.length === 0) ? 0 : 1
}

function placeOf(text: string): [SocketIoPlace, string] {
  const at = text.indexOf('=')
  const place = text.slice(0, at)
  if (!Object.hasOwn(socketIoPlaces, place)) {
    throw new Error(`There is no place ${place}; there are ${Object.keys(socketIoPlaces).join(', ')}`)
  }
  return [place as SocketIoPlace, text.slice(at + 1)]
}

function numberOf(value: string): number {
  const number = Number(value)
  if (!(number > 0)) throw new Error(`${value} is not a positive number`)
  return number
}
