import { onTestFinished } from 'vitest'
import WebSocket from 'ws'
import { until } from './until.ts'

/** A bare WebSocket that remembers what it heard and how it was closed. */
export interface BareSocket {
  readonly socket: WebSocket
  readonly heard: string[]
  say(message: unknown): void
  untilHeard(text: string): Promise<void>
  untilClosed(): Promise<number>
}

export async function openWebSocket(url: string, protocol?: string): Promise<BareSocket> {
  const socket = new WebSocket(url, protocol ?? [])
  onTestFinished(() => socket.terminate())
  const heard: string[] = []
  let closed: number | undefined
  socket.on('message', (data) => heard.push(String(data)))
  socket.on('close', (code) => {
    closed = code
  })
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  return {
    socket,
    heard,
    say: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    untilHeard: async (text) =>
      void (await until(
        () => heard,
        (all) => all.includes(text),
      )),
    untilClosed: async () =>
      (await until(
        () => closed,
        (code) => code !== undefined,
      )) as number,
  }
}
