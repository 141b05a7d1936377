import type { EngineCase } from './engine-case.ts'
import { type Place, places } from './places.ts'
import { closing, limits } from './sections/closing.ts'
import { endpoint, sessionId } from './sections/endpoint.ts'
import { handshake } from './sections/handshake.ts'
import { headers } from './sections/headers.ts'
import { heartbeat } from './sections/heartbeat.ts'
import { offences } from './sections/offences.ts'
import { encoding, packetTypes } from './sections/packets.ts'
import { polling } from './sections/polling.ts'
import { upgrade } from './sections/upgrade.ts'
import { validation } from './sections/validation.ts'
import { Talk } from './talk.ts'

/** Every case, in the order of the protocol's sections. */
export const engineCases: readonly EngineCase[] = [
  ...[endpoint, sessionId, validation, offences, handshake, packetTypes, encoding, polling, headers],
  ...[heartbeat, upgrade, closing, limits],
].flatMap(({ cases }) => cases)

/** The server under test: its URL at each place where it is. Cases of other places are not run. */
export interface EngineSubject {
  readonly urls: Readonly<Partial<Record<Place, string>>>
  /** How long one answer may take. */
  readonly patienceMs?: number
}

/** A case and what it has against the server. */
export interface EngineResult {
  readonly id: string
  readonly title: string
  readonly at: Place
  readonly faults: readonly string[]
  readonly ms: number
}

export interface EngineRun {
  readonly results: readonly EngineResult[]
  /** Cases of places where the server is not. */
  readonly omitted: readonly EngineCase[]
}

export interface EngineRunOptions {
  readonly only?: (each: EngineCase) => boolean
  /** How many conversations there are at a time: cases that wait, wait together. */
  readonly concurrency?: number
}

const PATIENCE_MS = 20_000

/** Runs the suite: many conversations at a time, and last what ends a server. */
export async function runEngineSuite(
  subject: EngineSubject,
  { only = () => true, concurrency = 16 }: EngineRunOptions = {},
): Promise<EngineRun> {
  const chosen = engineCases.filter(only)
  const isPlaced = ({ at }: EngineCase): boolean => subject.urls[at] !== undefined
  const cases = chosen.filter(isPlaced)
  const results = new Map<EngineCase, EngineResult>()
  const run = async (waiting: EngineCase[]): Promise<void> => {
    const work = async (): Promise<void> => {
      for (let next = waiting.shift(); next; next = waiting.shift())
        results.set(next, await runEngineCase(next, subject))
    }
    await Promise.all(Array.from({ length: concurrency }, work))
  }
  // Those that wait for time to pass come first: the others fill it.
  const isSlow = ({ at }: EngineCase): boolean => at === 'brisk' || at === 'steady'
  const living = cases.filter(({ isFatal }) => !isFatal)
  await run([...living.filter(isSlow), ...living.filter((each) => !isSlow(each))])
  await run(cases.filter(({ isFatal }) => isFatal))
  return {
    results: cases.map((each) => results.get(each) as EngineResult),
    omitted: chosen.filter((each) => !isPlaced(each)),
  }
}

export async function runEngineCase(
  each: EngineCase,
  { urls, patienceMs = PATIENCE_MS }: EngineSubject,
): Promise<EngineResult> {
  const started = performance.now()
  const { id, title, at } = each
  const talk = new Talk(urls[at] as string, patienceMs)
  const faults: string[] = []
  try {
    await each.run(talk)
  } catch (error) {
    faults.push(error instanceof Error ? error.message || String(error) : String(error))
  }
  faults.push(...(await talk.end()))
  return { id, title, at, faults, ms: Math.round(performance.now() - started) }
}

/** The faults, and the counts: for people. */
export function engineReport({ results, omitted }: EngineRun): string {
  const failed = results.filter(({ faults }) => faults.length > 0)
  const lines = failed.map(({ id, title, faults }) => `${id}  ${title}\n    ${faults.join('\n    ')}`)
  for (const place of new Set(omitted.map(({ at }) => at))) {
    const ids = omitted.filter(({ at }) => at === place).map(({ id }) => id)
    lines.push(`not run, because there is no --at "${place}=URL" (${places[place]}): ${ids.join(', ')}`)
  }
  lines.push(`${results.length - failed.length} passed, ${failed.length} failed, ${omitted.length} not run`)
  return `${lines.join('\n')}\n`
}
