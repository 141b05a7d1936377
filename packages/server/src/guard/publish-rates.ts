import type { MonotonicClock } from '../clock.ts'
import type { ResolvedRule } from '../rules.ts'
import { RateTable } from './rate-table.ts'
import { refuseUntil } from './token-bucket.ts'

/** The rates of rooms for those who have no connection that could be counted: by who they are. */
export class PublishRates {
  readonly #clock: MonotonicClock
  readonly #tables = new Map<ResolvedRule, RateTable>()

  constructor(clock: MonotonicClock) {
    this.#clock = clock
  }

  /** Counts a publication of somebody's. Throws `rate_limited`. */
  publication(rule: ResolvedRule, who: string): void {
    if (rule.rate === undefined) return
    let table = this.#tables.get(rule)
    if (table === undefined) {
      table = new RateTable(rule.rate)
      this.#tables.set(rule, table)
    }
    refuseUntil(table.take(who, this.#clock.now()), 'publications here')
  }
}
