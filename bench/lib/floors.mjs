import { medianRatio } from './statistics.mjs'

/** What must hold and what we want, as ratios of one run: cost of `over` divided by cost of `under`, same work. */
const table = [
  { workload: 'broadcast-1', over: 'socket.io', under: 'partyline', atLeast: 1.4 },
  { workload: 'broadcast-1', over: 'partyline', under: 'bare', goalAtMost: 1.1 },
  { workload: 'broadcast-10', over: 'socket.io', under: 'partyline', atLeast: 6, goalAtLeast: 9 },
  { workload: 'broadcast-64', over: 'socket.io', under: 'partyline', atLeast: 20, goalAtLeast: 40 },
  { workload: 'broadcast-1', over: 'partyline-kept', under: 'partyline', atMost: 1.3, goalAtMost: 1.1 },
  { workload: 'broadcast-10', over: 'partyline-kept', under: 'partyline', atMost: 1.3, goalAtMost: 1.1 },
  { workload: 'broadcast-64', over: 'partyline-kept', under: 'partyline', atMost: 1.3, goalAtMost: 1.1 },
  { workload: 'echo-1', over: 'ws', under: 'partyline', atLeast: 1, goalAtLeast: 1.15 },
  { workload: 'echo-1', over: 'partyline', under: 'bare', goalAtMost: 1.1 },
  { workload: 'echo-16', over: 'ws', under: 'partyline', atLeast: 3, goalAtLeast: 7 },
]

/** How many reads a publication may be held up for, whoever floods. */
export const HELD_UP_MOST_READS = 256

/** Every floor and goal whose two arms were measured, with the ratio and whether it holds. */
export function checkFloors(results) {
  return table.flatMap((row) => {
    const result = results.find(({ id }) => id === row.workload)
    const ratio = medianRatio(result?.arms[row.over], result?.arms[row.under])
    if (ratio === undefined) return []
    const { atLeast, atMost, goalAtLeast, goalAtMost } = row
    return [
      {
        ...row,
        title: result.title,
        ratio,
        floor: holds(ratio, atLeast, atMost),
        goal: holds(ratio, goalAtLeast, goalAtMost),
      },
    ]
  })
}

function holds(ratio, atLeast, atMost) {
  if (atLeast !== undefined) return ratio >= atLeast
  return atMost === undefined ? undefined : ratio <= atMost
}
