import type { Frame } from './frame.ts'
import { normalClose } from './script.ts'
import { failed, judge, type Verdict } from './verdict.ts'
import type { WireClient } from './wire-client.ts'

/** A message as it is sent, and what has to come back. */
export interface Question {
  readonly kind: 'text' | 'binary'
  readonly payload: Buffer
  readonly frames: readonly Frame[]
}

/** Sends so many messages, each when the echo of the one before is there and right, then closes. All of it has one time limit. */
export async function echoOneByOne(
  client: WireClient,
  count: number,
  questionOf: (index: number) => Question,
  limitMs: number,
): Promise<Verdict> {
  const startedAt = performance.now()
  const { received, violations } = client
  for (let index = 0; index < count; index++) {
    const { kind, payload, frames } = questionOf(index)
    await client.send(frames)
    const hasMore = () => received.length > 0 || violations.length > 0 || client.isOver || !!client.serverClose
    const isInTime = await client.waitFor(hasMore, limitMs - (performance.now() - startedAt))
    const [answer, ...more] = received
    if (answer?.kind !== kind || !answer.payload.equals(payload) || more.length > 0) {
      await client.finish()
      const what = answer
        ? 'answered with something else'
        : isInTime
          ? 'not answered'
          : `not answered within ${limitMs} ms`
      const verdict = judge(client, { received: [], close: normalClose })
      const closed = client.serverClose ? [`close ${client.serverClose.code}`] : []
      return failed(
        `message ${index + 1} of ${count} is ${what}`,
        ...closed,
        ...violations.slice(0, 3),
        ...verdict.tolerated,
      )
    }
    received.length = 0
  }
  await client.finish()
  const { compressedMessages, compressedBytes } = client.traffic
  const remarks = client.agreement
    ? [`${compressedMessages} of ${count} answers compressed, to ${compressedBytes} bytes`]
    : []
  return { ...judge(client, { received: [], close: normalClose }), remarks }
}
