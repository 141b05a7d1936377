import { Talk } from '../engine-io/talk.ts'
import { binary } from './sections/binary.ts'
import { connecting } from './sections/connecting.ts'
import { disconnecting } from './sections/disconnecting.ts'
import { events } from './sections/events.ts'
import { invalid } from './sections/invalid.ts'
import { multiplexing } from './sections/multiplexing.ts'
import { sessions } from './sections/sessions.ts'
import { text } from './sections/text.ts'
import { type SocketIoCase, type SocketIoPlace, socketIoPlaces } from './socket-io-case.ts'

/** Every case, in the order of the protocol's sections. */
export const socketIoCases: readonly SocketIoCase[] = [
  ...[text, binary, connecting, invalid, events, disconnecting, multiplexing, sessions],
].flatMap(({ cases }) => cases)

/** The server under test: its URL at each place where it is. Cases of other places are not run. */
export interface SocketIoSubject {
  readonly urls: Readonly<Partial<Record<SocketIoPlace, string>>>
  /** How long one answer may take. */
  readonly patienceMs?: number
}

/** A case and what it has against the server. */
export interface SocketIoResult {
  readonly id: string
  readonly title: string
  readonly at: SocketIoPlace
  readonly faults: readonly string[]
  readonly ms: number
}

export interface SocketIoRun {
  readonly results: readonly SocketIoResult[]
  /** Cases of places where the server is not. */
  readonly omitted: readonly SocketIoCase[]
}

export interface SocketIoRunOptions {
  readonly only?: (each: SocketIoCase) => boolean
  /** How many conversations there are at a time: cases that wait, wait together. */
  readonly concurrency?: number
}

const PATIENCE_MS = 5_000

/** Runs the suite, many conversations at a time. */
export async function runSocketIoSuite(
  subject: SocketIoSubject,
  { only = () => true, concurrency = 16 }: SocketIoRunOptions = {},
): Promise<SocketIoRun> {
  const chosen = socketIoCases.filter(only)
  const isPlaced = ({ at }: SocketIoCase): boolean => subject.urls[at] !== undefined
  const cases = chosen.filter(isPlaced)
  const results = new Map<SocketIoCase, SocketIoResult>()
  // those that wait for time to pass come first: the others fill it
  const waiting = [...cases.filter(({ at }) => at !== 'main'), ...cases.filter(({ at }) => at === 'main')]
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift())
      results.set(next, await runSocketIoCase(next, subject))
  }
  await Promise.all(Array.from({ length: concurrency }, work))
  return {
    results: cases.map((each) => results.get(each) as SocketIoResult),
    omitted: chosen.filter((each) => !isPlaced(each)),
  }
}

async function runSocketIoCase(
  each: SocketIoCase,
  { urls, patienceMs = PATIENCE_MS }: SocketIoSubject,
): Promise<SocketIoResult> {
  const started = performance.now()
  const { id, title, at } = each
  const talk = new Talk(urls[at] as string, patienceMs)
  const faults: string[] = []
  try {
    await each.run(talk)
  } catch (error) {
    faults.push(error instanceof Error ? error.message : String(error))
  }
  faults.push(...(await talk.end()))
  return { id, title, at, faults: faults.map(withoutIds), ms: Math.round(performance.now() - started) }
}

/** Ids are different in every run. */
const withoutIds = (fault: string): string => fault.replace(/(\\?"sid\\?":\\?")[^"\\]+/g, '$1…')

/** The faults, and the counts: for people. */
export function socketIoReport({ results, omitted }: SocketIoRun): string {
  const failed = results.filter(({ faults }) => faults.length > 0)
  const lines = failed.map(({ id, title, faults }) => `${id}  ${title}\n    ${faults.join('\n    ')}`)
  for (const place of new Set(omitted.map(({ at }) => at))) {
    const ids = omitted.filter(({ at }) => at === place).map(({ id }) => id)
    lines.push(`not run, because there is no --at "${place}=URL" (${socketIoPlaces[place]}): ${ids.join(', ')}`)
  }
  lines.push(`${results.length - failed.length} passed, ${failed.length} failed, ${omitted.length} not run`)
  return `${lines.join('\n')}\n`
}
