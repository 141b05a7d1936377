import { setTimeout as delay } from 'node:timers/promises'

const LIMIT_MS = 30_000
const INTERVAL_MS = 3

/** Waits for a fact, and names it when it never comes. */
export async function until(fact: () => unknown, what: string): Promise<void> {
  const limit = performance.now() + LIMIT_MS
  while (!fact()) {
    if (performance.now() > limit) throw new Error(`waited in vain until ${what}`)
    await delay(INTERVAL_MS)
  }
}
