import type { Identity } from '@partyline/protocol'
import type { Clock } from './clock.ts'
import { messageOf, PartylineError } from './error.ts'
import type { Lazy } from './options.ts'

/** Who the server says this is, and until when (Unix ms) where it says so. */
export interface Authenticated {
  user: Identity
  expiresAt?: number
}

/** What `connect` says about who this is. */
export interface Credentials {
  token: string | undefined
  name: string | undefined
}

export interface AuthenticationOptions {
  token: Lazy<string | null | undefined>
  name: Lazy<string | null | undefined>
  clock: Clock
}

/** A token is renewed when so much of its time is over, and what is left is long enough to try again. */
const renewAfterShare = 0.8
const minRenewMs = 1_000
/** What a timer holds; a longer wait is taken in parts. */
const maxTimerMs = 2_000_000_000

/** Who this client is: the token and the name it has or asks for, and the renewal of a token before it expires. */
export class Authentication {
  user: Identity | undefined
  #options: AuthenticationOptions
  /** Takes a fresh token to the server. */
  #renew: (token: string) => Promise<void>
  #onFailure: (error: PartylineError) => void
  #timer: unknown
  /** Changes with each answer and each end: a renewal of before does not count any more. */
  #round = 0

  constructor(
    options: AuthenticationOptions,
    renew: (token: string) => Promise<void>,
    onFailure: (error: PartylineError) => void,
  ) {
    this.#options = { ...options }
    this.#renew = renew
    this.#onFailure = onFailure
  }

  /** For a connection. Rejects with `unauthorized` where a token cannot be had now. */
  async credentials(): Promise<Credentials> {
    const [token, name] = await Promise.all([this.token(), evaluate(this.#options.name, 'name')])
    return { token, name }
  }

  token(): Promise<string | undefined> {
    return evaluate(this.#options.token, 'token')
  }

  /** A token that the application has brought: that of connections to come, unless it said how to ask for one. */
  keep(token: string): void {
    if (typeof this.#options.token !== 'function') this.#options.token = token
  }

  /** The server knows this client. */
  accepted({ user, expiresAt }: Authenticated): void {
    this.user = user
    this.stop()
    if (typeof this.#options.token === 'function' && expiresAt !== undefined) this.#renewBefore(expiresAt)
  }

  /** Nothing is renewed any more: the next connection brings a fresh token of its own. */
  stop(): void {
    this.#options.clock.clearTimeout(this.#timer)
    this.#timer = undefined
    this.#round++
  }

  /** Where the clocks disagree it may be late: then the server closes with 4401, and a fresh token comes with the return. */
  #renewBefore(expiresAt: number): void {
    const leftMs = expiresAt - Date.now()
    if (leftMs <= 0) return
    const round = this.#round
    this.#after(Math.max(minRenewMs, leftMs * renewAfterShare), () => {
      this.#ask(round).catch((error: unknown) => {
        if (round !== this.#round) return
        this.#onFailure(error instanceof PartylineError ? error : new PartylineError('internal', messageOf(error)))
        this.#renewBefore(expiresAt)
      })
    })
  }

  async #ask(round: number): Promise<void> {
    const token = await this.token()
    if (token !== undefined && round === this.#round) await this.#renew(token)
  }

  #after(delayMs: number, callback: () => void): void {
    const partMs = Math.min(maxTimerMs, delayMs)
    this.#timer = this.#options.clock.setTimeout(() => {
      this.#timer = undefined
      if (partMs < delayMs) this.#after(delayMs - partMs, callback)
      else callback()
    }, partMs)
  }
}

async function evaluate(value: Lazy<string | null | undefined>, what: string): Promise<string | undefined> {
  try {
    return (typeof value === 'function' ? await value() : value) ?? undefined
  } catch (error) {
    throw new PartylineError('unauthorized', `the ${what} could not be had: ${messageOf(error)}`, undefined, error)
  }
}
