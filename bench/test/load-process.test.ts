import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { beforeAll, expect, onTestFinished, test } from 'vitest'

/** What the benchmark's own module looks like from here: it is plain JavaScript. */
interface Load {
  connect(count: number): Promise<number>
  reach(count: number): Promise<number>
  echo(forMs: number, depth: number): Promise<number>
  relay(forMs: number, depth: number): Promise<number>
  pace(forMs: number, perSecond: number): Promise<Paced>
  total(): Promise<number>
  stop(): Promise<void>
}
interface Paced {
  published: number
  p50Ms: number
  p90Ms: number
  p99Ms: number
  p999Ms: number
  maxMs: number
}
interface LoadModule {
  compileLoad(): void
  LoadProcess: { start(options: object): Promise<Load> }
}

const modulePath = '../lib/load-process.mjs'
const { compileLoad, LoadProcess } = (await import(modulePath)) as LoadModule

/** A masked frame of 16 bytes. */
const SENT_BYTES = 22
/** What RFC 6455 section 1.3 answers to the key that every client sends. */
const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='
const HEAD = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: '

const payload = (number: number) => `${String(number).padStart(8, '0')}xxxxxxxx`
const frame = (text: string) => Buffer.concat([Buffer.from([0x81, text.length]), Buffer.from(text)])

beforeAll(compileLoad)

/** A server that answers every upgrade so, and how to begin with some clients. */
async function serve(...answer: (string | Buffer)[]) {
  const server = createServer()
  const sockets: Socket[] = []
  server.on('upgrade', (_request, socket: Socket) => {
    socket.on('error', () => {})
    for (const piece of answer) socket.write(piece)
    sockets.push(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  onTestFinished(() => void server.close())
  const start = async (clients: number) => {
    const load = await LoadProcess.start({ dialect: 'plain', port, path: '/', clients, payloadBytes: 16 })
    onTestFinished(() => load.stop())
    return load
  }
  return { sockets, start }
}

/** One client of the load generator, and the server's end of its connection. */
async function connect() {
  const { sockets, start } = await serve(`${HEAD}${ACCEPT}\r\n\r\n`)
  const load = await start(1)
  return { load, socket: sockets[0] as Socket }
}

/** Tells of every read how many whole messages have come in all. */
function onSent(socket: Socket, listener: (whole: number) => void) {
  let received = 0
  socket.on('data', (chunk) => {
    received += chunk.length
    listener(Math.floor(received / SENT_BYTES))
  })
}

test('connects more clients whenever it is told to', async () => {
  const { sockets, start } = await serve(`${HEAD}${ACCEPT}\r\n\r\n`)
  const load = await start(3)
  expect(sockets).toHaveLength(3)
  expect(await load.connect(100)).toBe(103)
  expect(sockets).toHaveLength(103)
})

test('reads what comes with the head of the answer, and behind it', async () => {
  const { sockets, start } = await serve(HEAD, `${ACCEPT}\r\n\r`, Buffer.concat([Buffer.from('\n'), frame(payload(0))]))
  const load = await start(1)
  sockets[0]?.write(frame(payload(1)))
  expect(await load.reach(2)).toBe(2)
})

test.each([
  ['HTTP/1.1 503 Service Unavailable\r\n\r\n', 'refused: HTTP/1.1 503'],
  [`${HEAD}dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`, 'the key was not accepted'],
])('takes nothing but a 101 for its key', async (answer, complaint) => {
  const { start } = await serve(answer)
  await expect(start(1)).rejects.toThrow(complaint)
})

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
  onSent(socket, (whole) => {
    // All four are there before the first is answered.
    if (sent === 0 && whole < 4) return
    while (sent < whole) socket.write(frame(payload(sent++)))
  })
  const echoed = await load.echo(20, 4)
  expect(echoed).toBe(sent)
  expect(sent).toBeGreaterThanOrEqual(4)
})

test('counts a publication when all clients have it', async () => {
  const { sockets, start } = await serve(`${HEAD}${ACCEPT}\r\n\r\n`)
  const load = await start(3)
  let sent = 0
  for (const socket of sockets) {
    onSent(socket, (whole) => {
      for (; sent < whole; sent++) for (const each of sockets) each.write(frame(payload(sent)))
    })
  }
  expect(await load.relay(20, 2)).toBe(sent)
  expect(await load.total()).toBe(3 * sent)
})

test('counts latency from when a publication was due, not from when it was sent or answered', async () => {
  const { load, socket } = await connect()
  // 50 ms at 100 a second are five, 10 ms apart. The server is busy until the last one has come.
  onSent(socket, (whole) => {
    if (whole === 5) socket.write(Buffer.concat([0, 1, 2, 3, 4].map((number) => frame(payload(number)))))
  })
  const { published, p50Ms, p90Ms, p99Ms, p999Ms, maxMs } = await load.pace(50, 100)
  expect(published).toBe(5)
  expect(p50Ms).toBeGreaterThanOrEqual(20)
  expect(maxMs).toBeGreaterThanOrEqual(40)
  expect([p50Ms, p90Ms, p99Ms, p999Ms, maxMs].toSorted((a, b) => a - b)).toEqual([p50Ms, p90Ms, p99Ms, p999Ms, maxMs])
})
