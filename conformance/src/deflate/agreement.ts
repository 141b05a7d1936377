import { type Extension, parseExtensions } from './extension-list.ts'

/** What client and server agreed about permessage-deflate (RFC 7692 §7.1). */
export interface Agreement {
  readonly serverNoContextTakeover: boolean
  readonly serverWindowBits: number
  readonly clientNoContextTakeover: boolean
  readonly clientWindowBits: number
  /** Which of the offers the answer fits, the first of them: 0 for the first. */
  readonly offer: number
}

/** The parameters of an offer or of an answer. A window of which only is said that it may be chosen is `'any'`. */
interface Parameters {
  readonly serverNoContextTakeover: boolean
  readonly clientNoContextTakeover: boolean
  readonly serverWindowBits: number | undefined
  readonly clientWindowBits: number | 'any' | undefined
}

const extensionName = 'permessage-deflate'
const greatestBits = 15
/** RFC 7692 §7.1.2: decimal, no leading zeros, 8 to 15. */
const windowBits = /^(?:[89]|1[0-5])$/

/** Reads parameters, or tells what is wrong with them: unknown, said twice, or with a value that is none. */
function parametersOf({ parameters }: Extension, isOffer: boolean): Parameters | string {
  const values = new Map<string, string | undefined>()
  for (const [name, value] of parameters) {
    if (values.has(name)) return `says ${name} twice`
    values.set(name, value)
    const isSaid = value !== undefined
    if (name.endsWith('_no_context_takeover') && /^(?:server|client)_no/.test(name)) {
      if (isSaid) return `gives ${name} a value`
    } else if (name === 'server_max_window_bits' || name === 'client_max_window_bits') {
      const mayBeBare = isOffer && name === 'client_max_window_bits'
      if (isSaid ? !windowBits.test(value) : !mayBeBare) return `says ${name}=${value ?? ''}`
    } else return `says the unknown parameter ${name}`
  }
  const bits = (name: string) => (values.get(name) === undefined ? undefined : Number(values.get(name)))
  return {
    serverNoContextTakeover: values.has('server_no_context_takeover'),
    clientNoContextTakeover: values.has('client_no_context_takeover'),
    serverWindowBits: bits('server_max_window_bits'),
    clientWindowBits: bits('client_max_window_bits') ?? (values.has('client_max_window_bits') ? 'any' : undefined),
  }
}

/** What keeps an answer from being one to this offer, or nothing. */
function mismatch(answer: Parameters, offer: Parameters): string | undefined {
  if (offer.serverNoContextTakeover && !answer.serverNoContextTakeover)
    return 'does not repeat server_no_context_takeover'
  if (offer.serverWindowBits !== undefined) {
    if (answer.serverWindowBits === undefined) return 'does not answer server_max_window_bits'
    if (answer.serverWindowBits > offer.serverWindowBits)
      return `answers server_max_window_bits=${answer.serverWindowBits} to ${offer.serverWindowBits}`
  }
  if (typeof answer.clientWindowBits !== 'number') return undefined
  if (offer.clientWindowBits === undefined) return 'says client_max_window_bits, which was not offered'
  if (offer.clientWindowBits !== 'any' && answer.clientWindowBits > offer.clientWindowBits)
    return `answers client_max_window_bits=${answer.clientWindowBits} to ${offer.clientWindowBits}`
  return undefined
}

/** The offers of a request that a server may agree to, each with its place in the list. */
function goodOffers(offered: readonly string[]): { place: number; offer: Parameters }[] {
  let extensions: Extension[]
  try {
    extensions = parseExtensions(offered)
  } catch {
    // Malformed on purpose: there is nothing in it to agree to.
    return []
  }
  return extensions
    .filter(({ name }) => name === extensionName)
    .map((extension, place) => ({ place, offer: parametersOf(extension, true) }))
    .filter((each): each is { place: number; offer: Parameters } => typeof each.offer !== 'string')
}

/**
 * What the server's `Sec-WebSocket-Extensions` lines agree to, given ours: an agreement, nothing, or a fault. Strict: no parameter
 * that was not offered, none left out that the server has to repeat.
 */
export function agreementOf(offered: readonly string[], answered: readonly string[]): Agreement | string | undefined {
  if (answered.length === 0) return undefined
  if (answered.length > 1) return `answers ${answered.length} Sec-WebSocket-Extensions headers`
  const said = `agrees to ${JSON.stringify(answered[0])}`
  let extensions: Extension[]
  try {
    extensions = parseExtensions(answered)
  } catch (error) {
    return `${said}, ${(error as Error).message}`
  }
  const [extension, ...others] = extensions
  if (!extension || others.length > 0) return `${said}: ${extensions.length} extensions`
  const offers = goodOffers(offered)
  if (extension.name !== extensionName || offers.length === 0) return `${said}, which was not offered`
  const answer = parametersOf(extension, false)
  if (typeof answer === 'string') return `${said}: ${answer}`
  const fitting = offers.find(({ offer }) => mismatch(answer, offer) === undefined)
  if (!fitting) return `${said}: ${mismatch(answer, offers[0]?.offer as Parameters)}`
  const { place, offer } = fitting
  const ownBits = offer.clientWindowBits === 'any' ? greatestBits : offer.clientWindowBits
  return {
    serverNoContextTakeover: answer.serverNoContextTakeover,
    serverWindowBits: answer.serverWindowBits ?? greatestBits,
    clientNoContextTakeover: answer.clientNoContextTakeover,
    clientWindowBits: (answer.clientWindowBits as number | undefined) ?? ownBits ?? greatestBits,
    offer: place,
  }
}
