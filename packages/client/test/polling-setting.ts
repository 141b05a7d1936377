import { expect } from 'vitest'
import type { ConnectOptions } from '../src/index.ts'
import { settled } from './fake-clock.ts'
import { FakePolling } from './fake-polling.ts'
import type { Message } from './fake-server.ts'
import { setting as webSocketSetting } from './setting.ts'

/** A client, and a server that it reaches by WebSocket or by polling, as the test lets it. */
export function setting(options: ConnectOptions = {}) {
  const polling = new FakePolling()
  const set = webSocketSetting({ transports: ['websocket', 'polling'], fetch: polling.fetch, ...options })
  const states: string[] = []
  set.client.onState((state) => states.push(state.name === 'live' ? state.transport : state.name))
  return { ...set, polling, states }
}

export type Setting = ReturnType<typeof setting>

/** Of a server that is alive without saying so. */
export const lasting = { heartbeatMs: 1_000_000_000 }

/** Lets the client in by polling, its WebSockets being blocked. */
export async function pollingSetting(options: ConnectOptions = {}, welcome: Message = {}): Promise<Setting> {
  const set = setting(options)
  await settled()
  set.server.last.drop()
  await set.polling.welcome(welcome)
  expect(set.client.transport).toBe('polling')
  return set
}

/** Opens the WebSocket that the client tries beside polling, and lets it come back there. */
export async function goUp({ server }: Setting): Promise<void> {
  server.last.open()
  await settled()
  server.last.welcome({ recovered: true })
  server.last.pong()
  await settled()
}
