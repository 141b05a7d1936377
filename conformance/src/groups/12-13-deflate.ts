import type { Case, Group } from '../case.ts'
import { type DataSet, dataSets, jsonData } from '../data-sets.ts'
import { Deflater } from '../deflate/deflater.ts'
import { echoOneByOne } from '../echo-one-by-one.ts'
import { fragmented } from '../fragments.ts'
import type { Subject } from '../subject.ts'
import { unimplemented, type Verdict } from '../verdict.ts'
import { WireClient } from '../wire-client.ts'

/** The 18 rows of every section: how long messages are, how their compressed bytes are cut, and how long all may take. */
const rows: readonly (readonly [units: number, fragmentBytes: number, limitSeconds: number])[] = [
  [16, 0, 60],
  [64, 0, 60],
  [256, 0, 120],
  [1024, 0, 240],
  [4096, 0, 480],
  [8192, 0, 480],
  [16_384, 0, 480],
  [32_768, 0, 480],
  [65_536, 0, 480],
  [131_072, 0, 480],
  [8192, 256, 480],
  [16_384, 256, 480],
  [32_768, 256, 480],
  [65_536, 256, 480],
  [131_072, 256, 480],
  [131_072, 1024, 480],
  [131_072, 4096, 480],
  [131_072, 32_768, 480],
]

const messageCount = 1000
const leastCount = 8

/** Every offer says what the client does: no context, and a window that the server may choose. */
function offer(more = ''): string {
  return `permessage-deflate; client_no_context_takeover; client_max_window_bits${more}`
}

const noTakeover = '; server_no_context_takeover'
const bits = (count: number) => `; server_max_window_bits=${count}`

/** The sections of group 13; group 12 makes the first one's offer. */
const offers = [
  offer(),
  offer(noTakeover),
  offer(bits(9)),
  offer(bits(15)),
  offer(noTakeover + bits(9)),
  offer(noTakeover + bits(15)),
  [offer(noTakeover + bits(9)), offer(noTakeover), offer()].join(', '),
]

/** 1000, or as many as the subject has time for. */
function countFor({ caseBytes = Number.POSITIVE_INFINITY }: Subject, units: number): number {
  return Math.min(messageCount, Math.max(leastCount, Math.floor(caseBytes / units)))
}

function section(group: Group, number: number, data: DataSet, extensions: string): Case[] {
  const offered = extensions.replaceAll(/permessage-deflate; client_no_context_takeover; client_max_window_bits/g, '…')
  const said = group === '12' ? data.title : `offer ${offered}`
  return rows.map(([units, fragmentBytes, limitSeconds], index) => {
    const cut = fragmentBytes > 0 ? ` in fragments of ${fragmentBytes}` : ''
    return {
      id: `${group}.${number}.${index + 1}`,
      group,
      title: `${said}, ${messageCount} messages of ${units}${cut}`,
      hasSingleBytes: false,
      // Characters of a text may take more than a byte each.
      payloadBytes: units * 2,
      needs: [],
      run: (subject) => converse(subject, data, extensions, units, fragmentBytes, limitSeconds * 1000),
    }
  })
}

/** Messages come again in other sections, and in other fragments: compressing them is most of our work. */
const kept = new Map<string, Buffer>()
const mostKeptBytes = 64 * 1_048_576
let keptBytes = 0

function compressedMessage(data: DataSet, index: number, payload: Buffer, windowBits: number): Buffer {
  const key = `${data.title} ${payload.length} ${index} ${windowBits}`
  const known = kept.get(key)
  if (known) return known
  const compressed = new Deflater(windowBits, false).compress(payload)
  if (keptBytes + compressed.length > mostKeptBytes) return compressed
  keptBytes += compressed.length
  kept.set(key, Buffer.from(compressed))
  return compressed
}

async function converse(
  subject: Subject,
  data: DataSet,
  extensions: string,
  units: number,
  fragmentBytes: number,
  limitMs: number,
): Promise<Verdict> {
  const client = await WireClient.open(subject, { extensions: [extensions] })
  const { agreement } = client
  if (!agreement) {
    await client.finish()
    return unimplemented
  }
  const question = (index: number) => {
    const payload = data.message(index, units)
    const compressed = compressedMessage(data, index, payload, agreement.clientWindowBits)
    const size = fragmentBytes || compressed.length
    return { kind: data.kind, payload, frames: fragmented(data.kind, compressed, size, 4) }
  }
  const verdict = await echoOneByOne(client, countFor(subject, units), question, limitMs)
  // The list is in our order of preference (RFC 7692 §5).
  return agreement.offer === 0
    ? verdict
    : { ...verdict, tolerated: [...verdict.tolerated, `takes offer ${agreement.offer + 1} of the list, not the first`] }
}

/** Kinds of data. */
export const deflateDataGroup: Case[] = dataSets.flatMap((data, index) =>
  section('12', index + 1, data, offers[0] as string),
)

/** Kinds of offer. */
export const deflateOffersGroup: Case[] = offers.flatMap((extensions, index) =>
  section('13', index + 1, jsonData, extensions),
)
