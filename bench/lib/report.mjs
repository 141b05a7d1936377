import { checkFloors, HELD_UP_MOST_READS } from './floors.mjs'
import { median, medianRatio, spread } from './statistics.mjs'

/** The tables, in Markdown, with all that is needed to measure them again. */
export function report({ command, date, machine, options, results }) {
  const costs = results.filter(({ kind }) => kind !== 'flood')
  const floods = results.filter(({ kind }) => kind === 'flood')
  return [
    `\`${command}\`, ${date.slice(0, 10)}`,
    '',
    `${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}; ${machine.pinning}.`,
    `${options.rounds} ${options.rounds === 1 ? 'round' : 'rounds'}, arms alternating, a fresh server process for each arm and round, ${options.measureMs} ms measured after ${options.warmUpMs} ms of warm-up.`,
    ...costs.slice(0, 1).flatMap(() => ['', ...costTable(costs)]),
    ...section(floorTable(checkFloors(costs))),
    ...section(floods.flatMap(floodTable)),
    '',
  ].join('\n')
}

const section = (lines) => (lines.length > 0 ? ['', ...lines] : [])

function markdown(head, rows) {
  const align = head.map((_, column) => (column < 2 ? '---' : '--:'))
  return [head, align, ...rows].map((cells) => `| ${cells.join(' | ')} |`)
}

function costTable(results) {
  const head = ['work', 'arm', 'CPU µs each', 'spread', 'thousands per CPU s', 'server busy']
  const ratios = ['Socket.IO ÷ it', 'ws ÷ it', 'it ÷ bare']
  const rows = results.flatMap((result) => Object.entries(result.arms).map(([name, arm]) => costRow(result, name, arm)))
  return markdown([...head, ...ratios], rows)
}

function costRow({ title, arms }, name, arm) {
  const each = spread(arm.rounds.map(({ eachUs }) => eachUs))
  const busy = median(arm.rounds.map((round) => round.busy))
  return [
    title,
    name,
    figure(each.median),
    `${figure(each.min)}–${figure(each.max)}`,
    figure(1000 / each.median),
    `${Math.round(busy * 100)} %`,
    ratioText(medianRatio(arms['socket.io'], arm)),
    ratioText(medianRatio(arms.ws, arm)),
    ratioText(medianRatio(arm, arms.bare)),
  ]
}

function floorTable(floors) {
  if (floors.length === 0) return []
  const rows = floors.map(({ title, over, under, ratio, atLeast, atMost, goalAtLeast, goalAtMost, floor, goal }) => [
    title,
    `${over} ÷ ${under}`,
    ratioText(ratio),
    bound(atLeast, atMost),
    verdict(floor),
    bound(goalAtLeast, goalAtMost),
    verdict(goal),
  ])
  return markdown(['work', 'ratio of costs', 'measured', 'floor', '', 'goal', ''], rows)
}

function floodTable({ clients, title, arms }) {
  const rows = Object.entries(arms).map(([name, { rounds }]) => {
    const waits = rounds.flatMap((round) => round.waits)
    const of = (end, key) => spread(waits.map((wait) => wait[end][key]))
    const cell = ({ median, max }) => `${figure(median)}, ${figure(max)}`
    const reads = of('first', 'reads')
    return [
      `${title} (${clients})`,
      name,
      cell(reads),
      reads.max <= HELD_UP_MOST_READS ? 'yes' : 'no',
      ...[of('first', 'ms'), of('last', 'reads'), of('last', 'ms')].map(cell),
    ]
  })
  const first = ['reads until the first write: median, most', `within ${HELD_UP_MOST_READS}`, 'ms: median, most']
  const last = ['reads until the last write: median, most', 'ms: median, most']
  return markdown(['work', 'arm', ...first, ...last], rows)
}

/** Three digits that mean something; counts stay whole. */
function figure(value) {
  if (Number.isInteger(value) || value >= 100) return String(Math.round(value))
  return value.toFixed(value >= 10 ? 1 : 2)
}

const ratioText = (ratio) => (ratio === undefined ? '' : ratio.toFixed(2))
const verdict = (holds) => (holds === undefined ? '' : holds ? 'reached' : '**missed**')

function bound(atLeast, atMost) {
  if (atLeast !== undefined) return `≥ ${atLeast}`
  return atMost === undefined ? '' : `≤ ${atMost}`
}
