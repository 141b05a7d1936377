import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server as Reference } from 'socket.io'
import type { Socket as StockSocket } from 'socket.io-client'
import { onTestFinished } from 'vitest'
import { Server, type ServerOptions, type Socket } from '../src/index.ts'
import { once } from './served.ts'
import { comeStock, type StockOptions, settled } from './stock-client.ts'

/** A client and its socket. */
export interface Pair {
  readonly client: StockSocket
  readonly socket: Socket
}

/** A server with three clients, `a`, `b` and `c`; what each of them hears is written down. */
export interface Stage {
  readonly io: Server
  readonly url: string
  readonly a: Pair
  readonly b: Pair
  readonly c: Pair
  /** What each has heard so far, by its letter, once everything that was said has come. */
  heard(): Promise<Record<string, unknown[]>>
  /** The letter of a socket, by its id: ids are not the same in two runs. */
  letterOf(id: string): string
  /** The same of many, in the order of the letters. */
  letters(ids: Iterable<string>): string[]
}

const letters = ['a', 'b', 'c'] as const

/** Our server, or npm's `socket.io`, on a free port; it is closed after the test. */
export async function start(which: 'ours' | 'reference', options: ServerOptions): Promise<{ io: Server; url: string }> {
  const server = createServer()
  const quiet = { warn: () => {}, error: () => {} }
  const io =
    which === 'ours'
      ? new Server(server, { logger: quiet, closeTimeoutMs: 1_000, ...options })
      : (new Reference(server, options as object) as unknown as Server)
  onTestFinished(async () => {
    await io.close()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { io, url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

async function stageOf(which: 'ours' | 'reference', options: ServerOptions, way: StockOptions): Promise<Stage> {
  const { io, url } = await start(which, options)
  const pairs: Pair[] = []
  const heard: Record<string, unknown[]> = {}
  for (const letter of letters) {
    const told = once(io, 'connection')
    const client = await comeStock(url, { ...way, auth: { letter } })
    const [socket] = (await told) as [Socket]
    await settled(client)
    const own: unknown[] = []
    heard[letter] = own
    client.onAny((...event: unknown[]) => {
      if (event[0] !== 'caught up') own.push(event)
    })
    pairs.push({ client, socket })
  }
  const [a, b, c] = pairs as [Pair, Pair, Pair]
  const letterOf = (id: string): string => letters[pairs.findIndex(({ socket }) => socket.id === id)] ?? id
  return {
    ...{ io, url, a, b, c, letterOf },
    letters: (ids) => [...ids].map(letterOf).sort(),
    heard: async () => {
      const here = pairs.filter(({ client, socket }) => client.connected && socket.connected)
      const said = here.map(({ client }) => once(client, 'caught up'))
      for (const { socket } of here) socket.emit('caught up')
      await Promise.all(said)
      return heard
    },
  }
}

/** What the same program answers on our server and on npm's. */
export async function onBoth(
  program: (stage: Stage) => unknown,
  options: ServerOptions = {},
  way: StockOptions = { transports: ['websocket'] },
): Promise<{ ours: unknown; theirs: unknown }> {
  const theirs = await program(await stageOf('reference', options, way))
  const ours = await program(await stageOf('ours', options, way))
  return { ours, theirs }
}
