import { parseArgs } from 'node:util'

export const usage = `npm run bench -- [options]

  --quick                one round, coarser: to see that all is well, not to draw conclusions
  --rounds 5             how often every arm is measured
  --only broadcast,idle  families (broadcast, echo, connect, idle, latency, flood) or single
                         workloads (broadcast-10, broadcast-16KB-1, broadcast-5k-10, echo-16)
  --arms ws,bare         which arms; also ws-prebuilt, which is not among the usual ones
  --json file            writes every round's figures
  --markdown file        writes the tables that are printed

It ends with 0 when every floor that was measured holds, with 2 when one is missed, with 1 when anything failed.`

/**
 * How long each phase of a measurement takes. The warm-up is there for the JIT, and its turns follow each other fast.
 * `brief`: of the works that no floor is set for.
 */
const full = {
  rounds: 5,
  warmUpMs: 800,
  measureMs: 2000,
  brief: { warmUpMs: 600, measureMs: 1000 },
  paceMs: 1500,
  warmUpConnects: 2000,
  connects: 4000,
  idleClients: [1000, 2000, 4000, 6000, 8000],
  floodPublications: 100,
}
const quick = {
  rounds: 1,
  warmUpMs: 300,
  measureMs: 500,
  brief: { warmUpMs: 200, measureMs: 300 },
  paceMs: 500,
  warmUpConnects: 1500,
  connects: 1500,
  idleClients: [1000, 2000, 3000, 4000],
  floodPublications: 10,
}

const list = (text) => text?.split(',').map((name) => name.trim())

/** What was asked for on the command line; throws an error that says what was wrong. */
export function parseOptions(argv) {
  const { values } = parseArgs({
    args: argv,
    options: {
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      only: { type: 'string' },
      arms: { type: 'string' },
      json: { type: 'string' },
      markdown: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  const preset = values.quick ? quick : full
  const rounds = values.rounds === undefined ? preset.rounds : Number(values.rounds)
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds ${values.rounds}: a whole number from 1 on`)
  return { ...preset, ...values, rounds, only: list(values.only), arms: list(values.arms) }
}
