import { parseArgs } from 'node:util'

export const usage = `npm run bench -- [options]

  --quick                two minutes instead of twelve: fewer rounds, shorter ones
  --rounds 5             how often every arm is measured
  --only broadcast,echo  families (broadcast, echo, flood) or single workloads (broadcast-10, echo-16)
  --arms ws,bare         which arms; also ws-prebuilt, which is not among the usual ones
  --json file            writes every round's figures
  --markdown file        writes the table that is printed`

/** How long each phase of a measurement takes. The warm-up is there for the JIT, and its turns follow each other fast. */
const full = { rounds: 5, warmUpMs: 1000, measureMs: 3000, floodPublications: 100 }
const quick = { rounds: 2, warmUpMs: 400, measureMs: 600, floodPublications: 10 }

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
