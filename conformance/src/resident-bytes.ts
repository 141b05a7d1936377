import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** The most memory a process has had so far; where only that can be known, what it has now. */
export function peakBytes(pid: number): number {
  return process.platform === 'linux' ? statusBytes(pid, 'VmHWM') : residentBytes(pid)
}

/** The memory a process has now. */
export function residentBytes(pid: number): number {
  if (process.platform === 'linux') return statusBytes(pid, 'VmRSS')
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) * 1024
}

function statusBytes(pid: number, field: string): number {
  const [, kilobytes] =
    new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  if (kilobytes === undefined) throw new Error(`there is no ${field} of process ${pid}`)
  return Number(kilobytes) * 1024
}
