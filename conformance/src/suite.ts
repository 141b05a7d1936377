import { type Case, type Group, groups } from './case.ts'
import { framingGroup } from './groups/1-framing.ts'
import { pingPongGroup } from './groups/2-ping-pong.ts'
import { reservedBitsGroup } from './groups/3-reserved-bits.ts'
import { reservedOpcodesGroup } from './groups/4-reserved-opcodes.ts'
import { fragmentationGroup } from './groups/5-fragmentation.ts'
import { utf8Group } from './groups/6-utf8.ts'
import { closingGroup } from './groups/7-closing.ts'
import { limitsGroup } from './groups/9-limits.ts'
import { autoFragmentationGroup } from './groups/10-auto-fragmentation.ts'
import { deflateDataGroup, deflateOffersGroup } from './groups/12-13-deflate.ts'
import { closingTable } from './groups/closing.ts'
import { deflateTable } from './groups/deflate.ts'
import { framingTable } from './groups/framing.ts'
import { handshakeTable } from './groups/handshake.ts'
import { seedOf } from './random.ts'
import type { Fact, Subject } from './subject.ts'
import { failed, type Verdict } from './verdict.ts'

/** Every case, in the order of the groups. */
export const allCases: readonly Case[] = [
  ...framingGroup,
  ...pingPongGroup,
  ...reservedBitsGroup,
  ...reservedOpcodesGroup,
  ...fragmentationGroup,
  ...utf8Group,
  ...closingGroup,
  ...limitsGroup,
  ...autoFragmentationGroup,
  ...deflateDataGroup,
  ...deflateOffersGroup,
  ...handshakeTable,
  ...framingTable,
  ...closingTable,
  ...deflateTable,
]

/** A case with its verdicts. */
export interface Result extends Verdict {
  readonly id: string
  readonly group: Group
  readonly title: string
  readonly ms: number
}

/** A case that was not run, because something about the server was not told, or because it takes only shorter messages. */
export interface Omitted {
  readonly id: string
  readonly group: Group
  readonly title: string
  /** The facts; none where its messages are too long. */
  readonly needs: readonly Fact[]
}

export interface SuiteRun {
  readonly results: readonly Result[]
  readonly omitted: readonly Omitted[]
}

export interface RunOptions {
  readonly chosen?: readonly Group[]
  /** A further choice, by case. */
  readonly only?: (each: Case) => boolean
  /** How many conversations there are at a time: cases that wait, wait together. */
  readonly concurrency?: number
}

/** The cases that say something about this server: of these groups, and with everything told that they need. */
export function casesFor(
  subject: Subject,
  { chosen = groups, only = () => true }: RunOptions = {},
): { cases: Case[]; omitted: Omitted[] } {
  const inGroups = allCases.filter((each) => chosen.includes(each.group) && only(each))
  const sensible = inGroups.filter(({ hasSingleBytes }) => hasSingleBytes || !subject.isSingleBytes)
  const missing = ({ needs }: Case) => needs.filter((fact) => subject[fact] === undefined || subject[fact] === false)
  const isTooLong = ({ payloadBytes = 0 }: Case) => payloadBytes > (subject.maxPayloadBytes ?? Number.POSITIVE_INFINITY)
  const isOmitted = (each: Case) => missing(each).length > 0 || isTooLong(each)
  return {
    cases: sensible.filter((each) => !isOmitted(each)),
    omitted: sensible
      .filter(isOmitted)
      .map((each) => ({ id: each.id, group: each.group, title: each.title, needs: missing(each) })),
  }
}

/** Runs the suite: many conversations at a time, then those that need the server alone, and last what makes it go away. */
export async function runSuite(subject: Subject, options: RunOptions = {}): Promise<SuiteRun> {
  const { cases, omitted } = casesFor(subject, options)
  const results = new Map<Case, Result>()
  const run = async (waiting: Case[], concurrency: number) => {
    const work = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) results.set(next, await runCase(next, subject))
    }
    await Promise.all(Array.from({ length: concurrency }, work))
  }
  const isLast = ({ needs }: Case) => needs.includes('shutdownCommand')
  const isAlone = (each: Case) => each.isHeavy === true || isLast(each)
  await run(
    cases.filter((each) => !isAlone(each)),
    options.concurrency ?? 16,
  )
  await run(
    cases.filter((each) => each.isHeavy && !isLast(each)),
    1,
  )
  await run(cases.filter(isLast), 1)
  return { results: cases.map((each) => results.get(each) as Result), omitted }
}

/** One conversation. A connection that does not open is FAILED, both ways. */
export async function runCase(each: Case, subject: Subject): Promise<Result> {
  const started = performance.now()
  const { chopSeed } = subject
  const seeded = chopSeed === undefined ? subject : { ...subject, chopSeed: seedOf(chopSeed, each.id) }
  const verdict = await each.run(seeded).catch((error: Error) => failed(error.message || String(error)))
  const ms = Math.round(performance.now() - started)
  return { id: each.id, group: each.group, title: each.title, ms, ...verdict }
}

/** Strict: both verdicts OK, or informational, and nothing that is only tolerated. Lenient: what the RFC lets pass. */
export function isGood({ behaviour, close, tolerated }: Verdict, isLenient = false): boolean {
  if (close !== 'OK' || behaviour === 'FAILED' || behaviour === 'UNIMPLEMENTED') return false
  return isLenient || (behaviour !== 'NON-STRICT' && tolerated.length === 0)
}
