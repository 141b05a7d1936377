import type { Case } from '../case.ts'
import { echoOneByOne } from '../echo-one-by-one.ts'
import { fragmented } from '../fragments.ts'
import { binary, text } from '../frame.ts'
import { echoes, expected, type Script, type Step, scripted } from '../script.ts'
import { WireClient } from '../wire-client.ts'

const kibibyte = 1024
const mebibyte = 1_048_576

/** Text and binary have sections of their own: odd and even ones. */
const kinds = [
  { kind: 'text', frame: text, pattern: Buffer.from('BAsd7&jh23'), filler: 0x2a },
  { kind: 'binary', frame: binary, pattern: Buffer.from('00fe23faf0', 'hex'), filler: 0xfe },
] as const

type Kind = (typeof kinds)[number]

const messageSizes = [64 * kibibyte, 256 * kibibyte, mebibyte, 4 * mebibyte, 8 * mebibyte, 16 * mebibyte]
const fragmentSizes = [64, 256, 1, 4, 16, 64, 256, 1, 4].map((size, index) =>
  index < 2 ? size : index < 7 ? size * kibibyte : size * mebibyte,
)
const chopSizes = [64, 128, 256, 512, 1024, 2048]
const echoSizes = [0, 16, 64, 256, 1024, 4096]
const echoLimitsMs = [60_000, 60_000, 60_000, 120_000, 240_000, 480_000]
const echoCount = 1000

/** How a long payload is sent. */
interface Sending {
  /** Made of one letter, or of a pattern. */
  readonly isFilled: boolean
  step(payload: Buffer): Step
}

/** Payloads are made when they are needed: kept, they would be hundreds of megabytes. */
function big(id: string, title: string, bytes: number, patienceMs: number, kind: Kind, sending: Sending): Script {
  const payload = () => Buffer.alloc(bytes, sending.isFilled ? kind.filler : kind.pattern)
  return {
    id,
    title: `${kind.kind} of ${bytes} bytes${title}`,
    steps: () => [sending.step(payload())],
    expect: () => echoes(expected(kind.kind, payload())),
    patienceMs,
    payloadBytes: bytes,
    hasSingleBytes: false,
    isHeavy: bytes > mebibyte,
  }
}

function bigMessages(kind: Kind, section: number): Script[] {
  return messageSizes.map((bytes, index) => {
    const isQuick = index < (kind.kind === 'text' ? 2 : 4)
    const step = (payload: Buffer) => ({ frames: [kind.frame(payload)] })
    return big(`9.${section}.${index + 1}`, '', bytes, isQuick ? 10_000 : 100_000, kind, { isFilled: false, step })
  })
}

function bigFragments(kind: Kind, section: number): Script[] {
  return fragmentSizes.map((size, index) => {
    const step = (payload: Buffer) => ({ frames: fragmented(kind.kind, payload, size) })
    const title = ` in fragments of ${size}`
    return big(`9.${section}.${index + 1}`, title, 4 * mebibyte, 100_000, kind, { isFilled: true, step })
  })
}

function bigChops(kind: Kind, section: number): Script[] {
  return chopSizes.map((chopBytes, index) => {
    const step = (payload: Buffer) => ({ frames: [kind.frame(payload)], writes: { chopBytes } })
    const title = ` in chops of ${chopBytes}`
    return big(`9.${section}.${index + 1}`, title, mebibyte, 1_000_000, kind, { isFilled: true, step })
  })
}

function manyMessages({ kind, frame, filler }: Kind, section: number): Case[] {
  return echoSizes.map((bytes, index) => ({
    id: `9.${section}.${index + 1}`,
    group: '9',
    title: `${echoCount} times ${kind} of ${bytes} bytes, one after the other`,
    hasSingleBytes: false,
    payloadBytes: bytes,
    needs: [],
    run: async (subject) => {
      const payload = Buffer.alloc(bytes, filler)
      const client = await WireClient.open(subject)
      const question = { kind, payload, frames: [frame(payload)] }
      return echoOneByOne(client, echoCount, () => question, echoLimitsMs[index] as number)
    },
  }))
}

const [textKind, binaryKind] = kinds

/** Long messages, many fragments, small segments, many messages. */
export const limitsGroup: Case[] = [
  ...scripted('9', [
    ...bigMessages(textKind, 1),
    ...bigMessages(binaryKind, 2),
    ...bigFragments(textKind, 3),
    ...bigFragments(binaryKind, 4),
    ...bigChops(textKind, 5),
    ...bigChops(binaryKind, 6),
  ]),
  ...manyMessages(textKind, 7),
  ...manyMessages(binaryKind, 8),
]
