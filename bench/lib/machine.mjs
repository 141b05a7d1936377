import { cpus, loadavg, release, totalmem, type } from 'node:os'
import { loadCore, serverCore } from './cores.mjs'

/** What the figures were measured on. */
export const machine = () => ({
  processor: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  system: `${type()} ${release()}`,
  node: process.version,
  pinning: serverCore === undefined ? 'none' : `server on core ${serverCore}, load on core ${loadCore}`,
  loadAverage: loadavg()[0].toFixed(1),
})
