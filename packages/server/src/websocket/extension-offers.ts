/** One extension that a client offers, with its parameters as they came. */
export interface ExtensionOffer {
  readonly name: string
  readonly params: readonly ExtensionParam[]
}

/** `value` is undefined where there was none; a quoted one stands here without its quotes. */
export interface ExtensionParam {
  readonly name: string
  readonly value: string | undefined
}

/** A token (RFC 9110 section 5.6.2). */
const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y
const WHOLE_TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const QUOTED = /"((?:[^"\\]|\\.)*)"/y
const BLANKS = /[ \t]*/y

/**
 * The extensions that `Sec-WebSocket-Extensions` offers, in the client's order (RFC 6455 section 9.1): several headers
 * are one list, and a list may hold empty items. Undefined where it is not such a list.
 */
export function parseExtensions(values: readonly string[]): ExtensionOffer[] | undefined {
  const offers: ExtensionOffer[] = []
  for (const value of values) {
    const reader = new Reader(value)
    do {
      if (reader.atEnd || reader.sees(',')) continue
      const offer = readOffer(reader)
      if (offer === undefined) return undefined
      offers.push(offer)
    } while (reader.skips(','))
    if (!reader.atEnd) return undefined
  }
  return offers
}

function readOffer(reader: Reader): ExtensionOffer | undefined {
  const name = reader.token()
  if (name === undefined) return undefined
  const params: ExtensionParam[] = []
  while (reader.skips(';')) {
    const param = readParam(reader)
    if (param === undefined) return undefined
    params.push(param)
  }
  return { name, params }
}

function readParam(reader: Reader): ExtensionParam | undefined {
  const name = reader.token()
  if (name === undefined) return undefined
  if (!reader.skips('=')) return { name, value: undefined }
  const value = reader.token() ?? reader.quotedToken()
  return value === undefined ? undefined : { name, value }
}

/** Goes over a header's value from the left, once; blanks between its parts are passed over. */
class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
    this.#take(BLANKS)
  }

  get atEnd(): boolean {
    return this.#at === this.#text.length
  }

  sees(character: string): boolean {
    return this.#text[this.#at] === character
  }

  skips(character: string): boolean {
    if (!this.sees(character)) return false
    this.#at++
    this.#take(BLANKS)
    return true
  }

  token(): string | undefined {
    return this.#part(TOKEN)?.[0]
  }

  /** What is in quotes must be a token too. */
  quotedToken(): string | undefined {
    const text = this.#part(QUOTED)?.[1]?.replace(/\\(.)/g, '$1')
    return text !== undefined && WHOLE_TOKEN.test(text) ? text : undefined
  }

  #part(pattern: RegExp): RegExpExecArray | null {
    const found = this.#take(pattern)
    if (found !== null) this.#take(BLANKS)
    return found
  }

  #take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)
    if (found !== null) this.#at += found[0].length
    return found
  }
}
