import { type AddressInfo, connect } from 'node:net'
import { afterEach, expect } from 'vitest'
import { Server, type ServerOptions } from '../../../src/index.ts'
import { EventReader } from './event-reader.ts'

export const open = { subscribe: true, publish: true, history: true, presence: true }

const opened: { close(): unknown }[] = []

afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close()
})

interface Running {
  readonly at: number
  readonly run: () => void
}

/** A clock that goes when it is told to. */
export class HandClock {
  #now = 1_000
  readonly #timers = new Set<Running>()

  now(): number {
    return this.#now
  }

  date(): number {
    return 1_790_000_000_000 + this.#now
  }

  setTimeout(run: () => void, delayMs: number): Running {
    const timer = { at: this.#now + delayMs, run }
    this.#timers.add(timer)
    return timer
  }

  clearTimeout(timer: unknown): void {
    this.#timers.delete(timer as Running)
  }

  /** Lets time pass, and everything happen that is due, in order. */
  pass(ms: number): void {
    const end = this.#now + ms
    for (;;) {
      const [next] = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)
      if (next === undefined) break
      this.#now = Math.max(this.#now, next.at)
      this.#timers.delete(next)
      next.run()
    }
    this.#now = end
  }
}

/** A server with an HTTP API on a port of its own, closed when the test ends. */
export async function serve(options: ServerOptions = {}) {
  const log: unknown[] = []
  const logger = {
    warn: (fields: object, text: string) => log.push({ ...fields, text }),
    error: (fields: object, text: string) => log.push({ ...fields, text }),
  }
  const io = new Server({ http: '/api', rooms: { lobby: open, 'room:*': open }, logger, ...options })
  await new Promise<void>((resolve) => io.listen(0, '127.0.0.1', resolve))
  opened.push(io)
  const port = (io.httpServer?.address() as AddressInfo | undefined)?.port ?? 0
  const url = `http://127.0.0.1:${port}/api`
  return {
    io,
    log,
    port,
    url,
    /** Reads server-sent events, from a place on where there is one. */
    read(query: string, options: { readonly lastEventId?: string; readonly maxBytes?: number } = {}): EventReader {
      const reader = new EventReader(`${url}/events?${query}`, options)
      opened.push(reader)
      return reader
    },
    async poll(query: string): Promise<Polled> {
      const response = await fetch(`${url}/events?${query}`)
      expect(response.status).toBe(200)
      return (await response.json()) as Polled
    },
    publish(body: unknown, room = 'lobby'): Promise<Response> {
      return fetch(`${url}/rooms/${room}/publications`, { method: 'POST', ...json(body) })
    },
    /** Writes these bytes on one connection, and answers all that came until it was closed. */
    raw(text: string | Buffer): Promise<string> {
      return new Promise((resolve) => {
        let heard = ''
        const socket = connect(port, '127.0.0.1', () => socket.write(text))
        opened.push({ close: () => socket.destroy() })
        socket.setEncoding('latin1').on('data', (chunk) => {
          heard += chunk
        })
        socket.on('error', () => {}).on('close', () => resolve(heard))
      })
    },
    /** Nobody is left, and nothing of them. */
    async isEmpty(): Promise<void> {
      await expect.poll(() => io.stats).toMatchObject({ clients: { total: 0 }, rooms: 0, presenceRooms: 0 })
    },
  }
}

export type Served = Awaited<ReturnType<typeof serve>>

/** What a poll answers. */
export interface Polled {
  readonly publications: {
    readonly room: string
    readonly seq?: number
    readonly event: string
    readonly data: unknown
  }[]
  readonly place: string
  readonly recovered?: boolean
  readonly gaps?: { readonly room: string; readonly epoch: string; readonly seq: number }[]
}

export function json(body: unknown): { headers: Record<string, string>; body: string } {
  return { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }
}
