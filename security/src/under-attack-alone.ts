import { startStandalone } from 'partyline'
import { onTestFinished } from 'vitest'
import { HealthyClient } from './healthy-client.ts'

/** Within what one client may say in a second there. */
const PACE_MS = 20

export type StandaloneOptions = NonNullable<Parameters<typeof startStandalone>[0]>

/** What its log had to say. */
export interface AloneLog {
  readonly lines: string[]
  readonly fields: object[]
}

/** A standalone server with a healthy client that must still get its echo when the attack is over. Answers the log's lines. */
export async function underAttackAlone(
  options: StandaloneOptions,
  attack: (port: number) => Promise<void>,
): Promise<AloneLog> {
  const log: AloneLog = { lines: [], fields: [] }
  const note = (fields: object, text: string): void => {
    log.fields.push(fields)
    log.lines.push(text)
  }
  const server = await startStandalone({ port: 0, host: '127.0.0.1', logger: { warn: note, error: note }, ...options })
  onTestFinished(() => server.close())
  const port = Number(new URL(server.urls.http).port)
  const healthy = await HealthyClient.connect(port, '/echo', PACE_MS)
  try {
    await attack(port)
    await healthy.echo()
  } finally {
    await healthy.stop()
    await healthy.peer.drop()
  }
  return log
}
