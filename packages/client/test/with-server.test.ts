import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server, type ServerOptions } from '@partyline/server'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { WebSocket } from 'ws'
import { type Client, type ConnectOptions, connect } from '../src/index.ts'

interface ServerToClient {
  message: (bytes: Uint8Array) => void
  file: (file: { name: string; bytes: Uint8Array }) => void
  resize: (bytes: Uint8Array, answer: (bytes: Uint8Array) => void) => void
}

interface ClientToServer {
  message: (bytes: Uint8Array) => void
  upload: (name: string, bytes: Uint8Array, answer: (length: number, copy: Uint8Array) => void) => void
}

const open = { subscribe: true, publish: true, history: true, presence: true } as const
const bytes = new Uint8Array([0, 1, 254, 255])

/** A server on a free port, until the end of the test. */
async function serve(options: ServerOptions = {}) {
  const http = createServer().listen(0, '127.0.0.1')
  await once(http, 'listening')
  const io = new Server<ClientToServer, ServerToClient>(http, { closeTimeoutMs: 1_000, ...options })
  onTestFinished(() => io.close())
  return { io, url: `http://127.0.0.1:${(http.address() as AddressInfo).port}` }
}

function join(url: string, options: ConnectOptions = {}): Client<ServerToClient, ClientToServer> {
  const client = connect<ServerToClient, ClientToServer>(url, { WebSocket, ...options })
  onTestFinished(() => client.close())
  return client
}

function untilState(client: Client, name: string): Promise<void> {
  return vi.waitFor(() => expect(client.state.name).toBe(name), { timeout: 10_000 })
}

function expectPlain(value: unknown, expected: Uint8Array): void {
  expect(value).toEqual(expected)
  expect(Object.getPrototypeOf(value)).toBe(Uint8Array.prototype)
}

describe('a client and a server', () => {
  afterEach(() => void vi.unstubAllGlobals())

  it('exchange bytes in events and answers, both ways', async () => {
    const { io, url } = await serve()
    const said: unknown[] = []
    io.on('connection', async (socket) => {
      socket.on('message', (value) => said.push(value))
      socket.on('upload', (name, value, answer) => {
        said.push(name, value)
        answer(value.length, value)
      })
      socket.emit('message', bytes)
      socket.emit('file', { name: 'a', bytes })
      said.push(await socket.emitWithAck('resize', bytes))
    })
    const client = join(url)
    const heard: unknown[] = []
    client.on('message', (value) => heard.push(value))
    client.on('file', (file) => heard.push(file.bytes))
    client.on('resize', (value) => value.subarray(1))
    client.emit('message', bytes)
    const answer = await new Promise<unknown[]>((resolve) => {
      client.emit('upload', 'a', bytes, (...all) => resolve(all))
    })
    expect(answer).toEqual([4, bytes])
    await vi.waitFor(() => expect(heard).toHaveLength(2))
    for (const each of heard) expectPlain(each, bytes)
    await vi.waitFor(() => expect(said).toHaveLength(4))
    expect(said.filter((each) => each instanceof Uint8Array).map((each) => [...each])).toEqual(
      expect.arrayContaining([[...bytes], [...bytes], [...bytes.subarray(1)]]),
    )
  })

  it('publish bytes in a room, which come live, from history and after a return', async () => {
    const { url } = await serve({ rooms: { files: open } })
    const [ada, ben] = [join(url), join(url)]
    const heard: unknown[] = []
    const files = ben.subscribe<{ message: (bytes: Uint8Array) => void }>('files')
    files.on('message', (value) => heard.push(value))
    await files.ready
    await ada.publish('files', bytes)
    await vi.waitFor(() => expect(heard).toHaveLength(1))
    expectPlain(heard[0], bytes)
    const { publications } = await ada.history('files')
    expectPlain(publications[0]?.data, bytes)
    const late = join(url)
    const since = { epoch: files.position?.epoch ?? '', seq: 0 }
    const replayed: unknown[] = []
    const again = late.subscribe('files', { since })
    again.on('message', (value) => replayed.push(value))
    await again.ready
    expectPlain(replayed[0], bytes)
  })

  it('meet over the WebSocket that is global', async () => {
    const { url } = await serve()
    vi.stubGlobal('WebSocket', WebSocket)
    const client = connect(url)
    onTestFinished(() => client.close())
    await untilState(client, 'live')
  })

  it('meet over the package ws where nothing is global', async () => {
    const { url } = await serve()
    vi.stubGlobal('WebSocket', undefined)
    const client = connect(url)
    onTestFinished(() => client.close())
    await untilState(client, 'live')
  })

  it('that refuses its token stays away, until somebody signs in', async () => {
    const { url } = await serve({ authenticate: (token) => token === 'good' && { id: 'ada', name: 'Ada' } })
    let token: string | null = 'bad'
    const client = join(url, { token: () => token })
    client.onError(() => {})
    await untilState(client, 'closed')
    expect(client.state).toMatchObject({ code: 4503, error: { code: 'unauthorized' } })
    token = null
    client.connect()
    await untilState(client, 'closed')
    expect(client.state).toMatchObject({ code: 4503, error: { code: 'unauthorized' } })
    token = 'good'
    client.connect()
    await untilState(client, 'live')
    expect(client.user).toEqual({ id: 'ada', name: 'Ada' })
  })

  it('renew a token before it expires, and the connection stands', async () => {
    const asked: string[] = []
    const hourMs = 3_600_000
    const authenticate = (token: string) => {
      asked.push(token)
      return asked.length < 3 ? { id: 'ada', expiresAt: Date.now() + hourMs } : { id: 'ada' }
    }
    const { url } = await serve({ authenticate })
    const delays: number[] = []
    // Most of an hour is over at once; everything else takes its time.
    const clock = {
      now: () => performance.now(),
      setTimeout: (callback: () => void, delayMs: number) => {
        if (delayMs > hourMs / 2) delays.push(Math.round(delayMs / 60_000))
        return setTimeout(callback, delayMs > hourMs / 2 ? 0 : delayMs)
      },
      clearTimeout: (timer: unknown) => clearTimeout(timer as NodeJS.Timeout),
    }
    let count = 0
    const client = join(url, { clock, token: async () => `t${++count}` })
    const states: string[] = []
    client.onState(({ name }) => states.push(name))
    await vi.waitFor(() => expect(asked).toEqual(['t1', 't2', 't3']), { timeout: 10_000 })
    expect(delays).toEqual([48, 48])
    expect(states).toEqual(['live'])
  })

  it('part for good where a token has expired and there is no other', async () => {
    let expiresAt: number | undefined
    const authenticate = () => {
      expiresAt ??= Date.now() + 500
      return { id: 'ada', expiresAt }
    }
    const { url } = await serve({ authenticate })
    const client = join(url, { token: 'only', reconnect: { minDelayMs: 10 } })
    client.onError(() => {})
    const states: unknown[] = []
    client.onState((state) => states.push('code' in state ? state.code : state.name))
    await untilState(client, 'closed')
    expect(states.slice(-3)).toEqual([4401, 'connecting', 4503])
    expect(client.state).toMatchObject({ error: { code: 'unauthorized' } })
  })

  it('change who somebody is on the connection that stands', async () => {
    const { url } = await serve({
      guests: true,
      authenticate: (token) => token === 'good' && { id: 'ada', name: 'Ada' },
    })
    const client = join(url)
    await untilState(client, 'live')
    expect(client.user?.id).toMatch(/^guest:/)
    await expect(client.auth('bad')).rejects.toMatchObject({ code: 'unauthorized' })
    expect(await client.auth('good')).toEqual({ user: { id: 'ada', name: 'Ada' } })
    expect(client.user).toEqual({ id: 'ada', name: 'Ada' })
    expect(client.state.name).toBe('live')
  })

  it('are told when to try again where it was too often', async () => {
    const { io, url } = await serve({ rates: { events: { upload: '1 per minute' } } })
    io.on('connection', (socket) => socket.on('upload', (_name, value, answer) => answer(value.length, value)))
    const client = join(url)
    await client.emitWithAck('upload', 'a', bytes)
    const again = client.emitWithAck('upload', 'b', bytes)
    await expect(again).rejects.toMatchObject({ code: 'rate_limited', retryAfterMs: expect.any(Number) })
  })
})
