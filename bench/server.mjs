/**
 * The process that is measured: `node server.mjs <arm> <kind of work>`, or the same with Bun. The runner asks over IPC;
 * nothing else but the arm's own work happens in here while the processor's time is counted.
 */
import { FloodProbe } from './lib/flood-probe.mjs'
import { settledMemory } from './lib/memory.mjs'
import { payload } from './lib/payload.mjs'

const [armName, kind] = process.argv.slice(2)
const { start, dialect, path } = await import(`./arms/${armName}.mjs`)

const probe = kind === 'flood' ? new FloodProbe() : undefined

/** What an arm's application does. */
const arm = await start({
  /** Every message goes back to who sent it. */
  echo: kind === 'echo',
  /** Every message is published to everybody. */
  relay: kind === 'latency',
  /** Called for every message, where the arm knows how. */
  onMessage: probe && (() => probe.onMessage()),
  /** Everybody is in the room that is published to; else nothing is ever published. */
  hasRoom: ['broadcast', 'latency', 'flood'].includes(kind),
})
let published = 0

/** A turn of `perTurn` publications every `everyMs`, for so long; a turn that took longer is followed by the next at once. */
function broadcast({ everyMs, perTurn, forMs, payloadBytes }) {
  return new Promise((resolve) => {
    const endMs = performance.now() + forMs
    let dueMs = performance.now()
    const turn = () => {
      for (let i = 0; i < perTurn; i++) arm.publish(payload(published++, payloadBytes))
      const nowMs = performance.now()
      if (nowMs >= endMs) return resolve({ published })
      dueMs = Math.max(nowMs, dueMs + everyMs)
      setTimeout(turn, dueMs - nowMs)
    }
    turn()
  })
}

const answers = {
  clients: () => arm.clients(),
  cpu: () => {
    const { user, system } = process.cpuUsage()
    return { cpuUs: user + system, atMs: performance.now() }
  },
  memory: settledMemory,
  broadcast,
  flood: ({ publications, payloadBytes }) =>
    probe.run({
      publications,
      clients: arm.clients(),
      nextText: () => payload(published++, payloadBytes),
      publish: arm.publish,
    }),
}

process.on('message', async ({ id, ask, options }) => process.send({ id, answer: await answers[ask](options) }))
process.on('disconnect', () => process.exit())
process.send({ answer: { port: arm.port, dialect, path } })
