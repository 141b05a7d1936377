import { armNames } from './arms.mjs'

const peers = ['ws', 'socket.io', 'bare', 'uws', 'bun', 'partyline', 'partyline-socket.io']
const withKept = [...peers, 'partyline-kept']

const turns = (perTurn) => (perTurn === 1 ? '1 a turn' : `${perTurn} a turn`)

const broadcast = (perTurn, { id = '', title = '', ...rest } = {}) => ({
  id: `broadcast${id}-${perTurn}`,
  kind: 'broadcast',
  title: `broadcast${title}, ${turns(perTurn)}`,
  unit: 'µs',
  arms: peers,
  optionalArms: ['partyline-kept', 'ws-prebuilt'],
  clients: 500,
  payloadBytes: 64,
  everyMs: 50,
  perTurn,
  ...rest,
})

const echo = (depth) => ({
  id: `echo-${depth}`,
  kind: 'echo',
  title: `echo, ${depth} in flight`,
  unit: 'µs',
  arms: peers,
  optionalArms: [],
  clients: 200,
  payloadBytes: 64,
  depth,
})

const of1KB = { id: '-1KB', title: ' of 1 KB', payloadBytes: 1024, isBrief: true }
/** As fast as a fast server writes these, nobody reads them: a turn waits until all have the one before. */
const of16KB = {
  id: '-16KB',
  title: ' of 16 KB',
  payloadBytes: 16_384,
  everyMs: 100,
  untilReceived: true,
  isBrief: true,
}
const to5k = { id: '-5k', title: ' to 5,000', clients: 5000, everyMs: 250, isBrief: true }

const idle = {
  id: 'idle',
  kind: 'idle',
  title: 'idle',
  unit: 'bytes',
  arms: peers,
  optionalArms: [],
  payloadBytes: 64,
}

const connect = {
  id: 'connect',
  kind: 'connect',
  title: 'connect',
  unit: 'µs',
  arms: peers,
  optionalArms: [],
  payloadBytes: 64,
}

const latency = {
  id: 'latency',
  kind: 'latency',
  title: 'delivery',
  unit: 'ms',
  // Socket.IO before all others: they are measured at its half load, too.
  arms: ['socket.io', ...peers.filter((arm) => arm !== 'socket.io')],
  optionalArms: ['partyline-kept'],
  clients: 500,
  payloadBytes: 64,
  depth: 16,
}

const flood = {
  id: 'flood',
  kind: 'flood',
  title: 'broadcast while all clients flood',
  arms: ['bare', 'partyline', 'partyline-kept'],
  optionalArms: ['ws', 'socket.io'],
  clients: 3000,
  payloadBytes: 64,
}

const workloads = [
  broadcast(1, { arms: withKept }),
  broadcast(10, { arms: withKept }),
  broadcast(64, { arms: withKept }),
  broadcast(1, of1KB),
  broadcast(10, of1KB),
  broadcast(1, of16KB),
  broadcast(10, of16KB),
  broadcast(1, to5k),
  broadcast(10, to5k),
  echo(1),
  echo(16),
  connect,
  idle,
  latency,
  flood,
]

const kinds = [...new Set(workloads.map(({ kind }) => kind))]

/** The workloads and arms that the options ask for; throws where they name one that there is not. */
export function chooseWorkloads({ only, arms }) {
  for (const arm of arms ?? []) {
    if (!armNames.includes(arm)) throw new Error(`--arms ${arm}: there are ${armNames.join(', ')}`)
  }
  for (const name of only ?? []) {
    if (!workloads.some(({ id, kind }) => name === id || name === kind)) {
      const singles = workloads.map(({ id }) => id).filter((id) => !kinds.includes(id))
      throw new Error(`--only ${name}: there are ${kinds.join(', ')}, and ${singles.join(', ')}`)
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
