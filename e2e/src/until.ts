import { expect } from 'vitest'

const TIMEOUT_MS = 30_000

/** Waits until the fact holds; what `look` answers last is shown when it never does. */
export async function until<T>(look: () => T, expected: (value: T) => boolean): Promise<T> {
  await expect.poll(look, { timeout: TIMEOUT_MS, interval: 20 }).toSatisfy(expected)
  return look()
}
