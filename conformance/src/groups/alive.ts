import { text } from '../frame.ts'
import { echoes, expected } from '../script.ts'
import type { Subject } from '../subject.ts'
import { judge, type Verdict } from '../verdict.ts'
import { WireClient } from '../wire-client.ts'

const patienceMs = 5000

/** The server is there and echoes: what has to hold after whatever was done to it. */
export async function proveAlive(subject: Subject): Promise<Verdict> {
  const client = await WireClient.open(subject)
  await client.send([text('still there')])
  await client.waitForCount(1, patienceMs)
  await client.finish()
  return judge(client, echoes(expected('text', 'still there')))
}
