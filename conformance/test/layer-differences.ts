import type { Result } from '../src/index.ts'

/** Where our layer does what the RFC allows, though not the strictest: known, with the reason. */
const differences: readonly (readonly [id: string, behaviour: Result['behaviour'], reason: string])[] = [
  ['D21.3', 'NON-STRICT', 'compressed messages are inflated once they are whole: a bad text is found then'],
]

/** The reason for a verdict that is not the best one; undefined where there is none. */
export function knownDifference({ id, behaviour, close, tolerated }: Result): string | undefined {
  if (close !== 'OK' || tolerated.length > 0) return undefined
  return differences.find((each) => each[0] === id && each[1] === behaviour)?.[2]
}
