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
  | { readonly name: 'live'; readonly recovered: boolean; readonly caughtUp: number; readonly gaps: readonly string[] }
  /** Comes back by itself in `delayMs`, at `retryAtMs` (Unix time). The `code` and `reason` are those of the last close. */
  | {
      readonly name: 'waiting'
      readonly attempt: number
      readonly retryAtMs: number
      readonly delayMs: number
      readonly code: number
      readonly reason: string
    }
  /** Does not come back by itself. */
  | { readonly name: 'closed'; readonly code: number; readonly reason: string }
