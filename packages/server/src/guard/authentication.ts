import { isName, RequestError } from '@partyline/protocol'
import type { Sender } from '../broker.ts'
import type { Handshake } from '../handshake.ts'
import type { Maybe } from '../maybe.ts'

/** Who a token's bearer is. */
export interface Identity {
  /** The user's own, the same wherever it comes from; never begins with `guest:`. */
  readonly id: string
  /** What others see. Default: the id. */
  readonly name?: string
  /** Unix ms. Then the connection ends with 4401, unless a fresh token has come. */
  readonly expiresAt?: number
}

/** Where a token was shown. */
export interface TokenContext {
  readonly namespace: string
  /** How the client came; undefined over HTTP. */
  readonly handshake: Handshake | undefined
}

/**
 * Answers who a token's bearer is; nothing, or `false`, for a token that is not good. What it throws is told to the
 * client as `unauthorized` too, and to the log without the token; a `RequestError` is told as it is.
 */
export type Authenticate = (token: string, context: TokenContext) => Maybe<Identity | undefined | null | false>

/** A user and until when it is one, in Unix ms. */
export interface Authenticated {
  readonly user: Sender
  readonly expiresAt: number | undefined
}

export interface AuthenticationOptions {
  readonly authenticate: Authenticate | undefined
  readonly guests: boolean
  readonly date: () => number
  /** The hook has thrown; nothing of the token is in the text. */
  readonly onFailure: (text: string) => void
}

/** Longer ones are not looked at: a token travels in a header, and those are limited. */
const MAX_TOKEN_LENGTH = 8_192
const MAX_TOLD_LENGTH = 256

/** Who clients are: by their token where an application says how, and guests where they are welcome. */
export class Authentication {
  readonly #options: AuthenticationOptions

  constructor(options: AuthenticationOptions) {
    this.#options = options
  }

  /** Tokens are looked at. */
  get isConfigured(): boolean {
    return this.#options.authenticate !== undefined
  }

  /** Nobody is let in without a token. */
  get isDemanded(): boolean {
    return this.#options.authenticate !== undefined && !this.#options.guests
  }

  /** Who it is; undefined for a guest. Throws or rejects with `unauthorized`. */
  identify(token: string | undefined, context: TokenContext): Maybe<Authenticated | undefined> {
    const { authenticate } = this.#options
    if (authenticate === undefined) return undefined
    if (token !== undefined) return this.#ask(authenticate, token, context)
    if (this.isDemanded) throw new RequestError('unauthorized', 'a token is needed')
    return undefined
  }

  async #ask(authenticate: Authenticate, token: string, context: TokenContext): Promise<Authenticated> {
    if (token.length > MAX_TOKEN_LENGTH) throw new RequestError('unauthorized', 'the token is too long')
    let identity: Identity | undefined | null | false
    try {
      identity = await authenticate(token, context)
    } catch (error) {
      if (error instanceof RequestError) throw error
      this.#options.onFailure(withoutToken(error, token))
    }
    if (!identity) throw new RequestError('unauthorized', 'the token is not good')
    return this.#authenticated(identity)
  }

  #authenticated({ id, name = id, expiresAt }: Identity): Authenticated {
    if (!isName(id) || id.startsWith('guest:')) {
      throw new TypeError('authenticate must answer an id of 1 to 256 bytes that does not begin with "guest:"')
    }
    if (expiresAt !== undefined && expiresAt <= this.#options.date()) {
      throw new RequestError('unauthorized', 'the token has expired')
    }
    return { user: { id, name }, expiresAt }
  }
}

/** What the hook has thrown, in words that may stand in a log. */
function withoutToken(error: unknown, token: string): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return text.replaceAll(token, '***').slice(0, MAX_TOLD_LENGTH)
}
