import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { beforeAll, expect, onTestFinished, test } from 'vitest'

/** What the benchmark's own module looks like from here: it is plain JavaScript. */
interface Load {
  reach(count: number): Promise<number>
  echo(forMs: number, depth: number): Promise<number>
  total(): Promise<number>
  stop(): Promise<void>
}
interface LoadModule {
  compileLoad(): void
  LoadProcess: { start(options: object): Promise<Load> }
}

const modulePath = '../lib/load-process.mjs'
const { compileLoad, LoadProcess } = (await import(modulePath)) as LoadModule

const payload = (number: number) => `${String(number).padStart(8, '0')}xxxxxxxx`
const frame = (text: string) => Buffer.concat([Buffer.from([0x81, text.length]), Buffer.from(text)])

beforeAll(compileLoad)

/** One client of the load generator, and the server's end of its connection. */
async function connect() {
  const server = createServer()
  const upgraded = once(server, 'upgrade') as Promise<[unknown, Socket]>
  server.on('upgrade', (_request, socket) => {
    socket.on('error', () => {})
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const load = await LoadProcess.start({ dialect: 'plain', port, path: '/', clients: 1, payloadBytes: 16 })
  const [, socket] = await upgraded
  onTestFinished(async () => {
    await load.stop()
    server.close()
  })
  return { load, socket }
}

test('counts messages that are numbered without a hole, in whatever pieces they come', async () => {
  const { load, socket } = await connect()
  const reached = load.reach(3)
  for (const byte of Buffer.concat([0, 1, 2].map((number) => frame(payload(number))))) socket.write(Buffer.from([byte]))
  expect(await reached).toBe(3)
  expect(await load.total()).toBe(3)
})

test.each([
  ['a hole', [payload(0), payload(2)], 'expected message 1'],
  ['a repetition', [payload(0), payload(0)], 'expected message 1'],
  ['another byte', [payload(0), payload(1).replace('xx', 'xy')], 'expected message 1'],
  ['a shorter text', [payload(0), payload(1).slice(0, -1)], 'expected message 1'],
  ['one more than was published', [payload(0), payload(1), payload(2)], 'more messages than were published'],
])('ends the run at %s', async (_what, texts, complaint) => {
  const { load, socket } = await connect()
  const reached = load.reach(2)
  socket.write(Buffer.concat(texts.map(frame)))
  await expect(reached).rejects.toThrow(complaint)
})

test('ends the run when the server closes', async () => {
  const { load, socket } = await connect()
  const reached = load.reach(1)
  socket.destroy()
  await expect(reached).rejects.toThrow(/closed by the server|reset/)
})

test('keeps so many messages in flight, and counts their echoes', async () => {
  const { load, socket } = await connect()
  let sent = 0
  let received = 0
  socket.on('data', (chunk) => {
    received += chunk.length
    // A masked frame of 16 bytes is 22 bytes long. All four are there before the first is answered.
    const whole = Math.floor(received / 22)
    if (sent === 0 && whole < 4) return
    while (sent < whole) socket.write(frame(payload(sent++)))
  })
  const echoed = await load.echo(20, 4)
  expect(echoed).toBe(sent)
  expect(sent).toBeGreaterThanOrEqual(4)
})
