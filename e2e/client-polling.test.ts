import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Client, type ClientState, type ConnectOptions, connect } from '@partyline/client'
import { Server, type ServerOptions } from '@partyline/server'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { Random } from '../packages/server/test/hub/model/random.ts'
import { runs } from '../test/torture.ts'
import { Participant } from './src/participant.ts'
import { SkippingClock } from './src/skipping-clock.ts'
import { TcpProxy } from './src/tcp-proxy.ts'
import { faultsOf, type Line } from './src/transcript.ts'
import { until } from './src/until.ts'
import { UpgradeFront } from './src/upgrade-front.ts'

const seed = Number(process.env.PARTYLINE_SEED ?? Date.now() % 1_000_000)
const room = { keep: { entries: 100_000, ageMs: 3_600_000 }, subscribe: true, publish: true } as const
/** After so long a client that polls tries a WebSocket. */
const firstTryMs = 30_000

/** A server behind a front that lets no WebSockets through. */
async function serve(options: ServerOptions = {}) {
  const httpServer = createServer()
  const io = new Server(httpServer, { rooms: { lobby: room }, closeTimeoutMs: 1_000, ...options })
  httpServer.listen(0, '127.0.0.1')
  await once(httpServer, 'listening')
  onTestFinished(() => io.close())
  const { port } = httpServer.address() as AddressInfo
  const front = await UpgradeFront.start(port)
  onTestFinished(() => front.close())
  return { io, front, port, url: `http://127.0.0.1:${front.port}` }
}

function join(url: string, options: ConnectOptions = {}) {
  const client = connect(url, { WebSocket, ...options })
  onTestFinished(() => client.close())
  const states: ClientState[] = []
  client.onState((state) => states.push(state))
  return { client, states }
}

/** Waits until it is connected by this. */
const untilBy = (client: Client, transport: 'websocket' | 'polling') =>
  until(
    () => client.transport,
    (now) => now === transport,
  )

describe('a client whose WebSockets are blocked', () => {
  it('polls, and does all that it does otherwise', async () => {
    const { io, front, url } = await serve()
    io.of('/ops').on('connection', (socket) => {
      socket.on('double', (value: number, answer: (value: number) => void) => answer(2 * value))
      socket.on('message', (bytes: Uint8Array) => socket.emit('message', bytes))
      socket.on('who', (answer: (facts: unknown) => void) =>
        answer([socket.conn.transport.name, socket.handshake.auth.token, socket.handshake.query.kind]),
      )
    })
    const { client } = join(`${url}/ops?kind=test`, { name: 'Ada', token: 't1' })
    const heard: unknown[] = []
    client.on('message', (bytes) => heard.push(bytes))
    expect(await client.emitWithAck('double', 21)).toBe(42)
    expect(await client.emitWithAck('who')).toEqual(['polling', 't1', 'test'])
    const bytes = Uint8Array.from({ length: 700 }, (_, at) => at % 256)
    client.emit('message', bytes)
    await until(
      () => heard,
      (all) => all.length === 1,
    )
    expect(heard).toEqual([bytes])
    expect(client.transport).toBe('polling')
    expect(front.upgradeCount).toBe(1)
    expect(new Set(front.requests.map((line) => line.replace(/&sid=.*/, '&sid=…')))).toEqual(
      new Set([
        'GET /partyline/ops?kind=test&EIO=4&transport=polling',
        'GET /partyline/ops?kind=test&EIO=4&transport=polling&sid=…',
        'POST /partyline/ops?kind=test&EIO=4&transport=polling&sid=…',
      ]),
    )
  })

  it('ends its session with a goodbye', async () => {
    const { io, url } = await serve()
    const ended: string[] = []
    io.on('connection', (socket) => socket.on('disconnect', (reason) => ended.push(reason)))
    const { client } = join(url)
    await untilBy(client, 'polling')
    client.close()
    await until(
      () => ended,
      (all) => all.length > 0,
    )
    expect(ended).toEqual(['client namespace disconnect'])
    expect(await io.fetchSockets()).toEqual([])
  })

  it('hears that its token has expired, and comes back with another one to its session', async () => {
    let count = 0
    const { io, url } = await serve({
      authenticate: () => ({ id: 'ada', name: 'Ada', expiresAt: Date.now() + (++count === 1 ? 500 : 60_000) }),
    })
    const ended: string[] = []
    io.on('connection', (socket) => socket.on('disconnect', (reason) => ended.push(reason)))
    const { client, states } = join(url, { token: 't1' })
    await untilBy(client, 'polling')
    const { id } = client
    await until(
      () => states.filter(({ name }) => name === 'live').length,
      (lives) => lives === 2,
    )
    expect(states.find(({ name }) => name === 'waiting')).toMatchObject({
      code: 4401,
      reason: 'the token has expired',
      error: { code: 'unauthorized' },
    })
    expect(states.at(-1)).toMatchObject({ recovered: true, transport: 'polling' })
    expect(client.id).toBe(id)
  })

  it('goes up when they get through, loses no event on the way, and does not stop polling before', async () => {
    const { io, front, url } = await serve()
    const heard: number[] = []
    io.on('connection', (socket) => socket.on('count', (count: number) => heard.push(count)))
    const clock = new SkippingClock()
    const { client, states } = join(url, { clock })
    await untilBy(client, 'polling')
    const { id } = client
    let said = 0
    const talking = setInterval(() => client.emit('count', ++said), 1)
    onTestFinished(() => clearInterval(talking))
    clock.skip(firstTryMs)
    await until(
      () => front.upgradeCount,
      (upgrades) => upgrades === 2,
    )
    expect(client.transport).toBe('polling')
    front.fate = 'pass'
    clock.skip(2 * firstTryMs)
    await untilBy(client, 'websocket')
    clearInterval(talking)
    await until(
      () => heard.length,
      (all) => all === said,
    )
    expect(heard).toEqual(Array.from({ length: said }, (_, at) => at + 1))
    expect(client.id).toBe(id)
    const shown = states.map((state) => (state.name === 'live' ? state.transport : state.name))
    expect(shown).toEqual(['polling', 'connecting', 'websocket'])
    expect(states.at(-1)).toMatchObject({ recovered: true })
    expect(front.requests.at(-1)).toContain('transport=polling')
  })

  it('is back at polling, with its session, where a WebSocket opens and carries nothing', async () => {
    const { front, url } = await serve()
    const clock = new SkippingClock()
    const { client, states } = join(url, { clock })
    const lobby = client.subscribe('lobby')
    await lobby.ready
    const { id } = client
    front.fate = 'swallow'
    clock.skip(firstTryMs)
    await until(
      () => states.at(-1)?.name,
      (name) => name === 'connecting',
    )
    const published = lobby.publish('said while there is no line', { timeoutMs: 3_600_000 })
    clock.skip(10_000)
    await untilBy(client, 'polling')
    await published
    expect(client.id).toBe(id)
    expect(states.map((state) => (state.name === 'live' ? state.transport : state.name))).toEqual([
      'polling',
      'connecting',
      'polling',
    ])
  })
})

describe(`a client that polls, goes up and is cut at random places (PARTYLINE_SEED=${seed})`, () => {
  it('misses nothing of 1,000 publications, gets nothing twice, and all in order', async () => {
    const random = new Random(seed)
    const { front, port } = await serve()
    const proxy = await TcpProxy.start(front.port)
    onTestFinished(() => proxy.close())
    const clock = new SkippingClock()
    const lines: Line[] = []
    const unhurried = { WebSocket, ackTimeoutMs: 3_600_000 }
    const ada = new Participant('Ada', 'lobby', lines, `http://127.0.0.1:${proxy.port}`, {
      ...unhurried,
      clock,
      reconnect: { minDelayMs: 2, maxDelayMs: 20 },
      random: () => random.fraction(),
    })
    const ben = new Participant('Ben', 'lobby', lines, `http://127.0.0.1:${port}`, unhurried)
    for (const each of [ada, ben]) onTestFinished(() => each.client.close())
    const lives = { polling: 0, websocket: 0 }
    ada.client.onState((state) => state.name === 'live' && lives[state.transport]++)
    await Promise.all([ada.join(), ben.join()])
    expect(ada.client.transport).toBe('polling')

    const publications = runs(1_000, 10_000)
    const changes = runs(10, 100)
    let said = 0
    while (said < publications || lives.polling < changes || lives.websocket < changes) {
      // who polls may go up, and who is up has to come down
      const fates = ada.client.transport === 'websocket' ? (['refuse', 'cut'] as const) : (['pass', 'refuse'] as const)
      if (random.chance(0.5)) front.fate = random.pick(fates)
      if (random.chance(0.5)) proxy.cutAfter(random.below(6_000), random.pick(['reset', 'end']))
      if (random.chance(0.3)) clock.skip(firstTryMs)
      for (let burst = random.below(12); burst >= 0; burst--, said++) random.pick([ada, ben]).publish()
      if (random.chance(0.5)) await random.pick([ada, ben]).settled()
    }
    proxy.disarm()
    await Promise.all([ada.settled(), ben.settled()])
    const last = [ada.publish(), ben.publish()]
    await Promise.all([ada.settled(), ben.settled()])
    await until(
      () => [ada, ben].every((each) => last.every((key) => each.has(key))),
      (isThere) => isThere,
    )

    expect(faultsOf(lines).slice(0, 20)).toEqual([])
    expect(lines.filter(({ kind }) => kind === 'gap' || kind === 'refused' || kind === 'unknown')).toEqual([])
    expect(lines.filter((line) => line.kind === 'received' && line.who === 'Ada')).toHaveLength(
      lines.filter(({ kind }) => kind === 'published').length,
    )
    expect(ada.hasRecovered).toBe(true)
  })
})
