import { RequestError } from '@partyline/protocol'
import type { MonotonicClock } from '../clock.ts'
import { addressOf, forwardedFor, isNear, partyOf } from './address.ts'
import { type Rate, type ResolvedRate, resolveRate } from './rate.ts'
import { refuseUntil, TokenBucket } from './token-bucket.ts'

/** What one address may do. */
export interface AddressLimits {
  /** WebSocket connections at once. Default 1,000. */
  readonly maxConnections?: number
  /** Default `"100 per second, burst 1000"`. */
  readonly handshakes?: Rate
  /** POSTs to the HTTP API. Default `"100 per second, burst 200"`. */
  readonly posts?: Rate
  /** Streams and parked polls of the HTTP API at once. Default 500. */
  readonly maxStreams?: number
}

export interface AdmissionOptions {
  /** `false`: addresses are not looked at. */
  readonly perAddress: AddressLimits | false
  /** Clients of all kinds, over all addresses. */
  readonly maxConnections: number
  readonly trustProxy: boolean
  readonly clock: MonotonicClock
  /** A proxy may stand in front of us that nobody told us of. */
  readonly onUntrustedProxy: () => void
}

/** What an address has of ours. */
interface Party {
  connections: number
  streams: number
  handshakes: TokenBucket
  posts: TokenBucket
}

type Kind = 'connections' | 'streams'

type ResolvedLimits = Readonly<Record<Kind, number> & Record<'handshakes' | 'posts', ResolvedRate>>

/** Somebody who was let in. To be given back once when it has gone. */
export interface Ticket {
  release(): void
}

const COME_BACK_MS = 1_000
const FIRST_SWEEP = 1_000

/**
 * How many may come in, and how fast: over all, and from one address. Loopback and private addresses are exempt while
 * no proxy is trusted: they are developers, or a proxy that stands for many.
 */
export class Admission {
  readonly #clock: MonotonicClock
  readonly #trustProxy: boolean
  readonly #maxConnections: number
  readonly #onUntrustedProxy: () => void
  readonly #limits: ResolvedLimits | undefined
  readonly #parties = new Map<string, Party>()
  #sweepAt = FIRST_SWEEP
  #admitted = 0
  #warned = false

  constructor({ perAddress, maxConnections, trustProxy, clock, onUntrustedProxy }: AdmissionOptions) {
    this.#clock = clock
    this.#trustProxy = trustProxy
    this.#maxConnections = maxConnections
    this.#onUntrustedProxy = onUntrustedProxy
    if (perAddress !== false) this.#limits = resolveLimits(perAddress)
  }

  /** How many are in, and of how many addresses something is known. */
  get size(): { admitted: number; addresses: number } {
    return { admitted: this.#admitted, addresses: this.#parties.size }
  }

  /** Where a request comes from. */
  addressOf(peer: string, rawHeaders: readonly string[]): string {
    if (!this.#trustProxy && !this.#warned && forwardedFor(rawHeaders) !== undefined) {
      this.#warned = true
      this.#onUntrustedProxy()
    }
    return addressOf(peer, rawHeaders, this.#trustProxy)
  }

  /** A WebSocket handshake from this address. Throws `rate_limited`, `too_many` or `unavailable`. */
  connection(address: string): Ticket {
    return this.#admit(address, 'connections')
  }

  /** A stream or a poll that waits. Throws `too_many` or `unavailable`. */
  stream(address: string): Ticket {
    return this.#admit(address, 'streams')
  }

  /** A POST. Throws `rate_limited`. */
  post(address: string): void {
    const party = this.#partyOf(address)
    if (party !== undefined) refuseUntil(party.posts.take(this.#clock.now()), 'requests from this address')
  }

  #admit(address: string, kind: Kind): Ticket {
    const party = this.#partyOf(address)
    if (party !== undefined) {
      if (kind === 'connections') refuseUntil(party.handshakes.take(this.#clock.now()), 'handshakes from this address')
      if (party[kind] >= (this.#limits?.[kind] ?? Number.POSITIVE_INFINITY)) {
        throw new RequestError('too_many', `too many ${kind} from this address`, undefined, undefined, COME_BACK_MS)
      }
    }
    if (this.#admitted >= this.#maxConnections) {
      throw new RequestError('unavailable', 'too many clients', undefined, undefined, COME_BACK_MS)
    }
    this.#admitted++
    if (party === undefined) return this.#anybody
    party[kind]++
    return { release: () => this.#release(party, kind) }
  }

  /** The ticket of all who are exempt: an idle connection costs none of its own. */
  readonly #anybody: Ticket = { release: () => void this.#admitted-- }

  #release(party: Party, kind: Kind): void {
    this.#admitted--
    party[kind]--
  }

  #partyOf(address: string): Party | undefined {
    const limits = this.#limits
    if (limits === undefined || (!this.#trustProxy && isNear(address))) return undefined
    const name = partyOf(address)
    const known = this.#parties.get(name)
    if (known !== undefined) return known
    const now = this.#clock.now()
    if (this.#parties.size >= this.#sweepAt) this.#sweep(now)
    const { handshakes, posts } = limits
    const made: Party = {
      connections: 0,
      streams: 0,
      handshakes: new TokenBucket(handshakes, now),
      posts: new TokenBucket(posts, now),
    }
    this.#parties.set(name, made)
    return made
  }

  /** Forgets those that have nothing of ours and are as good as new. */
  #sweep(now: number): void {
    for (const [name, { connections, streams, handshakes, posts }] of this.#parties) {
      const isNew = connections + streams === 0 && handshakes.isFull(now) && posts.isFull(now)
      if (isNew) this.#parties.delete(name)
    }
    this.#sweepAt = Math.max(FIRST_SWEEP, 2 * this.#parties.size)
  }
}

function resolveLimits(limits: AddressLimits): ResolvedLimits {
  const {
    maxConnections = 1_000,
    maxStreams = 500,
    handshakes = '100 per second, burst 1000',
    posts = '100 per second, burst 200',
  } = limits
  return {
    connections: maxConnections,
    streams: maxStreams,
    handshakes: resolveRate(handshakes, 'perAddress.handshakes'),
    posts: resolveRate(posts, 'perAddress.posts'),
  }
}
