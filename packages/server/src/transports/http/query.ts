import { isName, RequestError } from '@partyline/protocol'

// What stands in a query. A field without a value counts as absent: `?before=&limit=` is how people write down a form.

export function textOf(query: URLSearchParams, name: string): string | undefined {
  return query.get(name) || undefined
}

/** An integer from `least`. Throws `invalid` for anything else. */
export function countOf(query: URLSearchParams, name: string, least: 0 | 1): number | undefined {
  const text = textOf(query, name)
  if (text === undefined) return undefined
  const count = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (Number.isSafeInteger(count) && count >= least) return count
  throw new RequestError('invalid', `"${name}" must be an integer from ${least}`)
}

const MAX_WAIT_S = 55
const DEFAULT_WAIT_S = 25

/** How long a poll may wait, in ms. More than is allowed is taken for what is allowed. */
export function waitMsOf(query: URLSearchParams): number {
  const text = textOf(query, 'wait')
  if (text === undefined) return DEFAULT_WAIT_S * 1_000
  if (!/^\d{1,6}(\.\d{1,6})?$/.test(text)) throw new RequestError('invalid', '"wait" must be seconds, a number from 0')
  return Math.min(Number(text), MAX_WAIT_S) * 1_000
}

/** The rooms that are asked for, each once. */
export function roomsOf(query: URLSearchParams, most: number): string[] {
  const names = [...new Set(query.getAll('room'))]
  if (names.length === 0) throw new RequestError('invalid', '"room" is missing: name at least one')
  if (names.length > most) throw new RequestError('too_many', `a client may be in ${most} rooms`)
  if (names.every(isName)) return names
  throw new RequestError('invalid', '"room" must be 1 to 256 bytes without control characters')
}
