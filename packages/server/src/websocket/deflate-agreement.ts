import type { ResolvedDeflateOptions } from './deflate-options.ts'
import type { ExtensionOffer } from './extension-offers.ts'

/** What a client and we agreed on about compressed messages (RFC 7692 section 7.1). */
export interface DeflateAgreement {
  readonly serverNoContextTakeover: boolean
  readonly clientNoContextTakeover: boolean
  readonly serverMaxWindowBits: number
  readonly clientMaxWindowBits: number
  /** The value of `Sec-WebSocket-Extensions` that tells the client. */
  readonly header: string
}

const EXTENSION = 'permessage-deflate'

/** The whole numbers a window may have, without leading zeros. */
const WINDOW_BITS = /^(?:[89]|1[0-5])$/

/** What one offer asks for, where each of its parameters is known, given once, and in order. */
interface Wishes {
  readonly serverNoContextTakeover: boolean
  readonly clientNoContextTakeover: boolean
  readonly serverMaxWindowBits: number | undefined
  /** True where it came without a value: any that we name is good. */
  readonly clientMaxWindowBits: number | true | undefined
}

/** Takes the first offer that can be taken; undefined where there is none, and then nothing is compressed. */
export function agreeOnDeflate(
  offers: readonly ExtensionOffer[],
  options: ResolvedDeflateOptions,
): DeflateAgreement | undefined {
  for (const offer of offers) {
    const wishes = offer.name === EXTENSION ? wishesOf(offer) : undefined
    const agreement = wishes && agreementOn(wishes, options)
    if (agreement !== undefined) return agreement
  }
  return undefined
}

function wishesOf({ params }: ExtensionOffer): Wishes | undefined {
  const given = new Map(params.map(({ name, value }): [string, string | true] => [name, value ?? true]))
  if (given.size < params.length) return undefined
  let serverMaxWindowBits: number | undefined
  let clientMaxWindowBits: number | true | undefined
  for (const [name, value] of given) {
    if (name === 'server_no_context_takeover' || name === 'client_no_context_takeover') {
      if (value !== true) return undefined
    } else if (name === 'client_max_window_bits' && value === true) clientMaxWindowBits = true
    else if (value === true || !WINDOW_BITS.test(value)) return undefined
    else if (name === 'server_max_window_bits') serverMaxWindowBits = Number(value)
    else if (name === 'client_max_window_bits') clientMaxWindowBits = Number(value)
    else return undefined
  }
  return {
    serverNoContextTakeover: given.has('server_no_context_takeover'),
    clientNoContextTakeover: given.has('client_no_context_takeover'),
    serverMaxWindowBits,
    clientMaxWindowBits,
  }
}

function agreementOn(wishes: Wishes, options: ResolvedDeflateOptions): DeflateAgreement | undefined {
  // zlib has no raw stream with a window of 256 bytes: it takes 512 instead, and says nothing. So we cannot promise it.
  if (wishes.serverMaxWindowBits === 8) return undefined
  // A client that did not name this parameter must not be told to keep to it (RFC 7692 section 7.1.2.2).
  if (wishes.clientMaxWindowBits === undefined && options.clientMaxWindowBits < 15) return undefined
  const serverNoContextTakeover = options.serverNoContextTakeover || wishes.serverNoContextTakeover
  const clientNoContextTakeover = options.clientNoContextTakeover || wishes.clientNoContextTakeover
  const serverMaxWindowBits = Math.min(options.serverMaxWindowBits, wishes.serverMaxWindowBits ?? 15)
  const asked = typeof wishes.clientMaxWindowBits === 'number' ? wishes.clientMaxWindowBits : 15
  const clientMaxWindowBits = Math.min(options.clientMaxWindowBits, asked)
  let header = EXTENSION
  if (serverNoContextTakeover) header += '; server_no_context_takeover'
  if (clientNoContextTakeover) header += '; client_no_context_takeover'
  if (serverMaxWindowBits < 15 || wishes.serverMaxWindowBits !== undefined) {
    header += `; server_max_window_bits=${serverMaxWindowBits}`
  }
  if (clientMaxWindowBits < 15) header += `; client_max_window_bits=${clientMaxWindowBits}`
  return { serverNoContextTakeover, clientNoContextTakeover, serverMaxWindowBits, clientMaxWindowBits, header }
}
