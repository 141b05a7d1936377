const all = ['ws', 'socket.io', 'bare', 'partyline', 'partyline-kept']
const withoutRooms = ['ws', 'socket.io', 'bare', 'partyline']

const broadcast = (perTurn) => ({
  id: `broadcast-${perTurn}`,
  kind: 'broadcast',
  title: `broadcast, ${perTurn} a turn`,
  unit: 'delivery',
  arms: all,
  optionalArms: ['ws-prebuilt'],
  clients: 500,
  payloadBytes: 64,
  everyMs: 50,
  perTurn,
})

const echo = (depth) => ({
  id: `echo-${depth}`,
  kind: 'echo',
  title: `echo, ${depth} in flight`,
  unit: 'echo',
  arms: withoutRooms,
  optionalArms: [],
  clients: 200,
  payloadBytes: 64,
  depth,
})

const flood = {
  id: 'flood',
  kind: 'flood',
  title: 'broadcast while all clients flood',
  arms: ['bare', 'partyline', 'partyline-kept'],
  optionalArms: ['ws', 'socket.io'],
  clients: 3000,
  payloadBytes: 64,
}

const workloads = [broadcast(1), broadcast(10), broadcast(64), echo(1), echo(16), flood]

/** The workloads and arms that the options ask for; throws where they name one that there is not. */
export function chooseWorkloads({ only, arms }) {
  const known = new Set(workloads.flatMap((workload) => [...workload.arms, ...workload.optionalArms]))
  for (const arm of arms ?? []) {
    if (!known.has(arm)) throw new Error(`--arms ${arm}: there are ${[...known].join(', ')}`)
  }
  for (const name of only ?? []) {
    if (!workloads.some(({ id, kind }) => name === id || name === kind)) {
      throw new Error(`--only ${name}: there are ${workloads.map(({ id }) => id).join(', ')}, and broadcast, echo`)
    }
  }
  return workloads
    .filter(({ id, kind }) => only === undefined || only.includes(id) || only.includes(kind))
    .map((workload) => ({ ...workload, arms: chooseArms(workload, arms) }))
    .filter((workload) => workload.arms.length > 0)
}

/** In the order in which they were asked for. */
function chooseArms({ arms, optionalArms }, wanted) {
  return wanted === undefined ? arms : wanted.filter((arm) => arms.includes(arm) || optionalArms.includes(arm))
}
