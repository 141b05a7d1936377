import type { Case } from '../case.ts'
import { jsonData } from '../data-sets.ts'
import { compressed } from '../deflate/deflater.ts'
import { fragmented } from '../fragments.ts'
import { binary, close, type Frame, text } from '../frame.ts'
import { peakBytes, residentBytes } from '../resident-bytes.ts'
import { echoes, expected, fails, normalClose, type Script, scripted } from '../script.ts'
import type { Subject } from '../subject.ts'
import { failed, judge, passed, unimplemented, type Verdict } from '../verdict.ts'
import { WireClient } from '../wire-client.ts'

const rsv1 = { reserved: 4 }
const extensions = ['permessage-deflate']
const patienceMs = 10_000

/** So many zeros, as a server inflates them: kept, as making them takes a while. */
const bombs = new Map<number, Buffer>()
function bomb(bytes: number): Buffer {
  const made = bombs.get(bytes) ?? compressed(Buffer.alloc(bytes))
  bombs.set(bytes, made)
  return made
}

/** 64 MiB, and more where a server would take these. */
const bombBytes = ({ maxPayloadBytes = 0 }: Subject) => Math.max(64 * 1_048_576, 4 * maxPayloadBytes)

function inflating(title: string, frames: (subject: Subject) => Frame[], expect: Script['expect']): Omit<Script, 'id'> {
  return {
    title,
    extensions,
    needs: ['maxPayloadBytes'],
    steps: (subject) => [{ frames: frames(subject) }],
    expect,
    patienceMs,
    hasSingleBytes: false,
    isHeavy: true,
  }
}

const limitBytes = ({ maxPayloadBytes = 0 }: Subject) => maxPayloadBytes

const bombRows = [
  inflating('64 MiB of zeros in one frame', (subject) => [binary(bomb(bombBytes(subject)), rsv1)], fails(1009)),
  inflating(
    '64 MiB of zeros in fragments of 64 bytes',
    (subject) => fragmented('binary', bomb(bombBytes(subject)), 64, 4),
    fails(1009),
  ),
  inflating(
    'a message that inflates to exactly the limit',
    (subject) => [binary(bomb(limitBytes(subject)), rsv1)],
    (subject) => echoes(expected('binary', Buffer.alloc(limitBytes(subject)))),
  ),
  inflating(
    'a message that inflates to limit + 1',
    (subject) => [binary(bomb(limitBytes(subject) + 1), rsv1)],
    fails(1009),
  ),
]

/** Many at once: what they make the server keep is a few times the limit each, not what they inflate to. */
async function bombMemory(subject: Subject): Promise<Verdict> {
  const { serverPid = 0, maxPayloadBytes = 0 } = subject
  const count = 8
  const clients = await Promise.all(Array.from({ length: count }, () => WireClient.open(subject, { extensions })))
  const isAgreed = clients.every(({ agreement }) => agreement)
  const before = peakBytes(serverPid)
  const frame = binary(bomb(bombBytes(subject)), rsv1)
  if (isAgreed) await Promise.all(clients.map((client) => client.send([frame])))
  const isClosed = (client: WireClient) => () => client.serverClose !== undefined || client.wire.isOver
  if (isAgreed) await Promise.all(clients.map((client) => client.waitFor(isClosed(client), patienceMs)))
  const grownBytes = peakBytes(serverPid) - before
  await Promise.all(clients.map((client) => client.finish()))
  if (!isAgreed) return unimplemented
  const allowedBytes = count * 3 * maxPayloadBytes + 64 * 1_048_576
  if (grownBytes > allowedBytes)
    return failed(`${count} messages took ${grownBytes} bytes of memory at the limit of ${maxPayloadBytes}`)
  const verdicts = clients.map((client) => judge(client, fails(1009)))
  return verdicts.find(({ behaviour, close: closing }) => behaviour !== 'OK' || closing !== 'OK') ?? passed
}

const tinyCount = 1000

/** Many tiny messages, every third one plain, in one write. */
function tiny(index: number): { payload: string; frame: Frame } {
  const payload = `message ${index}`
  return { payload, frame: index % 3 === 2 ? text(payload) : text(compressed(payload), rsv1) }
}

async function tinyMessages(subject: Subject, isClosing: boolean): Promise<Verdict> {
  const client = await WireClient.open(subject, { extensions })
  const messages = Array.from({ length: client.agreement ? tinyCount : 0 }, (_, index) => tiny(index))
  const all = messages.map(({ payload }) => expected('text', payload))
  await client.send([...messages.map(({ frame }) => frame), ...(isClosing ? [close(1000)] : [])])
  await client.waitForCount(all.length, patienceMs)
  await client.finish()
  if (!client.agreement) return unimplemented
  // A server may close before it answered all: what it answered is the beginning of the list.
  const received = isClosing ? all.slice(0, client.received.length) : all
  return judge(client, { received, close: normalClose })
}

const large = () => Buffer.concat(Array.from({ length: 4 }, (_, index) => jsonData.message(index, 190_000)))

const closeBehindLarge: Omit<Script, 'id'> = {
  title: 'close behind a large message',
  extensions,
  steps: () => [{ frames: [text(compressed(large()), rsv1), close(1000)] }],
  expect: () => ({
    ...echoes(expected('text', large())),
    orElse: { received: [], close: normalClose },
  }),
  payloadBytes: 760_000,
  patienceMs,
  hasSingleBytes: false,
}

const usualIdleConnections = 1000
const atATime = 50

/** Connections that spoke once and are silent: all of them still know their context, and what they cost is told. */
async function idleConnections(subject: Subject): Promise<Verdict> {
  const { serverPid, idleConnections: count = usualIdleConnections } = subject
  const remarks: string[] = []
  for (const parameters of ['; server_no_context_takeover; client_no_context_takeover', '']) {
    const before = serverPid === undefined ? 0 : residentBytes(serverPid)
    const clients: WireClient[] = []
    try {
      const fault = await openIdle(subject, `permessage-deflate${parameters}`, count, clients)
      const grownBytes = serverPid === undefined ? 0 : residentBytes(serverPid) - before
      const says = parameters === '' ? 'with context' : 'without'
      if (serverPid !== undefined) remarks.push(`${Math.round(grownBytes / count)} bytes each ${says}`)
      if (fault) return fault
      const isRight = await Promise.all(clients.map((client) => answers(client)))
      if (isRight.includes(false))
        return failed(`${isRight.filter((right) => !right).length} of ${count} do not answer`)
    } finally {
      await Promise.all(clients.map((client) => client.finish()))
    }
  }
  return { ...passed, behaviour: remarks.length > 0 ? 'INFORMATIONAL' : 'OK', remarks }
}

async function openIdle(
  subject: Subject,
  extension: string,
  count: number,
  clients: WireClient[],
): Promise<Verdict | undefined> {
  while (clients.length < count) {
    const size = Math.min(atATime, count - clients.length)
    const more = await Promise.all(
      Array.from({ length: size }, () => WireClient.open(subject, { extensions: [extension] })),
    )
    clients.push(...more)
    if (more.some(({ agreement }) => !agreement)) return unimplemented
    const isRight = await Promise.all(more.map(answers))
    if (isRight.includes(false)) return failed('a first message is not answered')
  }
  return undefined
}

const idlePayload = jsonData.message(0, 3000).toString()
const idleFrame = text(compressed(idlePayload), rsv1)

async function answers(client: WireClient): Promise<boolean> {
  client.received.length = 0
  await client.send([idleFrame])
  const hasAnswer = () => client.received.length > 0 || client.violations.length > 0 || client.isOver
  await client.waitFor(hasAnswer, patienceMs)
  return client.received.length === 1 && client.received[0]?.payload.toString() === idlePayload
}

function conversation(id: string, title: string, run: Case['run'], needs: Case['needs'] = [], isHeavy = false): Case {
  return { id, group: 'deflate', title, hasSingleBytes: false, isHeavy, needs, run }
}

/** What compression may cost a server, and what keeps its order. */
export const deflateLimits: Case[] = [
  ...scripted(
    'deflate',
    bombRows.map((script, index) => ({ ...script, id: `D22.${index + 1}` })),
  ),
  conversation('D22.5', 'the memory that messages of 64 MiB take', bombMemory, ['maxPayloadBytes', 'serverPid'], true),
  conversation('D23.1', `${tinyCount} tiny messages in one write`, (subject) => tinyMessages(subject, false)),
  conversation('D23.2', `${tinyCount} tiny messages and close in one write`, (subject) => tinyMessages(subject, true)),
  ...scripted('deflate', [{ ...closeBehindLarge, id: 'D24' }]),
  conversation('D25', 'idle connections, without context and with', idleConnections, [], true),
]
