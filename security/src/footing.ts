import type { Server } from '@partyline/server'
import type { Ledger } from './ledger.ts'

/** What a server and its process hold, as plain numbers by name. */
export type Footing = Readonly<Record<string, number>>

/** What is held now: clients, what is kept for them, sockets, timers, and what keeps the process alive. */
export function footingOf(io: Server, ledger: Ledger): Footing {
  const { clients, rooms, sessions, presenceRooms } = io.stats
  return {
    clients: clients.total,
    strictClients: clients.byProtocol.strict,
    httpClients: clients.byProtocol.http,
    namespaceSockets: io.sockets.sockets.size,
    rooms,
    sessions,
    presenceRooms,
    serverSockets: ledger.sockets.size,
    serverTimers: ledger.timers.size,
    ...resources(),
  }
}

/** What keeps the process alive, by kind. */
export function resources(): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1
  delete counts.Immediate
  return counts
}

/** The lower of both, number by number: what a passing timer of somebody else's added is not part of a footing. */
export function lowest(a: Footing, b: Footing): Footing {
  return Object.fromEntries(Object.entries(a).map(([name, count]) => [name, Math.min(count, b[name] ?? 0)]))
}

/** What there is more of than there was. */
export function excess(before: Footing, now: Footing): string[] {
  return Object.entries(now)
    .filter(([name, count]) => count > (before[name] ?? 0))
    .map(([name, count]) => `${name}: ${before[name] ?? 0} → ${count}`)
}
