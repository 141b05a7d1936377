import type { Case } from '../case.ts'
import { requestOf } from '../exchange.ts'
import { encodeFrame, text } from '../frame.ts'
import { echoes, expected } from '../script.ts'
import type { Subject } from '../subject.ts'
import { parseAnswer, randomKey } from '../upgrade.ts'
import { failed, judge, passed, type Verdict } from '../verdict.ts'
import { Wire } from '../wire.ts'
import { WireClient } from '../wire-client.ts'
import { proveAlive } from './alive.ts'

const patienceMs = 5000

function conversation(id: string, title: string, run: Case['run'], needs: Case['needs'] = []): Case {
  return { id, group: 'handshake', title, hasSingleBytes: false, needs, run }
}

/** A frame in the segment of the head is not lost. */
async function frameBehindHead(subject: Subject): Promise<Verdict> {
  const client = await WireClient.open(subject, { behindHead: encodeFrame(text('early bird')) })
  await client.waitForCount(1, patienceMs)
  await client.finish()
  return judge(client, echoes(expected('text', 'early bird')))
}

/** A 408, or TCP dropped, once the server's time is over, and not before half of it. */
async function unfinishedHead(subject: Subject): Promise<Verdict> {
  const { patienceFactor, headTimeoutMs = 0 } = subject
  const wire = await Wire.connect(subject, patienceMs * patienceFactor)
  let bytes: Buffer = Buffer.alloc(0)
  wire.listen((more) => {
    bytes = Buffer.concat([bytes, more])
  })
  const request = { id: 'H16', title: '', expect: { upgrade: 'wrong' } } as const
  const head = requestOf(request, subject, randomKey())
  await wire.write([head.subarray(0, head.length - 4)])
  const isEarly = await wire.waitFor(() => wire.isOver, headTimeoutMs / 2)
  await wire.waitFor(() => wire.isOver, headTimeoutMs + patienceMs * patienceFactor)
  const { droppedBy } = wire
  await wire.drop(0)
  const answer = parseAnswer(bytes)
  if (droppedBy !== 'server') return failed(`not dropped within ${headTimeoutMs} ms`)
  if (isEarly) return failed(`dropped before half of ${headTimeoutMs} ms`)
  return answer && answer.status !== 408 ? failed(`answers ${answer.status}, wanted 408`) : passed
}

/** Bytes behind the blank line of a 101 are frames, and a length of a body is not told. */
async function nothingBehindUpgrade(subject: Subject): Promise<Verdict> {
  const client = await WireClient.open(subject)
  await client.send([text('first')])
  await client.waitForCount(1, patienceMs)
  await client.finish()
  return judge(client, echoes(expected('text', 'first')))
}

/** The client is gone before the answer: by FIN and by RST, and the server lives on. */
async function goneBeforeAnswer(subject: Subject): Promise<Verdict> {
  const request = { id: 'H23', title: '', expect: { upgrade: 'wrong' } } as const
  for (const end of ['end', 'destroy', 'reset'] as const) {
    const wire = await Wire.connect(subject, patienceMs * subject.patienceFactor)
    await wire.write([requestOf(request, subject, randomKey())])
    if (end === 'reset') wire.reset()
    else wire.socket[end]()
    await wire.drop(end === 'end' ? patienceMs : 0)
  }
  return proveAlive(subject)
}

/** The rows of the handshake table that are more than a question and an answer. */
export const handshakeConversations: Case[] = [
  conversation('H13', 'a frame in the segment of the head', frameBehindHead),
  conversation('H16', 'a head that is never finished', unfinishedHead, ['headTimeoutMs']),
  conversation('H22', 'the 101 has no body', nothingBehindUpgrade),
  conversation('H23', 'the client is gone before the 101', goneBeforeAnswer),
]
