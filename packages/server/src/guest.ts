import type { Sender } from './broker.ts'
import { newId } from './ids.ts'

const MAX_NAME_LENGTH = 64
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g

/** Somebody without an account. The id begins with `guest:`; a wish for a name is cut and cleaned, an empty one is answered with one of ours. */
export function newGuest(wish?: string): Sender {
  const id = newId()
  return { id: `guest:${id}`, name: guestName(wish) ?? `Guest ${id.slice(0, 4).toUpperCase().replace(/[-_]/g, 'X')}` }
}

/** A name a guest may bear, or undefined where nothing is left of it. */
export function guestName(wish: string | undefined): string | undefined {
  if (wish === undefined) return undefined
  const name = wish.toWellFormed().replace(CONTROL, '').trim()
  return name === '' ? undefined : [...name].slice(0, MAX_NAME_LENGTH).join('')
}

export const isGuest = (user: Sender): boolean => user.id.startsWith('guest:')
