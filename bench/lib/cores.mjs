import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

const canPin = existsSync('/proc/self/status') && spawnSync('taskset', ['--version']).status === 0

/** The processors this process may run on, by number. */
function allowedCores() {
  const [, ranges] = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))
  return ranges.split(',').flatMap((range) => {
    const [from, to = from] = range.split('-').map(Number)
    return Array.from({ length: to - from + 1 }, (_, i) => from + i)
  })
}

const cores = canPin ? allowedCores() : []

/** One core for the server and another one for the load; undefined where the system cannot pin or there is only one. */
export const serverCore = cores.length > 1 ? cores[0] : undefined
export const loadCore = cores.length > 1 ? cores[cores.length - 1] : undefined

/** The command, pinned to the core where there is one. */
export const pinned = (core, command, args) =>
  core === undefined ? [command, args] : ['taskset', ['--cpu-list', String(core), command, ...args]]
