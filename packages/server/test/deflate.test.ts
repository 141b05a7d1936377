import { deflateRawSync } from 'node:zlib'
import { afterEach, describe, expect, it, vi } from 'vitest'
import WebSocket from 'ws'
import { open, serve } from './served.ts'
import { connect, TestClient } from './test-client.ts'
import { prose } from './websocket/deflate-bytes.ts'

vi.mock('node:zlib', async (original) => {
  const zlib = await original<typeof import('node:zlib')>()
  return { ...zlib, deflateRawSync: vi.fn(zlib.deflateRawSync) }
})

const opened: TestClient[] = []
afterEach(() => {
  for (const client of opened.splice(0)) client.drop()
})

/** A client that offers to compress, and counts the bytes that it reads. */
async function compressing(url: string, protocols: string[] = []): Promise<TestClient & { bytes: () => number }> {
  const socket = new WebSocket(url, protocols, { perMessageDeflate: { threshold: 0 } })
  const client = new TestClient(socket)
  opened.push(client)
  let stream: { bytesRead: number } | undefined
  socket.once('upgrade', (response) => {
    stream = response.socket
  })
  await new Promise<void>((resolve, reject) => socket.once('open', resolve).once('error', reject))
  return Object.assign(client, { bytes: () => stream?.bytesRead ?? 0 })
}

describe('Server, perMessageDeflate', () => {
  it('is off unless it is asked for', async () => {
    const { url } = await serve()
    const client = await compressing(url)
    expect(client.socket.extensions).toBe('')
  })

  it('names the option that makes no sense', async () => {
    await expect(serve({ perMessageDeflate: { level: 10 } })).rejects.toThrow('perMessageDeflate.level')
  })

  it('compresses what goes to clients and reads what they compress', async () => {
    const { io, url } = await serve({ perMessageDeflate: true })
    io.on('connection', (socket) => socket.on('message', (text) => socket.send(text)))
    const client = await compressing(url)
    expect(client.socket.extensions).toContain('permessage-deflate')
    const before = client.bytes()
    for (const text of [prose(20_000), 'short', prose(20_000)]) {
      client.say(text)
      expect(await client.take()).toBe(text)
    }
    expect(client.bytes() - before).toBeLessThan(20_000)
  })

  it('compresses a publication once for all who may have it so, and lets others have it plain', async () => {
    const { io, url } = await serve({ perMessageDeflate: true, rooms: { lobby: open } })
    const clients = await Promise.all([...Array(5)].map(() => compressing(url)))
    const other = await connect(url)
    for (const client of [...clients, other]) {
      client.say({ type: 'subscribe', room: 'lobby' })
      await client.rest()
    }
    vi.mocked(deflateRawSync).mockClear()
    io.to('lobby').emit('news', prose(20_000))
    for (const client of [...clients, other]) expect((await client.take()).data).toBe(prose(20_000))
    expect(deflateRawSync).toHaveBeenCalledTimes(1)
  })

  it('compresses nothing that is said with compress(false)', async () => {
    const { io, url } = await serve({ perMessageDeflate: true })
    const client = await compressing(url)
    await client.rest()
    vi.mocked(deflateRawSync).mockClear()
    const [socket] = await io.fetchSockets()
    socket?.compress(false).emit('one', prose(5_000))
    io.compress(false).emit('two', prose(5_000))
    io.volatile.compress(false).emit('three', prose(5_000))
    for (const event of ['one', 'two', 'three']) await client.take((heard) => heard.type === event)
    expect(deflateRawSync).not.toHaveBeenCalled()
    socket?.emit('four', prose(5_000))
    await client.take((heard) => heard.type === 'four')
    expect(deflateRawSync).toHaveBeenCalledTimes(1)
  })

  it('speaks so to strict clients too, and refers back for them where it is told to', async () => {
    const { io, url } = await serve({ perMessageDeflate: { threshold: 0, serverNoContextTakeover: false } })
    io.on('connection', (socket) => socket.on('ask', (_data, answer) => answer(prose(3_000))))
    const client = await compressing(url, ['partyline.v1'])
    client.say({ type: 'connect' })
    await client.take()
    const sizes: number[] = []
    for (let i = 0; i < 3; i++) {
      const before = client.bytes()
      expect(await client.ask({ type: 'ask', data: prose(2_000) })).toEqual({ data: prose(3_000) })
      sizes.push(client.bytes() - before)
    }
    expect(sizes[1]).toBeLessThan((sizes[0] as number) / 3)
  })

  it('closes with 1009 what comes to too much, and logs it', async () => {
    const { url, log } = await serve({ perMessageDeflate: true })
    const client = await compressing(url)
    client.say(Buffer.alloc(1_000_001))
    expect((await client.closed).code).toBe(1009)
    expect(log.map(({ fields }) => fields.why)).toEqual(['1009 message too big'])
  })
})
