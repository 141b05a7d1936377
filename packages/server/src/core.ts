import type { Room } from './broker.ts'
import { nameOf, namespaceOf } from './broker.ts'
import { MemoryLog } from './brokers/memory.ts'
import { MemoryStore } from './brokers/memory-store.ts'
import { Flush } from './flush.ts'
import { Authentication } from './guard/authentication.ts'
import { Heartbeat } from './heartbeat.ts'
import { Hub } from './hub/hub.ts'
import type { ResolvedOptions } from './options.ts'
import { Presence } from './presence.ts'
import { Requests } from './protocols/requests.ts'
import { QuietLog } from './quiet-log.ts'
import type { Rules } from './rules.ts'
import { type Session, Sessions } from './sessions.ts'

const MAX_HISTORY_PAGE_BYTES = 1_000_000
const MAX_PRESENCE_PAGE = 1_000

/** The parts below the API, put together: one of each, whatever comes in by whichever transport. */
export class Core {
  readonly flush = new Flush()
  readonly log: MemoryLog
  readonly store: MemoryStore
  readonly hub: Hub
  readonly sessions: Sessions
  readonly presence: Presence
  readonly requests: Requests
  readonly heartbeat: Heartbeat
  readonly authentication: Authentication

  /** `rulesOf` answers the rules of a namespace, of one that is not there the server's. */
  constructor(options: ResolvedOptions, rulesOf: (namespace: string) => Rules) {
    const { clock, maxBufferedBytes, hardMaxBufferedBytes } = options
    const keep = (room: Room) => rulesOf(namespaceOf(room)).of(nameOf(room)).keep
    this.log = new MemoryLog('memory', { keep, clock, maxBytes: options.maxKeptBytes })
    this.store = new MemoryStore({ clock, weigh: (session) => 1_000 + (session as Session).answers.bytes })
    this.hub = new Hub({
      logs: [this.log],
      logOf: () => 0,
      keeps: (room) => keep(room) !== false,
      flush: this.flush,
      maxBufferedBytes,
      hardMaxBufferedBytes,
    })
    this.sessions = new Sessions(this.store, options.sessionTtlMs)
    this.presence = new Presence(clock)
    this.heartbeat = new Heartbeat(clock, options)
    this.requests = new Requests({
      hub: this.hub,
      presence: this.presence,
      clock,
      historyPage: options.historyPage,
      maxHistoryPage: options.maxHistoryPage,
      maxHistoryPageBytes: MAX_HISTORY_PAGE_BYTES,
      maxPresencePage: MAX_PRESENCE_PAGE,
    })
    const failures = new QuietLog(clock, (why, untold) =>
      options.logger.warn({ why, untold }, `authenticate failed: ${why}`),
    )
    this.authentication = new Authentication({
      authenticate: options.authenticate,
      guests: options.guests,
      date: () => clock.date(),
      onFailure: (why) => failures.tell(why),
    })
    void this.hub.start() // the log in memory starts at once
  }

  close(): void {
    this.log.close()
    this.store.close()
    this.presence.close()
  }
}
