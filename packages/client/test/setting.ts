import { onTestFinished } from 'vitest'
import { type Client, type ConnectOptions, connect } from '../src/index.ts'
import { FakeClock } from './fake-clock.ts'
import { FakeServer } from './fake-server.ts'

/** A client, the server that it speaks to, and their time. */
export interface Setting {
  client: Client
  server: FakeServer
  clock: FakeClock
}

/** Half of each wait is left to chance, which is always the middle: the first one is 750 ms. */
export function setting(options: ConnectOptions = {}): Setting {
  const clock = new FakeClock()
  const server = new FakeServer()
  const reconnect = { jitter: 0.5 }
  const client = connect('http://test', {
    WebSocket: server.WebSocket,
    transports: ['websocket'],
    clock,
    random: () => 0.5,
    reconnect,
    ...options,
  })
  onTestFinished(() => client.close())
  return { client, server, clock }
}
