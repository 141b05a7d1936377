import { LoadProcess } from './load-process.mjs'
import { ServerProcess } from './server-process.mjs'

const STALLED_MS = 120_000

/** One arm, one workload, one round: a fresh server and a fresh load, what is asked for, and everything counted. */
export async function measure(workload, arm, phases) {
  const server = await ServerProcess.start(arm, workload.kind)
  let load
  let timer
  const stalled = new Promise((_, reject) => {
    timer = setTimeout(reject, STALLED_MS, new Error(`nothing came to an end in ${STALLED_MS / 1000} s`))
  })
  try {
    load = await LoadProcess.start({ ...workload, ...server.address })
    await server.untilClients(workload.clients)
    return await Promise.race([kinds[workload.kind]({ server, load, workload, ...phases }), stalled])
  } catch (error) {
    throw new Error(`${workload.id}, ${arm}: ${error.message}`, { cause: error })
  } finally {
    clearTimeout(timer)
    await load?.stop()
    await server.stop()
  }
}

const kinds = { broadcast: measureBroadcast, echo: measureEcho, flood: measureFlood }

async function measureBroadcast({ server, load, workload, warmUpMs, measureMs }) {
  const { clients, everyMs, perTurn, payloadBytes } = workload
  const publish = async (options) => {
    const { published } = await server.ask('broadcast', { perTurn, payloadBytes, ...options })
    await load.reach(published)
    return published
  }
  const before = await publish({ everyMs: everyMs / 10, forMs: warmUpMs })
  const { published, ...cost } = await costOf(server, async () => ({
    published: (await publish({ everyMs, forMs: measureMs })) - before,
  }))
  await checkTotal(load, clients * (before + published))
  return figures(published * clients, cost)
}

async function measureEcho({ server, load, workload, warmUpMs, measureMs }) {
  const before = await load.echo(warmUpMs, workload.depth)
  const { echoes, ...cost } = await costOf(server, async () => ({
    echoes: await load.echo(measureMs, workload.depth),
  }))
  await checkTotal(load, before + echoes)
  return figures(echoes, cost)
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

const figures = (count, { cpuUs, wallUs }) => ({ count, cpuUs, eachUs: cpuUs / count, busy: cpuUs / wallUs })

/** The load has compared every message with the one that was due; this says that there was none besides. */
async function checkTotal(load, expected) {
  const total = await load.total()
  if (total !== expected) throw new Error(`${expected} messages were due, ${total} came`)
}
