import type { Case } from '../case.ts'
import { continuation, encodeFrame, text } from '../frame.ts'
import type { Subject } from '../subject.ts'
import { failed, judge, passed, type Verdict } from '../verdict.ts'
import { WireClient } from '../wire-client.ts'
import { proveAlive } from './alive.ts'

const patienceMs = 2000

function conversation(id: string, title: string, run: Case['run'], needs: Case['needs'] = []): Case {
  return { id, group: 'closing', title, hasSingleBytes: false, needs, run }
}

const openText = () => text('fragment1', { final: false })

/** The server closes inside a message; we finish it and only then answer: a clean end, and no echo. */
async function closedInsideMessage(subject: Subject): Promise<Verdict> {
  const client = await WireClient.open(subject)
  client.isMute = true
  await client.send([text('close-in 50 1001 bye'), openText()])
  await client.waitFor(() => client.serverClose !== undefined || client.wire.isOver, patienceMs)
  await client.wire.write([encodeFrame(continuation('fragment2'))])
  await client.reply(1001)
  await client.finish()
  return judge(client, { received: [], close: { by: 'server', clean: true, codes: [1001] } })
}

/** The server's close is not answered: TCP is dropped after its time, and not before half of it. */
async function closeWithoutReply(subject: Subject): Promise<Verdict> {
  const { closeTimeoutMs = 0, patienceFactor } = subject
  const client = await WireClient.open(subject)
  client.isMute = true
  await client.send([text('close-in 0 1001 bye')])
  await client.waitFor(() => client.serverClose !== undefined || client.wire.isOver, patienceMs)
  const isEarly = await client.wire.waitFor(() => client.wire.isOver, closeTimeoutMs / 2)
  await client.wire.waitFor(() => client.wire.isOver, closeTimeoutMs + patienceMs * patienceFactor)
  const { droppedBy } = client.wire
  await client.wire.drop(0)
  if (client.serverClose?.code !== 1001) return failed('did not close with 1001 when told to')
  if (isEarly) return failed(`dropped TCP before half of ${closeTimeoutMs} ms`)
  return droppedBy === 'server' ? passed : failed(`TCP not dropped ${closeTimeoutMs} ms after the close frame`)
}

/** TCP ends without a close frame: the server ends its side and lives on. */
async function endsWithoutClose(subject: Subject, begun: Buffer, isReset: boolean): Promise<Verdict> {
  const client = await WireClient.open(subject)
  await client.sendBytes([begun])
  if (isReset) client.wire.reset()
  else client.wire.socket.end()
  await client.waitFor(() => client.wire.isOver, patienceMs)
  const { droppedBy } = client.wire
  await client.wire.drop(0)
  if (droppedBy !== 'server') return failed('keeps its side of TCP open behind our FIN')
  if (client.received.length > 0) return failed('answers a message that was not complete')
  return proveAlive(subject)
}

/** Pings are not answered: the connection is dropped after its time. */
async function noPongs(subject: Subject): Promise<Verdict> {
  const { pongTimeoutMs = 0, patienceFactor } = subject
  const client = await WireClient.open(subject)
  client.isMute = true
  const hasEnded = () => client.serverClose !== undefined || client.wire.isOver
  const isEarly = await client.wire.waitFor(hasEnded, pongTimeoutMs / 2)
  const isDropped = await client.wire.waitFor(hasEnded, pongTimeoutMs + patienceMs * patienceFactor)
  await client.wire.drop(0)
  if (isEarly) return failed(`dropped before half of ${pongTimeoutMs} ms`)
  return isDropped ? passed : failed(`not dropped after ${pongTimeoutMs} ms of silence`)
}

/** The server goes away: 1001 to everybody, and those who do not answer do not hold it up. */
async function shutdown(subject: Subject): Promise<Verdict> {
  const silent = await WireClient.open(subject)
  silent.isMute = true
  const client = await WireClient.open(subject)
  await client.send([text('shutdown')])
  await client.waitFor(() => client.serverClose !== undefined || client.wire.isOver, patienceMs)
  await client.finish()
  await silent.waitFor(() => silent.wire.isOver, (subject.closeTimeoutMs ?? 0) + patienceMs)
  const { droppedBy } = silent.wire
  await silent.wire.drop(0)
  if (silent.serverClose?.code !== 1001)
    return failed(`tells the others ${silent.serverClose?.code ?? 'nothing'}, not 1001`)
  if (droppedBy !== 'server') return failed('waits for those who do not answer its close frame')
  return judge(client, { received: [], close: { by: 'server', clean: true, codes: [1001] } })
}

const halfFrame = encodeFrame(text('half a frame')).subarray(0, 9)
const halfMessage = encodeFrame(openText())
const none = Buffer.alloc(0)

/** The rows of the closing table that are more than a script. */
export const closingConversations: Case[] = [
  conversation('C5', 'the server closes inside a message', closedInsideMessage, ['closeCommand']),
  conversation('C7', 'no reply to the close of the server', closeWithoutReply, ['closeCommand', 'closeTimeoutMs']),
  conversation('C9.1', 'FIN without a close frame', (subject) => endsWithoutClose(subject, none, false)),
  conversation('C9.2', 'FIN inside a frame', (subject) => endsWithoutClose(subject, halfFrame, false)),
  conversation('C9.3', 'FIN inside a message', (subject) => endsWithoutClose(subject, halfMessage, false)),
  conversation('C9.4', 'RST', (subject) => endsWithoutClose(subject, halfFrame, true)),
  conversation('C13', 'no pong to the pings of the server', noPongs, ['pongTimeoutMs']),
  conversation('C14', 'the server goes away', shutdown, ['shutdownCommand']),
]
