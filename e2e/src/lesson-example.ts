import { join } from 'node:path'
import { type Client, connect } from '@partyline/client'
import { expect, onTestFinished } from 'vitest'
import WebSocket, { type ClientOptions } from 'ws'
import { type Running, run } from './process.ts'
import { until } from './until.ts'
import type { BareSocket } from './web-socket.ts'

/** Where the programs of the lesson are. They run from the built packages: `npm test` builds them first. */
export const folder = join(import.meta.dirname, '../../examples/lesson')

/** What a page of another site sends along. */
export const foreign = { headers: { Origin: 'https://elsewhere.example' } }

export interface Example extends Running {
  readonly http: string
  readonly ws: string
  readonly port: number
}

export function runExample(
  file: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Running {
  return run(process.execPath, [join(folder, file), ...args], { env })
}

/** A program of the lesson on a free port, once it has said where it is. */
export async function start(file: string, env: Readonly<Record<string, string>> = {}): Promise<Example> {
  const running = runExample(file, [], { ...env, PORT: '0' })
  const address = /^\w+:\/\/localhost:(\d+)\b.*\n/m
  await running.untilSaid(address)
  const port = Number((address.exec(running.output.stdout) as RegExpExecArray)[1])
  return { ...running, port, http: `http://localhost:${port}`, ws: `ws://localhost:${port}` }
}

export function connected(url: string): Client {
  const client = connect(url, { reconnect: { minDelayMs: 50 } })
  onTestFinished(() => client.close())
  return client
}

/** A WebSocket with options, and all that it heard from the first byte on. */
export function socketWith(url: string, options: ClientOptions) {
  const socket = new WebSocket(url, options)
  onTestFinished(() => socket.terminate())
  const heard: Buffer[] = []
  socket.on('message', (data) => heard.push(data as Buffer))
  socket.on('error', () => {})
  const opened = new Promise<void>((resolve) => socket.once('open', () => resolve()))
  const closed = new Promise<number>((resolve) => socket.once('close', resolve))
  return { socket, heard, opened, closed }
}

/** What of the messages heard is JSON, read. */
// biome-ignore lint/suspicious/noExplicitAny: whatever a server says
export const read = ({ heard }: BareSocket): any[] =>
  heard.filter((text) => text.startsWith('{')).map((text) => JSON.parse(text))

/** The one message of its type, once it has come. */
export async function message(socket: BareSocket, type: string) {
  const all = await until(
    () => read(socket).filter((each) => each.type === type),
    (found) => found.length > 0,
  )
  expect(all).toHaveLength(1)
  return all[0]
}
