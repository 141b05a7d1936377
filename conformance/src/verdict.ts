import type { Received, WireClient } from './wire-client.ts'

export type Behaviour = 'OK' | 'NON-STRICT' | 'INFORMATIONAL' | 'UNIMPLEMENTED' | 'FAILED'
export type Closing = 'OK' | 'UNCLEAN' | 'WRONG CODE' | 'FAILED BY CLIENT' | 'FAILED'

/** The two verdicts of a case, and in words what is behind them. */
export interface Verdict {
  readonly behaviour: Behaviour
  readonly close: Closing
  /** What was wrong. */
  readonly faults: readonly string[]
  /** What is allowed but not what a strict server does. */
  readonly tolerated: readonly string[]
  /** What an informational case saw. */
  readonly remarks: readonly string[]
}

/** A message or a pong that should come. */
export interface Expected {
  readonly kind: Received['kind']
  readonly payload: Uint8Array
  /** It has to come before the script leaves this step. */
  readonly byStep?: number
}

/** How the connection should end. */
export interface ExpectedClose {
  /** Who sends the first close frame; a server that drops TCP without one was first, too. */
  readonly by: 'client' | 'server'
  /** A close frame both ways, and the server drops TCP first. */
  readonly clean: boolean
  /** The codes a server may send. */
  readonly codes: readonly number[] | 'any'
  /** Codes that are borne with: a note, not a fault. */
  readonly toleratedCodes?: readonly number[] | 'any'
  /** A close frame without a code, or none at all, is only tolerated. */
  readonly wantsCode?: boolean
}

export interface Expectation {
  readonly received: readonly Expected[]
  /** Other lists that are allowed, though not strict. */
  readonly nonStrict?: readonly (readonly Expected[])[]
  /** As good, in every respect. */
  readonly orElse?: Expectation
  readonly close: ExpectedClose
  /** A close verdict that is not OK makes behaviour FAILED (groups 6 and 7). */
  readonly closeDecides?: boolean
  /** Whatever comes is fine, and is told. */
  readonly informational?: boolean
  /** TCP ends by FIN, not by RST. */
  readonly noReset?: boolean
  /** The first and last step in which the server has to close: earlier is FAILED, later NON-STRICT. */
  readonly closesInStep?: readonly [number, number]
}

/** Judges a connection that is over. */
export function judge(client: WireClient, expectation: Expectation): Verdict {
  const verdict = judgeBy(client, expectation)
  if (!expectation.orElse || (verdict.behaviour === 'OK' && verdict.close === 'OK')) return verdict
  const other = judge(client, expectation.orElse)
  return other.behaviour === 'FAILED' || other.close !== 'OK' ? verdict : other
}

function judgeBy(client: WireClient, expectation: Expectation): Verdict {
  const tolerated: string[] = []
  const closing = judgeClose(client, expectation.close, tolerated)
  const violations = client.violations.slice(0, 3)
  if (expectation.noReset && client.wire.isReset) violations.push('resets the connection (RST before FIN)')
  if (expectation.informational) {
    const remarks = [`received ${tellList(client.received)}`, tellClose(client), ...violations]
    return { behaviour: 'INFORMATIONAL', close: closing.verdict, faults: closing.faults, tolerated, remarks }
  }
  const behaving = judgeBehaviour(client, expectation)
  const isSpoilt = expectation.closeDecides === true && closing.verdict !== 'OK'
  const behaviour = isSpoilt || violations.length > 0 ? 'FAILED' : behaving.verdict
  const faults = [...behaving.faults, ...closing.faults, ...violations]
  return { behaviour, close: closing.verdict, faults, tolerated, remarks: [] }
}

function judgeBehaviour(client: WireClient, expectation: Expectation): { verdict: Behaviour; faults: string[] } {
  const { received } = client
  if (isSameList(received, expectation.received)) {
    const late = received.find(
      ({ step }, index) => step > (expectation.received[index]?.byStep ?? Number.POSITIVE_INFINITY),
    )
    if (late) return { verdict: 'NON-STRICT', faults: [`${tell(late)} came late, in step ${late.step}`] }
    return judgeStep(client, expectation.closesInStep)
  }
  const fault = `received ${tellList(received)}, not ${tellList(expectation.received)}`
  const isNonStrict = expectation.nonStrict?.some((list) => isSameList(received, list)) ?? false
  return { verdict: isNonStrict ? 'NON-STRICT' : 'FAILED', faults: [fault] }
}

function judgeStep(
  { endStep }: WireClient,
  steps: Expectation['closesInStep'],
): { verdict: Behaviour; faults: string[] } {
  if (!steps || endStep === undefined) return { verdict: 'OK', faults: [] }
  const [first, last] = steps
  if (endStep >= first && endStep <= last) return { verdict: 'OK', faults: [] }
  return {
    verdict: endStep < first ? 'FAILED' : 'NON-STRICT',
    faults: [`ended in step ${endStep}, not in ${first} to ${last}`],
  }
}

/** In the order of section 0: who was first, clean, code, who dropped TCP. */
function judgeClose(
  client: WireClient,
  wanted: ExpectedClose,
  tolerated: string[],
): { verdict: Closing; faults: string[] } {
  const { serverClose, firstClose, wire } = client
  const code = serverClose?.code
  const first = firstClose ?? (wire.droppedBy === 'server' ? 'server' : 'client')
  const said = tellClose(client)
  if (first !== wanted.by)
    return { verdict: 'FAILED', faults: [`the ${first} closed first, not the ${wanted.by}; ${said}`] }
  const isClean = serverClose !== undefined && client.isClientClosed && wire.droppedBy === 'server'
  if (wanted.clean && !isClean) {
    const dropped = `TCP dropped by the ${wire.droppedBy}${wire.isReset ? ' (RST)' : ''}`
    return { verdict: 'UNCLEAN', faults: [`${said}, ${dropped}`] }
  }
  if (code === undefined && wanted.wantsCode) tolerated.push(`${said}, wanted ${wanted.codes}`)
  if (code !== undefined && wanted.codes !== 'any' && !wanted.codes.includes(code)) {
    const isTolerated = wanted.toleratedCodes === 'any' || wanted.toleratedCodes?.includes(code)
    if (!isTolerated) return { verdict: 'WRONG CODE', faults: [`${said}, wanted ${wanted.codes}`] }
    tolerated.push(`${said}, wanted ${wanted.codes}`)
  }
  if (wire.droppedBy !== 'server') return { verdict: 'FAILED BY CLIENT', faults: [`${said}, but TCP was not dropped`] }
  return { verdict: 'OK', faults: [] }
}

function isSameList(received: readonly Received[], expected: readonly Expected[]): boolean {
  if (received.length !== expected.length) return false
  return expected.every(({ kind, payload }, index) => {
    const item = received[index] as Received
    return item.kind === kind && item.payload.equals(payload)
  })
}

function tellClose({ serverClose }: WireClient): string {
  if (!serverClose) return 'no close frame'
  return `close ${serverClose.code ?? 'without a code'} ${JSON.stringify(serverClose.reason)}`
}

function tellList(items: readonly Expected[]): string {
  if (items.length === 0) return 'nothing'
  const more = items.length > 4 ? ` and ${items.length - 4} more` : ''
  return items.slice(0, 4).map(tell).join(', ') + more
}

function tell({ kind, payload }: Expected): string {
  const hex = Buffer.from(payload.subarray(0, 24)).toString('hex')
  return `${kind} <${hex}${payload.length > 24 ? `… ${payload.length} bytes` : ''}>`
}

export const passed: Verdict = { behaviour: 'OK', close: 'OK', faults: [], tolerated: [], remarks: [] }

/** The server does not agree to the extension that the case is about: neither right nor wrong. */
export const unimplemented: Verdict = { ...passed, behaviour: 'UNIMPLEMENTED' }

export function failed(...faults: string[]): Verdict {
  return { behaviour: 'FAILED', close: 'FAILED', faults, tolerated: [], remarks: [] }
}
