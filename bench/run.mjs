/** Measures every arm with every workload and prints the tables: see README.md. */
import { writeFileSync } from 'node:fs'
import { missing } from './lib/arms.mjs'
import { checkFloors } from './lib/floors.mjs'
import { compileLoad } from './lib/load-process.mjs'
import { machine } from './lib/machine.mjs'
import { measure } from './lib/measure.mjs'
import { parseOptions, usage } from './lib/options.mjs'
import { report } from './lib/report.mjs'
import { chooseWorkloads } from './lib/workloads.mjs'

const argv = process.argv.slice(2)

/** So that a script can tell a floor that is missed from a run that went wrong. */
const exit = { failed: 1, floorMissed: 2 }

/**
 * Rounds are the outermost loop and arms the innermost: what is compared is measured within seconds of each other. An arm
 * that fails in a work is left out of it from then on, and the rest goes on.
 */
async function measureAll(workloads, options) {
  const failures = []
  const results = workloads.map(({ arms, ...workload }) => ({
    ...workload,
    arms: Object.fromEntries(arms.map((arm) => [arm, { rounds: [] }])),
  }))
  for (let round = 1; round <= options.rounds; round++) {
    // The flood is a check, not a figure: once is enough.
    for (const result of results.filter(({ kind }) => kind !== 'flood' || round === 1)) {
      for (const [arm, { rounds }] of Object.entries(result.arms)) {
        if (result.kind !== 'flood' && rounds.length < round - 1) continue
        console.error(`round ${round} of ${options.rounds}: ${result.title}, ${arm}`)
        try {
          rounds.push(await measure(result, arm, options, result.arms['socket.io']?.rounds[round - 1]))
        } catch (error) {
          console.error(`bench: ${error.message}`)
          failures.push({ title: result.title, arm, round, why: error.message })
        }
      }
    }
  }
  return { results, failures }
}

/** Without the arms that cannot be measured here. */
function withoutMissing(workloads) {
  const asked = new Set(workloads.flatMap(({ arms }) => arms))
  const notHere = [...asked].map((arm) => ({ arm, why: missing(arm) })).filter(({ why }) => why !== undefined)
  const isHere = (arm) => !notHere.some((each) => each.arm === arm)
  const left = workloads.map((workload) => ({ ...workload, arms: workload.arms.filter(isHere) }))
  return { workloads: left.filter(({ arms }) => arms.length > 0), missing: notHere }
}

async function main() {
  const options = parseOptions(argv)
  if (options.help) return console.log(usage)
  const chosen = withoutMissing(chooseWorkloads(options))
  compileLoad()

  const outcome = {
    command: ['npm run bench', ...(argv.length > 0 ? ['--', ...argv] : [])].join(' '),
    date: new Date().toISOString(),
    machine: machine(),
    options,
    missing: chosen.missing,
    ...(await measureAll(chosen.workloads, options)),
  }
  const floors = checkFloors(outcome.results)
  const text = report(outcome)
  console.log(text)
  if (options.markdown) writeFileSync(options.markdown, text)
  if (options.json) writeFileSync(options.json, `${JSON.stringify({ ...outcome, floors }, null, 2)}\n`)
  if (outcome.failures.length > 0) process.exitCode = exit.failed
  else if (floors.some(({ floor }) => floor === false)) process.exitCode = exit.floorMissed
}

try {
  await main()
} catch (error) {
  console.error(`bench: ${error.message}`)
  process.exitCode = exit.failed
}
