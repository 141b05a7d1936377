/** Measures every arm with every workload and prints the tables: see README.md. */
import { writeFileSync } from 'node:fs'
import { compileLoad } from './lib/load-process.mjs'
import { machine } from './lib/machine.mjs'
import { measure } from './lib/measure.mjs'
import { parseOptions, usage } from './lib/options.mjs'
import { report } from './lib/report.mjs'
import { chooseWorkloads } from './lib/workloads.mjs'

const argv = process.argv.slice(2)

/** Rounds are the outermost loop and arms the innermost: what is compared is measured within seconds of each other. */
async function measureAll(workloads, options) {
  const results = workloads.map(({ arms, ...workload }) => ({
    ...workload,
    arms: Object.fromEntries(arms.map((arm) => [arm, { rounds: [] }])),
  }))
  for (let round = 1; round <= options.rounds; round++) {
    // The flood is a check, not a figure: once is enough.
    for (const result of results.filter(({ kind }) => kind !== 'flood' || round === 1)) {
      for (const arm of Object.keys(result.arms)) {
        console.error(`round ${round} of ${options.rounds}: ${result.title}, ${arm}`)
        result.arms[arm].rounds.push(await measure(result, arm, options))
      }
    }
  }
  return results
}

async function main() {
  const options = parseOptions(argv)
  if (options.help) return console.log(usage)
  const workloads = chooseWorkloads(options)
  compileLoad()

  const outcome = {
    command: ['npm run bench', ...(argv.length > 0 ? ['--', ...argv] : [])].join(' '),
    date: new Date().toISOString(),
    machine: machine(),
    options,
    results: await measureAll(workloads, options),
  }
  const text = report(outcome)
  console.log(text)
  if (options.markdown) writeFileSync(options.markdown, text)
  if (options.json) writeFileSync(options.json, `${JSON.stringify(outcome, null, 2)}\n`)
}

try {
  await main()
} catch (error) {
  console.error(`bench: ${error.message}`)
  process.exitCode = 1
}
