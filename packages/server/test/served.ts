import type { Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach } from 'vitest'
import { Server, type ServerOptions } from '../src/index.ts'

const running = new Set<Server>()
afterEach(async () => {
  const all = [...running]
  running.clear()
  for (const io of all) await io.close()
})

/** A line of a server's log. */
export interface LogLine {
  readonly level: 'warn' | 'error'
  readonly fields: Record<string, unknown>
  readonly text: string
}

/** Lets clients do everything in a room. */
export const open = { subscribe: true, publish: true, history: true, presence: true } as const

/** A server on a free port, what it logs, and its address. It is closed after the test. */
export async function serve(options: ServerOptions = {}): Promise<{ io: Server; url: string; log: LogLine[] }> {
  const log: LogLine[] = []
  const logger = {
    warn: (fields: object, text: string) => log.push({ level: 'warn', fields: { ...fields }, text }),
    error: (fields: object, text: string) => log.push({ level: 'error', fields: { ...fields }, text }),
  }
  const io = new Server({ logger, closeTimeoutMs: 1_000, ...options })
  running.add(io)
  await new Promise<void>((resolve) => io.listen(0, '127.0.0.1', resolve))
  const { port } = (io.httpServer as HttpServer).address() as AddressInfo
  return { io, url: `ws://127.0.0.1:${port}`, log }
}

/** Resolves when an event of the application's has come. */
export function once(target: { once(event: never, listener: never): unknown }, event: string): Promise<unknown[]> {
  const on = target as { once(event: string, listener: (...args: unknown[]) => void): unknown }
  return new Promise((resolve) => on.once(event, (...args) => resolve(args)))
}
