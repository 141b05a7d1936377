import { checkFloors } from './floors.mjs'
import { median, medianRatio, spread } from './statistics.mjs'

/** The tables, in Markdown, with all that is needed to measure them again. */
export function report({ command, date, machine, options, results, missing, failures }) {
  const of = (...units) => results.filter(({ unit }) => units.includes(unit))
  return [
    `\`${command}\`, ${date.slice(0, 10)}`,
    '',
    `${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}; ${machine.pinning}; load average ${machine.loadAverage} before the run.`,
    `${options.rounds} ${options.rounds === 1 ? 'round' : 'rounds'}, arms alternating, a fresh server process for each arm and round, ${options.measureMs} ms measured after ${options.warmUpMs} ms of warm-up (where there is no floor ${options.brief.measureMs} after ${options.brief.warmUpMs}). Medians; ratios are medians of the rounds' ratios.`,
    ...section('Floors and goals', floorTable(checkFloors(results))),
    ...section('CPU time of the server', costTable(of('µs'))),
    ...section('Memory of the server', idleTable(of('bytes'))),
    ...section('Latency of a delivery', latencyTable(of('ms'))),
    ...section('Held up', floodTable(results.filter(({ kind }) => kind === 'flood'))),
    ...section(
      'Not measured',
      missing.map(({ arm, why }) => `- ${arm}: ${why}`),
    ),
    ...section(
      '**Failed**',
      failures.map(({ title, arm, round, why }) => `- ${title}, ${arm}, round ${round}: ${why}`),
    ),
    '',
  ].join('\n')
}

const section = (title, lines) => (lines.length > 0 ? ['', `### ${title}`, '', ...lines] : [])

/** The first two columns are words. */
function markdown(head, rows) {
  if (rows.length === 0) return []
  const align = head.map((_, column) => (column < 2 ? '---' : '--:'))
  return [head, align, ...rows].map((cells) => `| ${cells.join(' | ')} |`)
}

/** A row for every arm that was measured, where there is something to say of it. */
const rowsOf = (results, row) =>
  results.flatMap((result) =>
    Object.entries(result.arms)
      .filter(([, arm]) => arm.rounds.length > 0)
      .map(([name, arm]) => [name, row(result, arm)])
      .filter(([, cells]) => cells !== undefined)
      .map(([name, cells]) => [result.title, name, ...cells]),
  )

function floorTable(floors) {
  const rows = floors.map(({ title, what, ratio, atLeast, atMost, goalAtLeast, goalAtMost, floor, goal }) => [
    title,
    what,
    ratio === undefined ? 'not measured' : ratioText(ratio),
    bound(atLeast, atMost),
    verdict(floor),
    bound(goalAtLeast, goalAtMost),
    verdict(goal),
  ])
  return markdown(['work', 'ratio', 'measured', 'floor', '', 'goal', ''], rows)
}

const ratioHead = ['Socket.IO ÷ it', 'ws ÷ it', 'it ÷ uws', 'it ÷ bare']

const ratiosOf = ({ arms }, arm) => [
  ratioText(medianRatio(arms['socket.io'], arm)),
  ratioText(medianRatio(arms.ws, arm)),
  ratioText(medianRatio(arm, arms.uws)),
  ratioText(medianRatio(arm, arms.bare)),
]

function costTable(results) {
  const head = ['work', 'arm', 'µs each', 'spread', 'thousands per CPU s', 'server busy', ...ratioHead]
  const rows = rowsOf(results, (result, arm) => {
    const each = spread(arm.rounds.map((round) => round.each))
    const busy = median(arm.rounds.map((round) => round.busy))
    return [
      figure(each.median),
      spreadText(each),
      figure(1000 / each.median),
      `${Math.round(busy * 100)} %`,
      ...ratiosOf(result, arm),
    ]
  })
  return markdown(head, rows)
}

function idleTable(results) {
  const head = ['work', 'arm', 'KB a connection', 'spread', 'KB at first', 'of clients', ...ratioHead]
  const rows = rowsOf(results, (result, arm) => {
    const each = spread(arm.rounds.map((round) => round.each / 1024))
    const [[clients]] = arm.rounds[0].points
    const first = median(arm.rounds.map(({ points }) => points[0][1])) / 1024
    return [figure(each.median), spreadText(each), figure(first), clients, ...ratiosOf(result, arm)]
  })
  return markdown(head, rows)
}

function latencyTable(results) {
  const shares = { atHalf: '50 %', atHigh: '80 %', atSame: '50 % of Socket.IO' }
  const percentiles = { p50Ms: 'p50', p99Ms: 'p99', p999Ms: 'p99.9', maxMs: 'most' }
  const head = [
    'work',
    'arm',
    'load',
    'publications/s',
    ...Object.values(percentiles),
    'spread of p99',
    'it ÷ Socket.IO',
  ]
  const rows = results.flatMap((result) => {
    // Its own half is what the others are given.
    const socketIo = result.arms['socket.io']
    return Object.entries(shares).flatMap(([share, title]) =>
      rowsOf([result], (_, arm) => {
        const measured = arm.rounds.map((round) => round[share]).filter((paced) => paced !== undefined)
        if (measured.length === 0) return undefined
        const p99 = spread(measured.map(({ p99Ms }) => p99Ms))
        const of = (key) => `${figure(median(measured.map((paced) => paced[key])))} ms`
        const ofSocketIo = share === 'atSame' ? 'atHalf' : share
        const ratio = medianRatio(
          { rounds: measured },
          socketIo && { rounds: socketIo.rounds.map((round) => round[ofSocketIo]) },
          ({ p99Ms }) => p99Ms,
        )
        const rate = median(measured.map(({ perSecond }) => perSecond))
        return [title, figure(rate), ...Object.keys(percentiles).map(of), spreadText(p99), ratioText(ratio)]
      }),
    )
  })
  return markdown(head, rows)
}

function floodTable(results) {
  const head = ['work', 'arm', 'reads until the first write: median, most', 'ms: median, most']
  const last = ['reads until the last write: median, most', 'ms: median, most']
  const rows = rowsOf(results, (_, { rounds }) => {
    const waits = rounds.flatMap((round) => round.waits)
    const cell = (end, key) => {
      const { median, max } = spread(waits.map((wait) => wait[end][key]))
      return `${figure(median)}, ${figure(max)}`
    }
    return [cell('first', 'reads'), cell('first', 'ms'), cell('last', 'reads'), cell('last', 'ms')]
  })
  return markdown([...head, ...last], rows)
}

/** Three digits that mean something; counts stay whole. */
function figure(value) {
  if (Number.isInteger(value) || value >= 100) return String(Math.round(value))
  return value.toFixed(value >= 10 ? 1 : 2)
}

const spreadText = ({ min, max }) => `${figure(min)}–${figure(max)}`
const ratioText = (ratio) => (ratio === undefined ? '' : ratio >= 100 ? String(Math.round(ratio)) : ratio.toFixed(2))
const verdict = (holds) => (holds === undefined ? '' : holds ? 'reached' : '**missed**')

function bound(atLeast, atMost) {
  if (atLeast !== undefined) return `≥ ${atLeast}`
  return atMost === undefined ? '' : `≤ ${atMost}`
}
