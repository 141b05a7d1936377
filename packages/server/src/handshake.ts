import type { IncomingHttpHeaders } from 'node:http'

/** What a transport knows of the request a client came with. */
export interface RequestFacts {
  readonly method: string
  readonly url: string
  readonly rawHeaders: readonly string[]
  readonly address: string
  readonly secure: boolean
}

/** What came with a handshake to say who the client is. */
export interface HandshakeAuth {
  // biome-ignore lint/suspicious/noExplicitAny: a client says whatever it likes, and programs know what theirs says
  [field: string]: any
}

const began = Date.now()

const MAX_SHARED = 1_000
const MAX_SHARED_LENGTH = 2_048
const sharedTexts = new Map<string, string>()

/** The same text as one string: browsers of one kind send the same head, and it is most of what a handshake keeps. */
function shared(text: string): string {
  const known = sharedTexts.get(text)
  if (known !== undefined || text.length > MAX_SHARED_LENGTH) return known ?? text
  if (sharedTexts.size >= MAX_SHARED) sharedTexts.clear()
  sharedTexts.set(text, text)
  return text
}

/** All but the one that is different each time. */
function keptHeaders(rawHeaders: readonly string[]): string {
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string
    if (name.length === SEC_WEBSOCKET_KEY.length && name.toLowerCase() === SEC_WEBSOCKET_KEY) {
      return keptHeaders(rawHeaders.toSpliced(i, 2))
    }
  }
  return rawHeaders.join(SEPARATOR)
}

const SEC_WEBSOCKET_KEY = 'sec-websocket-key'

/** Every name and value behind one another: no part of a header can hold a line end, and one string is cheap to keep. */
const SEPARATOR = '\n'

/**
 * How a client came, as applications know it from Socket.IO's `socket.handshake` and `socket.request`. Tens of thousands
 * are kept, so headers stay one string, and what they mean is built when it is asked for.
 */
export class Handshake {
  readonly method: string
  readonly address: string
  readonly secure: boolean
  /** In ms since this process began: a small number costs nothing, a Unix time sixteen bytes. */
  readonly #age: number
  readonly #url: string
  #headers: string
  /** Made when somebody asks for it: most clients bring none, and an empty object costs more than their URL. */
  #auth: HandshakeAuth | undefined

  constructor(facts: RequestFacts, issued: number) {
    this.method = facts.method
    this.address = facts.address
    this.secure = facts.secure
    this.#age = issued - began
    this.#url = facts.url
    this.#headers = shared(keptHeaders(facts.rawHeaders))
  }

  /** Set from the first that has it: strict `connect`, `Authorization`, the URL, a lenient `auth` message. */
  get auth(): HandshakeAuth {
    this.#auth ??= this.brought
    return this.#auth
  }

  set auth(auth: HandshakeAuth) {
    this.#auth = auth
  }

  /** What the handshake itself brought: `Authorization: Bearer`, then the URL's `token` and `name`. */
  get brought(): HandshakeAuth {
    const query = queryOf(this.#url)
    const token = bearerOf(this.#lastHeader('authorization')) ?? query?.get('token')
    const name = query?.get('name')
    return { ...(token == null ? undefined : { token }), ...(name == null ? undefined : { name }) }
  }

  /** The same handshake with what was said to come into another namespace. */
  withAuth(auth: HandshakeAuth): Handshake {
    const { method, address, secure } = this
    const other = new Handshake({ method, url: this.#url, rawHeaders: [], address, secure }, this.issued)
    other.#headers = this.#headers
    other.#auth = auth
    return other
  }

  #lastHeader(name: string): string | undefined {
    const parts = this.#headers.split(SEPARATOR)
    for (let i = parts.length - 2; i >= 0; i -= 2) if (parts[i]?.toLowerCase() === name) return parts[i + 1]
    return undefined
  }

  /** The request's target, with a token in it made unreadable. */
  get url(): string {
    return this.#url.replace(/([?&])([^=&#]*)=[^&#]*/g, (pair, before, name) =>
      isToken(name) ? `${before}${name}=***` : pair,
    )
  }

  /** Unix ms. */
  get issued(): number {
    return began + this.#age
  }

  get time(): string {
    return new Date(this.issued).toString()
  }

  /** True where the request named an origin: it came from a page. */
  get xdomain(): boolean {
    return this.headers.origin !== undefined
  }

  /** Names in lower case; the values of repeated ones are joined by commas. `Sec-WebSocket-Key` is not kept: it has served. */
  get headers(): IncomingHttpHeaders {
    const headers: IncomingHttpHeaders = Object.create(null)
    const parts = this.#headers === '' ? [] : this.#headers.split(SEPARATOR)
    for (let i = 0; i + 1 < parts.length; i += 2) {
      const name = (parts[i] as string).toLowerCase()
      const known = headers[name]
      headers[name] = known === undefined ? parts[i + 1] : `${known}, ${parts[i + 1]}`
    }
    return headers
  }

  get query(): Record<string, string> {
    const query: Record<string, string> = Object.create(null)
    for (const [name, value] of queryOf(this.#url) ?? []) query[name] ??= value
    return query
  }
}

/** The token of an `Authorization` of the scheme Bearer (RFC 6750 section 2.1). */
export function bearerOf(header: string | undefined): string | undefined {
  return /^Bearer +(\S+)$/i.exec(header ?? '')?.[1]
}

function queryOf(url: string): URLSearchParams | undefined {
  const at = url.indexOf('?')
  return at < 0 ? undefined : new URLSearchParams(url.slice(at + 1))
}

/** Whether a name in the query means the token, escaped as it may be. */
function isToken(name: string): boolean {
  return new URLSearchParams(name).keys().next().value?.toLowerCase() === 'token'
}

/** What is looked at of Node's `IncomingMessage`. */
interface NodeRequest {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly rawHeaders: readonly string[]
  readonly socket: object & { readonly encrypted?: boolean; readonly remoteAddress?: string | undefined }
}

/** Whether a request came to us over TLS. */
export const isSecure = (socket: object & { readonly encrypted?: boolean }): boolean => socket.encrypted === true

/** The facts of a request, so that the request itself can be let go of; `address` is where it comes from. */
export function factsOf({ method = 'GET', url = '/', rawHeaders, socket }: NodeRequest, address: string): RequestFacts {
  return { method, url, rawHeaders, address, secure: isSecure(socket) }
}
