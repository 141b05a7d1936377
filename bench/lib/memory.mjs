import { setTimeout as wait } from 'node:timers/promises'

const COLLECTIONS = 4
/** What a collection frees is given back to the system by other threads, a little later. */
const SETTLING_MS = 50

const collect = () => (globalThis.Bun === undefined ? globalThis.gc() : globalThis.Bun.gc(true))

/** Resident memory of this process after several collections: finalizers of one free what the next one finds. */
export async function settledMemory() {
  for (let i = 0; i < COLLECTIONS; i++) {
    collect()
    await wait(SETTLING_MS)
  }
  return { rssBytes: process.memoryUsage().rss }
}
