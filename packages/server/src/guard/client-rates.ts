import { ProtocolViolation } from '@partyline/protocol'
import type { MonotonicClock } from '../clock.ts'
import type { ResolvedRule } from '../rules.ts'
import type { ResolvedRate } from './rate.ts'
import { refuseUntil, TokenBucket } from './token-bucket.ts'

/** How often one client may do what. */
export interface Rates {
  readonly messages: ResolvedRate | undefined
  /** By the event's name; of the events that are sent to handlers. */
  readonly events: ReadonlyMap<string, ResolvedRate>
}

/** Nothing is limited but what a room's rule limits. */
export const noRates: Rates = { messages: undefined, events: new Map() }

/** So many refused messages in a row, by a client that does not wait, are a flood: answering them is work, too. */
const MAX_REFUSED = 1_000

/** What one client has left of its rates. Nothing is made of it where nothing is limited. */
export class ClientRates {
  readonly #rates: Rates
  readonly #clock: MonotonicClock
  #messages: TokenBucket | undefined
  #events: Map<string, TokenBucket> | undefined
  #rules: Map<ResolvedRule, TokenBucket> | undefined
  #refused = 0

  constructor(rates: Rates, clock: MonotonicClock) {
    this.#rates = rates
    this.#clock = clock
  }

  /** Counts a message, whatever is in it. Throws `rate_limited`, and a violation (1008) once somebody floods. */
  message(): void {
    const { messages } = this.#rates
    if (messages === undefined) return
    const now = this.#clock.now()
    this.#messages ??= new TokenBucket(messages, now)
    const retryAfterMs = this.#messages.take(now)
    if (retryAfterMs === 0) {
      this.#refused = 0
      return
    }
    if (++this.#refused > MAX_REFUSED) throw new ProtocolViolation(1008, 'a flood of messages')
    refuseUntil(retryAfterMs, 'messages')
  }

  /** Counts an event. Throws `rate_limited`. */
  event(name: string): void {
    const rate = this.#rates.events.get(name)
    if (rate === undefined) return
    this.#events ??= new Map()
    this.#take(this.#events, name, rate, `events "${name}"`)
  }

  /** Counts a publication by the rule of its room. Throws `rate_limited`. */
  publication(rule: ResolvedRule): void {
    if (rule.rate === undefined) return
    this.#rules ??= new Map()
    this.#take(this.#rules, rule, rule.rate, 'publications here')
  }

  #take<Key>(buckets: Map<Key, TokenBucket>, key: Key, rate: ResolvedRate, what: string): void {
    const now = this.#clock.now()
    let bucket = buckets.get(key)
    if (bucket === undefined) {
      bucket = new TokenBucket(rate, now)
      buckets.set(key, bucket)
    }
    refuseUntil(bucket.take(now), what)
  }
}
