import { setTimeout as wait } from 'node:timers/promises'
import { LoadProcess } from './load-process.mjs'
import { ServerProcess } from './server-process.mjs'
import { slope } from './statistics.mjs'

const STALLED_MS = 120_000

/** Two loads: half of what a server can hold, and as much of it as nobody should plan with. */
const HALF = 0.5
const HIGH = 0.8

/**
 * One arm, one workload, one round: a fresh server and a fresh load, what is asked for, and everything counted.
 * `reference` is what Socket.IO came to in the same round, where it did.
 */
export async function measure(workload, arm, options, reference) {
  const phases = workload.isBrief ? { ...options, ...options.brief } : options
  const server = await ServerProcess.start(arm, workload.kind)
  let load
  let timer
  const stalled = new Promise((_, reject) => {
    timer = setTimeout(reject, STALLED_MS, new Error(`nothing came to an end in ${STALLED_MS / 1000} s`))
  })
  const work = async () => {
    const { first = () => workload.clients, run } = kinds[workload.kind]
    const clients = first(phases)
    load = await LoadProcess.start({ ...workload, ...server.address, clients })
    await server.untilClients(clients)
    return run({ server, load, workload, reference, ...phases })
  }
  try {
    return await Promise.race([work(), stalled])
  } finally {
    clearTimeout(timer)
    await load?.stop()
    await server.stop()
  }
}

/** `first`: how many clients are there before anything is measured, where the workload does not say. */
const kinds = {
  broadcast: { run: measureBroadcast },
  echo: { run: measureEcho },
  connect: { first: ({ warmUpConnects }) => warmUpConnects, run: measureConnect },
  idle: { first: ({ idleClients }) => idleClients[0], run: measureIdle },
  latency: { run: measureLatency },
  flood: { run: measureFlood },
}

async function measureBroadcast({ server, load, workload, warmUpMs, measureMs }) {
  const { clients, everyMs } = workload
  const publish = workload.untilReceived ? publishInTurn : publishOnTime
  const before = await publish(server, load, workload, { everyMs: everyMs / 10, forMs: warmUpMs })
  const { published, ...cost } = await costOf(server, async () => ({
    published: (await publish(server, load, workload, { everyMs, forMs: measureMs })) - before,
  }))
  await checkTotal(load, clients * (before + published))
  return figures(published * clients, cost)
}

/** Answers how many were published since the server began. */
async function publishOnTime(server, load, { perTurn, payloadBytes }, { everyMs, forMs }) {
  const { published } = await server.ask('broadcast', { perTurn, payloadBytes, everyMs, forMs })
  await load.reach(published)
  return published
}

/** The same, but no turn begins before everybody has the one before. */
async function publishInTurn(server, load, workload, { everyMs, forMs }) {
  const endMs = performance.now() + forMs
  for (;;) {
    const dueMs = performance.now() + everyMs
    const published = await publishOnTime(server, load, workload, { everyMs, forMs: 0 })
    if (performance.now() >= endMs) return published
    await wait(Math.max(0, dueMs - performance.now()))
  }
}

async function measureEcho({ server, load, workload, warmUpMs, measureMs }) {
  const before = await load.echo(warmUpMs, workload.depth)
  const { echoes, ...cost } = await costOf(server, async () => ({
    echoes: await load.echo(measureMs, workload.depth),
  }))
  await checkTotal(load, before + echoes)
  return figures(echoes, cost)
}

/** Those who came are kept: what a connection leaves behind for the collector is part of what it costs. */
async function measureConnect({ server, load, warmUpConnects, connects }) {
  const cost = await costOf(server, async () => {
    await load.connect(connects)
    await server.untilClients(warmUpConnects + connects)
    return {}
  })
  await checkTotal(load, 0)
  return figures(connects, cost)
}

async function measureIdle({ server, load, idleClients }) {
  const points = []
  let connected = idleClients[0]
  for (const clients of idleClients) {
    if (clients > connected) connected = await load.connect(clients - connected)
    await server.untilClients(clients)
    const { rssBytes } = await server.ask('memory')
    points.push([clients, rssBytes])
  }
  await checkTotal(load, 0)
  return { each: slope(points), points }
}

/**
 * What can be held is found by keeping so many publications in flight; then they come at shares of that rate, on time,
 * and at half of what Socket.IO holds.
 */
async function measureLatency({ load, workload, reference, warmUpMs, measureMs, paceMs }) {
  const { clients, depth } = workload
  const warmUp = await load.relay(warmUpMs, depth)
  const sinceMs = performance.now()
  const held = await load.relay(measureMs / 2, depth)
  const capacity = (held / (performance.now() - sinceMs)) * 1000
  const atHalf = await load.pace(paceMs, capacity * HALF)
  const atHigh = await load.pace(paceMs, capacity * HIGH)
  const atSame = reference && (await load.pace(paceMs, reference.capacity * HALF))
  const paced = [atHalf, atHigh, ...(atSame === undefined ? [] : [atSame])]
  await checkTotal(load, clients * paced.reduce((sum, { published }) => sum + published, warmUp + held))
  return { each: atHalf.p99Ms, capacity, atHalf, atHigh, atSame }
}

async function measureFlood({ server, load, workload, floodPublications }) {
  const waits = server.ask('flood', { publications: floodPublications, payloadBytes: workload.payloadBytes })
  await load.flood()
  return { waits: await waits }
}

/** The processor's time that the server took for the work, and for how much of the time it was busy. */
async function costOf(server, work) {
  const before = await server.ask('cpu')
  const result = await work()
  const after = await server.ask('cpu')
  return { ...result, cpuUs: after.cpuUs - before.cpuUs, wallUs: (after.atMs - before.atMs) * 1000 }
}

const figures = (count, { cpuUs, wallUs }) => ({ count, cpuUs, each: cpuUs / count, busy: cpuUs / wallUs })

/** The load has compared every message with the one that was due; this says that there was none besides. */
async function checkTotal(load, expected) {
  const total = await load.total()
  if (total !== expected) throw new Error(`${expected} messages were due, ${total} came`)
}
