import { medianRatio } from './statistics.mjs'

/**
 * What must hold and what we want, as ratios of one run: `over` divided by `under`, same work. Compared is the figure of
 * the work: what one delivery, echo or connect costs, what an idle connection weighs, the 99th percentile at half load.
 */
const table = [
  { workload: 'broadcast-1', over: 'socket.io', under: 'partyline', atLeast: 1.4 },
  { workload: 'broadcast-1', over: 'partyline', under: 'bare', goalAtMost: 1.1 },
  { workload: 'broadcast-10', over: 'socket.io', under: 'partyline', atLeast: 6, goalAtLeast: 9 },
  { workload: 'broadcast-10', over: 'partyline', under: 'uws', atMost: 1.5, goalAtMost: 1.25 },
  { workload: 'broadcast-64', over: 'socket.io', under: 'partyline', atLeast: 20, goalAtLeast: 40 },
  { workload: 'broadcast-64', over: 'uws', under: 'partyline', goalAtLeast: 1.3 },
  { workload: 'broadcast-1', over: 'partyline-kept', under: 'partyline', atMost: 1.3, goalAtMost: 1.1 },
  { workload: 'broadcast-10', over: 'partyline-kept', under: 'partyline', atMost: 1.3, goalAtMost: 1.1 },
  { workload: 'broadcast-64', over: 'partyline-kept', under: 'partyline', atMost: 1.3, goalAtMost: 1.1 },
  { workload: 'echo-1', over: 'ws', under: 'partyline', atLeast: 1, goalAtLeast: 1.15 },
  { workload: 'echo-1', over: 'partyline', under: 'bare', goalAtMost: 1.1 },
  { workload: 'echo-16', over: 'ws', under: 'partyline', atLeast: 3, goalAtLeast: 7 },
  { workload: 'echo-16', over: 'partyline', under: 'uws', goalAtMost: 1.2 },
  { workload: 'connect', over: 'partyline', under: 'ws', atMost: 1 },
  { workload: 'connect', over: 'partyline', under: 'bare', goalAtMost: 1.1 },
  { workload: 'idle', over: 'partyline', under: 'ws', atMost: 1, goalAtMost: 0.7 },
  { workload: 'idle', over: 'partyline', under: 'bare', goalAtMost: 1.25 },
  { workload: 'broadcast-1', over: 'socket.io', under: 'partyline-socket.io', atLeast: 1.4 },
  { workload: 'broadcast-10', over: 'socket.io', under: 'partyline-socket.io', atLeast: 6, goalAtLeast: 9 },
  { workload: 'broadcast-64', over: 'socket.io', under: 'partyline-socket.io', atLeast: 20, goalAtLeast: 40 },
  { workload: 'connect', over: 'socket.io', under: 'partyline-socket.io', atLeast: 1.5, goalAtLeast: 2.1 },
  { workload: 'idle', over: 'partyline-socket.io', under: 'socket.io', atMost: 0.65, goalAtMost: 0.42 },
  { workload: 'latency', over: 'partyline', under: 'socket.io', atMost: 0.7, goalAtMost: 0.3 },
]

/** How many reads a publication may be held up for, whoever floods. */
export const HELD_UP_MOST_READS = 256

/** Who says that it holds nothing up for longer; the ruler does not. */
const heldUpArms = ['partyline', 'partyline-kept']

/**
 * Every floor and goal, with the ratio and whether it holds: true, false, or undefined where there is none. One whose arms
 * were not both measured has no ratio, and holds nothing.
 */
export function checkFloors(results) {
  return [...table.flatMap((row) => ratioFloor(results, row)), ...heldUpFloors(results)]
}

function ratioFloor(results, row) {
  const result = results.find(({ id }) => id === row.workload)
  if (result === undefined) return []
  const { over, under, atLeast, atMost, goalAtLeast, goalAtMost } = row
  const ratio = medianRatio(result.arms[over], result.arms[under])
  const floor = holds(ratio, atLeast, atMost)
  const goal = holds(ratio, goalAtLeast, goalAtMost)
  return [{ ...row, title: result.title, what: `${over} ÷ ${under}`, ratio, floor, goal }]
}

function heldUpFloors(results) {
  return results
    .filter(({ kind }) => kind === 'flood')
    .flatMap(({ id, title, arms }) =>
      heldUpArms
        .filter((arm) => arms[arm]?.rounds.length > 0)
        .map((arm) => {
          const reads = arms[arm].rounds.flatMap(({ waits }) => waits.map(({ first }) => first.reads))
          const most = Math.max(...reads)
          const floor = most <= HELD_UP_MOST_READS
          return { workload: id, title, what: `${arm}: most reads`, ratio: most, atMost: HELD_UP_MOST_READS, floor }
        }),
    )
}

function holds(ratio, atLeast, atMost) {
  if (ratio === undefined) return undefined
  if (atLeast !== undefined) return ratio >= atLeast
  return atMost === undefined ? undefined : ratio <= atMost
}
