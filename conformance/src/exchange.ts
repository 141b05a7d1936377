import type { Case, Group } from './case.ts'
import { compressed } from './deflate/deflater.ts'
import { text } from './frame.ts'
import { echoes, expected } from './script.ts'
import type { Fact, Subject } from './subject.ts'
import { type Answer, headerValues, parseAnswer, randomKey, requestHead, upgradeLines } from './upgrade.ts'
import { judge, unimplemented, type Verdict } from './verdict.ts'
import { Wire, type Writes } from './wire.ts'
import { WireClient } from './wire-client.ts'

/** A handshake as data: the request every case sends, changed. */
export interface Exchange {
  readonly id: string
  readonly title: string
  /** The header lines, changed. */
  readonly edit?: (lines: string[], subject: Subject) => string[]
  readonly key?: string
  readonly method?: string
  readonly version?: string
  readonly path?: (subject: Subject) => string
  /** The head, changed as a string: for what is not made of lines. */
  readonly distort?: (head: string) => string
  /** Bytes in the same write, behind the head. */
  readonly behind?: Uint8Array
  readonly writes?: Writes
  /** Subprotocols that are offered. */
  readonly offers?: readonly string[]
  /** The values of `Sec-WebSocket-Extensions` lines. */
  readonly extensions?: readonly string[]
  readonly needs?: readonly Fact[]
  readonly expect: ExpectedAnswer
}

/** What a handshake should be answered with. */
export interface ExpectedAnswer {
  /** A right 101, proved by an echo and a clean close. */
  readonly upgrade: 'right' | 'tolerated' | 'wrong'
  readonly statuses?: readonly number[]
  readonly toleratedStatuses?: readonly number[]
  /** permessage-deflate is agreed; without, it may be. */
  readonly deflate?: boolean
  /** Lines the refusal has to carry. */
  readonly headers?: readonly (readonly [name: string, value: string])[]
  /** TCP is closed behind the refusal. */
  readonly drops?: boolean
  /** No answer at all, only TCP dropped. */
  readonly silentDrop?: 'right' | 'tolerated'
}

export const upgrades: ExpectedAnswer = { upgrade: 'right' }

export function refuses(...statuses: number[]): ExpectedAnswer {
  return { upgrade: 'wrong', statuses, drops: true }
}

/** Replaces the lines of a header by others, at the place of the first. */
export function replaced(name: string, ...replacements: string[]): (lines: string[]) => string[] {
  return (lines) =>
    lines.flatMap((line) => (line.toLowerCase().startsWith(`${name.toLowerCase()}:`) ? replacements : [line]))
}

export function added(...more: string[]): (lines: string[]) => string[] {
  return (lines) => [...lines, ...more]
}

export function exchanges(group: Group, rows: readonly Exchange[]): Case[] {
  return rows.map((row) => ({
    id: row.id,
    group,
    title: row.title,
    hasSingleBytes: false,
    needs: row.needs ?? [],
    run: (subject) => converse(row, subject),
  }))
}

const dropPatienceMs = 1000
const answerPatienceMs = 5000

async function converse(row: Exchange, subject: Subject): Promise<Verdict> {
  const { patienceFactor } = subject
  const wire = await Wire.connect(subject, answerPatienceMs * patienceFactor)
  const key = row.key ?? randomKey()
  let bytes: Buffer = Buffer.alloc(0)
  wire.listen((more) => {
    bytes = Buffer.concat([bytes, more])
  })
  await wire.write([requestOf(row, subject, key), row.behind ?? Buffer.alloc(0)], row.writes)
  const isAnswered = () => wire.isOver || bytes.includes('\r\n\r\n')
  await wire.waitFor(isAnswered, answerPatienceMs * patienceFactor)
  const answer = parseAnswer(bytes)
  if (answer?.status === 101) return prove(row, wire, subject, answer, key)
  if (row.expect.drops) await wire.waitFor(() => wire.isOver, dropPatienceMs * patienceFactor)
  else await wire.waitFor(() => wire.isOver || isWhole(parseAnswer(bytes), row.method), dropPatienceMs * patienceFactor)
  const { droppedBy } = wire
  await wire.drop(0)
  return judgeRefusal(row, parseAnswer(bytes), droppedBy === 'server')
}

export function requestOf(row: Exchange, subject: Subject, key: string): Buffer {
  const path = row.path?.(subject) ?? subject.path
  const lines = upgradeLines(`${subject.host}:${subject.port}`, key, row.extensions)
  const head = requestHead(path, row.edit?.(lines, subject) ?? lines, row.method, row.version)
  return Buffer.from(row.distort?.(head) ?? head, 'latin1')
}

/** An upgrade is only as good as the echo behind it. */
async function prove(row: Exchange, wire: Wire, subject: Subject, answer: Answer, key: string): Promise<Verdict> {
  const { offers: protocols = [], extensions = [] } = row
  const client = WireClient.upgraded(wire, subject, answer, key, { protocols, extensions })
  if (row.expect.deflate && !client.agreement && client.violations.length === 0) {
    await client.finish()
    return unimplemented
  }
  const payload = 'echo behind the handshake, '.repeat(client.agreement ? 200 : 1)
  const frame = client.agreement ? text(compressed(payload), { reserved: 4 }) : text(payload)
  // Twice: what refers from one message to another shows.
  await client.send([frame, frame])
  const expectation = echoes(expected('text', payload), expected('text', payload))
  await client.waitForCount(2, dropPatienceMs)
  await client.finish()
  const verdict = judge(client, expectation)
  if (verdict.behaviour !== 'OK' || row.expect.upgrade === 'right') return verdict
  const behaviour = row.expect.upgrade === 'tolerated' ? 'NON-STRICT' : 'FAILED'
  return { ...verdict, behaviour, faults: [`upgrades, wanted ${row.expect.statuses}`, ...verdict.faults] }
}

function judgeRefusal({ expect, method }: Exchange, answer: Answer | undefined, isDropped: boolean): Verdict {
  const close = isDropped || !expect.drops ? 'OK' : 'FAILED BY CLIENT'
  const closing = close === 'OK' ? [] : ['TCP is not dropped behind the refusal']
  const verdict = (behaviour: Verdict['behaviour'], ...faults: string[]): Verdict => {
    return { behaviour, close, faults: [...faults, ...closing], tolerated: [], remarks: [] }
  }
  if (!answer) {
    if (isDropped && expect.silentDrop === 'right') return verdict('OK')
    return verdict(
      isDropped && expect.silentDrop ? 'NON-STRICT' : 'FAILED',
      isDropped ? 'drops TCP without an answer' : 'no answer',
    )
  }
  const missing = expect.headers?.find(
    ([name, value]) => !headerValues(answer, name).some((other) => other.toLowerCase() === value),
  )
  if (missing) return verdict('FAILED', `answers ${answer.status} without ${missing.join(': ')}`)
  if (!isWhole(answer, method)) return verdict('FAILED', 'the body of the refusal is not as long as its head says')
  if (expect.statuses?.includes(answer.status)) return verdict('OK')
  const wanted = expect.statuses?.join(' or ') ?? '101'
  const isTolerated = expect.toleratedStatuses?.includes(answer.status) ?? false
  return verdict(isTolerated ? 'NON-STRICT' : 'FAILED', `answers ${answer.status}, wanted ${wanted}`)
}

/** The body is all there and nothing is behind it: no frame bytes, for one. */
function isWhole(answer: Answer | undefined, method = 'GET'): boolean {
  if (!answer) return false
  const [length] = headerValues(answer, 'content-length')
  if (method === 'HEAD' || answer.status === 204) return answer.rest.length === 0
  if (length !== undefined) return answer.rest.length === Number(length)
  if (headerValues(answer, 'transfer-encoding').length > 0) return answer.rest.toString('latin1').endsWith('0\r\n\r\n')
  // Neither: the body ends with the connection, and whether it holds frames cannot be told but for their look.
  return !answer.rest.includes(0x81)
}
