import { isDeepStrictEqual } from 'node:util'

/** What a case has against the server. */
export class Fault extends Error {}

/** Throws a {@link Fault} that says both where two values differ. */
export function same(actual: unknown, expected: unknown, what: string): void {
  if (!isDeepStrictEqual(actual, expected)) throw new Fault(`${what}: ${tell(actual)}, not ${tell(expected)}`)
}

export function holds(fact: boolean, fault: string): void {
  if (!fact) throw new Fault(fault)
}

/** For people, and never long. */
export function tell(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = Buffer.isBuffer(value) ? `<${value.toString('hex')}>` : JSON.stringify(value)
  return text.length > 200 ? `${text.slice(0, 200)}… (${text.length} characters)` : text
}
