import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Running, run } from './src/process.ts'
import { python } from './src/python.ts'
import { startHouse } from './src/socket-io-house.ts'
import { TcpProxy } from './src/tcp-proxy.ts'
import { until } from './src/until.ts'

const program = join(import.meta.dirname, 'socket-io-python/steps.py')

const auth = { token: 't-1', ä: [1, null] }
const welcome = [
  ['the house', auth],
  ['the news', auth],
]

/** What a client that finds everything as it should be says, by the transport that it is on in the end. */
const facts = (transport: string) => [
  ['connected', [], [], transport],
  ['ids differ', true],
  ['welcome', ...welcome],
  ['echoes', [[], ['hi'], [1, 'zwei – 三 – 😀', null, [true, { a: { b: [] } }]], [{ text: '"\\ \u001e' }]]],
  ['echo of the news', ['over here']],
  ['acks', [null, [1, [2]], 'three']],
  ['ack of the news', 'here too'],
  ['answered', [[40, [1, 2], { bytes: [9, 8] }]]],
  ['bytes', [{ bytes: [1] }, { list: [{ bytes: [2, 3] }, 'text'] }, { bytes: [] }]],
  ['bytes by ack', [[true, true], { bytes: [0, 255, 1] }, { length: 2 }]],
  ['many bytes', true, { length: 256_000 }],
  ['rooms', ['red'], ['red', 'blue']],
  ['said', [['to red'], ['to blue'], ['to all']]],
  ['rooms', ['red']],
  ['said', [['to all']], [['the news']]],
  ['counted', Array.from({ length: 100 }, (_, index) => index + 1)],
  ['cut the line'],
  ['disconnected', [], []],
  ['connected', [], []],
  ['welcome', ...welcome],
  ['ack', 'back'],
  ['disconnected', [], []],
  ['kick me', [], []],
  ['is connected', false],
  ['kick all of me', [], []],
  ['is connected', false],
  ['refused', [{ message: 'not today', data: { code: 7, until: '9:00' } }]],
  ['connected and refused', [], [{ message: 'Invalid namespace' }]],
  ['ack', 'in the others'],
  ['the end'],
]

/** What it complained of, but that aiohttp's sessions are left to the collector: the client's own way. */
const errorsOf = ({ output }: Running): string =>
  output.stderr.replace(/^(Unclosed |client_session: |connector: |connections: ).*\n/gm, '')

describe.each(['sync', 'asyncio'])("Debian's python3-socketio, %s", (kind) => {
  it.each([
    ['polling', 'polling'],
    ['websocket', 'websocket'],
    ['upgrade', 'websocket'],
  ])('does all that it can by %s', async (way, transport) => {
    const { io, port, left } = await startHouse({ pingInterval: 1_000, pingTimeout: 10_000 })
    const proxy = await TcpProxy.start(port)
    onTestFinished(() => proxy.close())
    const client = run(python, [program, kind, `http://127.0.0.1:${proxy.port}`, way])
    await client.untilSaid('["cut the line"]\n')
    await until(
      () => [...io.of('/').sockets.values()].map(({ conn }) => conn.transport.writable),
      ([writable]) => writable === true,
    )
    proxy.cut()
    expect({ code: await client.exited, errors: errorsOf(client) }).toEqual({ code: 0, errors: '' })
    const said = client.output.stdout.trimEnd().split('\n')
    expect(said.map((line) => JSON.parse(line))).toEqual(facts(transport))
    const lost = expect.stringMatching(/^transport (close|error)$/)
    // A client that leaves may be gone before it has said that it does.
    const gone = expect.stringMatching(/^(client namespace disconnect|transport (close|error)|ping timeout)$/)
    const sentAway = 'server namespace disconnect'
    const reasons = () => left.filter(({ namespace }) => namespace === '/').map(({ reason }) => reason)
    await until(reasons, ({ length }) => length >= 5)
    expect(reasons()).toEqual([lost, gone, sentAway, sentAway, gone])
    expect(io.of('/').sockets.size).toBe(0)
  })
})
