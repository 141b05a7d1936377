import type { Case } from '../case.ts'
import { binary, close, encodeFrame, type Frame, ping } from '../frame.ts'
import { normalClose } from '../script.ts'
import type { Subject } from '../subject.ts'
import { failed, judge, passed, type Verdict } from '../verdict.ts'
import { WireClient } from '../wire-client.ts'

/** More than the kernel keeps for both directions of a connection, at its largest. */
const floodBytes = 64 * 1_048_576
const writeBytes = 65_536
const stallMs = 1500
const backlogPatienceMs = 30_000

/**
 * Asks for answers and does not read them. A server that bounds what it keeps stops reading (our writes stall), drops what it
 * need not send, or drops us. One that took all of it and then delivers every answer kept it all in memory.
 */
async function flood(subject: Subject, frame: Frame): Promise<Verdict> {
  const client = await WireClient.open(subject)
  const { wire } = client
  const frameBytes = encodeFrame(frame)
  const perWrite = Math.max(1, Math.floor(writeBytes / frameBytes.length))
  const chunk = Buffer.alloc(frameBytes.length * perWrite, frameBytes)
  wire.socket.pause()
  let asked = 0
  let hasStalled = false
  while (asked * frameBytes.length < floodBytes && !hasStalled && wire.socket.writable) {
    const isTaken = wire.socket.write(chunk)
    asked += perWrite
    const isDrained = () => wire.socket.writableLength === 0 || !wire.socket.writable
    if (!isTaken) hasStalled = !(await wire.waitFor(isDrained, stallMs))
  }
  wire.socket.resume()
  await client.send([close(1000)])
  await wire.waitFor(() => client.serverClose !== undefined || wire.isOver, backlogPatienceMs * subject.patienceFactor)
  await client.finish()
  if (!hasStalled && client.received.length === asked)
    return failed(`keeps ${floodBytes} bytes of answers that nobody reads`)
  // Dropped for asking too much: by any code, or none, before or behind our close frame.
  if (client.firstClose !== 'client' || client.serverClose?.code !== 1000) return passed
  const isRight = client.received.every(({ payload }) => payload.equals(frame.payload))
  return isRight ? judge(client, { received: client.received, close: normalClose }) : failed('answers with other bytes')
}

function floodCase(id: string, title: string, frame: Frame): Case {
  return {
    id,
    group: 'framing',
    title,
    hasSingleBytes: false,
    isHeavy: true,
    needs: [],
    run: (subject) => flood(subject, frame),
  }
}

export const floods: Case[] = [
  floodCase('F11', 'a flood of pings whose pongs are not read', ping(Buffer.alloc(125, 0x70))),
  floodCase('F12', 'large echoes that are not read', binary(Buffer.alloc(60_000, 0x62))),
]
