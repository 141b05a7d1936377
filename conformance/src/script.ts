import type { Case, Group } from './case.ts'
import type { Agreement } from './deflate/agreement.ts'
import type { Frame } from './frame.ts'
import type { Fact, Subject } from './subject.ts'
import { type Expectation, type Expected, type ExpectedClose, judge, unimplemented, type Verdict } from './verdict.ts'
import type { Writes } from './wire.ts'
import { WireClient } from './wire-client.ts'

/** One thing the client does. What has to wait ends early when the server closes. */
export type Step =
  | { readonly frames: readonly Frame[]; readonly writes?: Writes }
  | { readonly bytes: readonly Uint8Array[]; readonly writes?: Writes }
  /** Silence: part of the case. */
  | { readonly pauseMs: number }
  /** Until so many messages and pongs came. */
  | { readonly awaitCount: number }
  /** Until the server closed, for so long at most. */
  | { readonly awaitCloseMs: number }
  /** FIN: our side of TCP ends. */
  | { readonly halfClose: true }
  /** Neither pings nor a close of the server are answered from here on. */
  | { readonly mute: true }

/** A case as data. */
export interface Script {
  readonly id: string
  readonly title: string
  /** A function where they depend on the server, or are too big to be kept. */
  readonly steps: readonly Step[] | ((subject: Subject, agreement?: Agreement) => readonly Step[])
  readonly expect: Expectation | ((subject: Subject, agreement?: Agreement) => Expectation)
  /** The values of `Sec-WebSocket-Extensions` lines; the case says nothing when none of them is agreed to. */
  readonly extensions?: readonly string[]
  /** How long is waited for what is expected. */
  readonly patienceMs?: number
  readonly hasSingleBytes?: boolean
  readonly isHeavy?: boolean
  readonly payloadBytes?: number
  readonly needs?: readonly Fact[]
}

/** The client closes with 1000 once everything came; the server answers with 1000 or no code, and drops TCP. */
export const normalClose: ExpectedClose = { by: 'client', clean: true, codes: [1000] }

/** The server fails the connection with this code. */
export function failure(code: number, toleratedCodes: readonly number[] = []): ExpectedClose {
  return { by: 'server', clean: false, codes: [code], toleratedCodes, wantsCode: true }
}

/** "Echo + 1000": these come back, in this order. */
export function echoes(...received: Expected[]): Expectation {
  return { received, close: normalClose }
}

/** "Fail 1002": these come back and nothing else, then the server fails the connection. */
export function fails(
  code: number,
  received: readonly Expected[] = [],
  nonStrict?: readonly (readonly Expected[])[],
): Expectation {
  return { received, close: failure(code), ...(nonStrict && { nonStrict }) }
}

export function expected(kind: Expected['kind'], payload: string | Uint8Array, byStep?: number): Expected {
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload
  return { kind, payload: bytes, ...(byStep !== undefined && { byStep }) }
}

/** The cases of a group, from its table. */
export function scripted(group: Group, scripts: readonly Script[]): Case[] {
  return scripts.map((script) => ({
    id: script.id,
    group,
    title: script.title,
    hasSingleBytes: script.hasSingleBytes ?? true,
    isHeavy: script.isHeavy ?? false,
    payloadBytes: script.payloadBytes ?? 0,
    needs: script.needs ?? [],
    run: (subject) => play(script, subject),
  }))
}

const usualPatienceMs = 1000

async function play(script: Script, subject: Subject): Promise<Verdict> {
  const { patienceMs = usualPatienceMs, extensions = [] } = script
  const client = await WireClient.open(subject, { extensions })
  const { agreement } = client
  if (extensions.length > 0 && !agreement) {
    await client.finish()
    return unimplemented
  }
  const steps = typeof script.steps === 'function' ? script.steps(subject, agreement) : script.steps
  const expect = typeof script.expect === 'function' ? script.expect(subject, agreement) : script.expect
  for (const [index, step] of steps.entries()) {
    if (client.isOver) break
    client.step = index
    await take(step, client, patienceMs)
  }
  if (expect.close.by === 'client') await client.waitForCount(expect.received.length, patienceMs)
  const hasFailed = () => client.serverClose !== undefined || client.wire.isOver || isBeyond(client, expect)
  const isInTime = expect.close.by === 'client' || (await client.waitFor(hasFailed, patienceMs))
  await client.finish(isInTime ? 1000 : 1001)
  return judge(client, expect)
}

/** More came than any verdict but FAILED allows: what else would be waited for does not matter. */
function isBeyond({ received }: WireClient, { received: wanted, nonStrict = [], orElse }: Expectation): boolean {
  const allowed = [wanted, ...nonStrict, orElse?.received ?? []]
  return received.length > Math.max(...allowed.map((list) => list.length))
}

async function take(step: Step, client: WireClient, patienceMs: number): Promise<void> {
  if ('frames' in step) await client.send(step.frames, step.writes)
  else if ('bytes' in step) await client.sendBytes(step.bytes, step.writes)
  else if ('pauseMs' in step) await client.wire.waitFor(() => client.isOver, step.pauseMs)
  else if ('awaitCount' in step) await client.waitForCount(step.awaitCount, patienceMs)
  else if ('awaitCloseMs' in step) await client.waitFor(() => client.isOver, step.awaitCloseMs)
  else if ('halfClose' in step) client.wire.socket.end()
  else client.isMute = true
}
