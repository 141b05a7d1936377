import { once as onceOf } from 'node:events'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { runs } from '../../../../../test/torture.ts'
import { defaultParser } from '../../../src/protocols/socket-io/default-parser.ts'
import { serve } from '../../served.ts'
import { Reader } from './decoded.ts'
import { PacketFuzzer } from './packet-fuzzer.ts'

const seed = Number(process.env.PARTYLINE_SEED ?? Date.now() % 1_000_000)

test('the default parser reads anything without a crash, and some of it is packets', () => {
  const fuzzer = new PacketFuzzer(seed)
  const reader = new Reader(defaultParser)
  const count = runs(5_000, 200_000)
  for (let i = 0; i < count; i++) {
    const message = fuzzer.message()
    try {
      reader.read(message)
    } catch (error) {
      throw new Error(`PARTYLINE_SEED=${seed}, message ${i} ${JSON.stringify(message)}: ${(error as Error).stack}`)
    }
    if (reader.errors.length > 0) {
      reader.errors.length = 0
      reader.unfinished = undefined
    }
  }
  // not all of it is refused at the door
  expect(reader.packets.length).toBeGreaterThan(count / 100)
  expect(reader.packets.filter(({ type, nsp }) => !(type >= 0 && type <= 4) || nsp[0] !== '/')).toEqual([])
})

test('a server goes on through clients that send anything, and nothing of them stays', async () => {
  const fuzzer = new PacketFuzzer(seed)
  const { io, url, log } = await serve()
  io.of('/ops').use((_, next) => setImmediate(next))
  io.of(/^\/d\d$/)
  for (const name of ['/', '/ops', /^\/d\d$/]) {
    io.of(name as string).on('connection', (socket) => {
      socket.onAny((event, ...args) => {
        const ack = args.at(-1)
        if (typeof ack === 'function') ack(...args.slice(0, -1))
        else socket.emit(`heard ${event}`, ...args)
      })
      socket.on('error', () => {})
    })
  }
  let left = runs(3_000, 200_000)
  while (left > 0) {
    const raw = new WebSocket(`${url}/socket.io/?EIO=4&transport=websocket`)
    raw.on('error', () => {})
    await onceOf(raw, 'open')
    raw.send('40')
    for (let i = 0; i < 20 && raw.readyState === WebSocket.OPEN; i++, left--) {
      const message = fuzzer.message()
      raw.send(typeof message === 'string' ? `4${message}` : message)
    }
    const closed = onceOf(raw, 'close')
    raw.close()
    await closed
  }
  // the server is as it was: one more is served, and then there is nobody
  const raw = new WebSocket(`${url}/socket.io/?EIO=4&transport=websocket`)
  const heard: string[] = []
  raw.on('message', (data) => heard.push(String(data)))
  await onceOf(raw, 'open')
  raw.send('40')
  raw.send('420["x",1]')
  await expect.poll(() => heard.at(-1), { timeout: 5_000 }).toBe('430[1]')
  raw.close()
  await expect.poll(() => io.stats.clients.total, { timeout: 5_000 }).toBe(0)
  expect(io.engine?.clientsCount).toBe(0)
  await expect.poll(() => [io.stats.rooms, io.stats.sessions], { timeout: 5_000 }).toEqual([0, 0])
  expect(log.filter(({ level }) => level === 'error')).toEqual([])
})
