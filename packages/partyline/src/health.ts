import type { Server } from '@partyline/server'
import { version } from './package.ts'

/** What `GET /health` answers: that this process is there and takes part. */
export function healthOf(): object {
  return { status: 'ok', version, uptimeSeconds: Math.floor(process.uptime()) }
}

/** What `GET /stats` answers: who is here, what was said, what is kept, and what it costs. */
export function statsOf({ stats }: Server): object {
  const { clients, ...rest } = stats
  const memory = process.memoryUsage()
  return {
    version,
    node: process.version,
    uptimeSeconds: Math.floor(process.uptime()),
    connections: clients,
    ...rest,
    memory: { rssBytes: memory.rss, heapUsedBytes: memory.heapUsed },
  }
}
