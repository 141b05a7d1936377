import type { PartylineError } from './error.ts'
import type { Transport } from './transports.ts'

/**
 * Where a client stands.
 *
 * ```
 * idle ── connect() ──→ connecting ── welcome, all that was missed has come ──→ live
 *                        ↑      └──── refused, dropped ────┐                      │ dropped
 *                        └── in time, tryNow(), online ── waiting ←───────────────┘
 * any ── close(), or a close code that says not to come back ──→ closed ── connect() ──→ connecting
 * ```
 */
export type ClientState =
  /** Made with `autoConnect: false`, and not told to connect. */
  | { readonly name: 'idle' }
  /** The `attempt` is 1 for the first one. */
  | { readonly name: 'connecting'; readonly attempt: number }
  /**
   * Connected. After a return `recovered` says that nothing is missing, `caughtUp` how many publications came that had
   * been missed, and `gaps` in which rooms some did not.
   */
  | {
      readonly name: 'live'
      readonly recovered: boolean
      readonly caughtUp: number
      readonly gaps: readonly string[]
      /** By what messages travel. From `polling` it goes through `connecting` to `websocket` as soon as one opens. */
      readonly transport: Transport
    }
  /** Comes back by itself in `delayMs`, at `retryAtMs` (Unix time). The `code` and `reason` are those of the last close. */
  | {
      readonly name: 'waiting'
      readonly attempt: number
      readonly retryAtMs: number
      readonly delayMs: number
      readonly code: number
      readonly reason: string
      /** The browser says that there is no network; when it is back, this client tries at once. */
      readonly isOffline?: boolean
      /** Why: what the server refused it with, a token that could not be had, or what the close says. */
      readonly error?: PartylineError
    }
  /** Does not come back by itself. */
  | {
      readonly name: 'closed'
      readonly code: number
      readonly reason: string
      /** Why, as above; absent where this client said `close`. */
      readonly error?: PartylineError
    }
