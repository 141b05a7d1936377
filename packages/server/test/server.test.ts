import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import WebSocket from 'ws'
import { Server, type ServerOptions } from '../src/index.ts'

const opened: { close(): unknown }[] = []
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close()
})

async function serve(options: ServerOptions = {}) {
  const io = new Server(options)
  await new Promise<void>((resolve) => io.listen(0, '127.0.0.1', resolve))
  opened.push(io)
  const { port } = io.httpServer?.address() as AddressInfo
  return { io, url: `ws://127.0.0.1:${port}` }
}

/** A client that remembers what it was told. */
async function client(url: string, protocol?: string) {
  const socket = new WebSocket(url, protocol ?? [])
  const heard: string[] = []
  let closed: { code: number; reason: string } | undefined
  socket.on('message', (data) => heard.push(String(data)))
  socket.on('close', (code, reason) => {
    closed = { code, reason: String(reason) }
  })
  opened.push({ close: () => socket.terminate() })
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  return {
    socket,
    heard,
    say: (message: unknown) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    json: () => heard.map((text) => JSON.parse(text)),
    until: (count: number) => expect.poll(() => heard.length).toBe(count),
    closedWith: () => expect.poll(() => closed?.code),
  }
}

const open = { subscribe: true, publish: true, history: true, presence: true }

describe('a server', () => {
  it('answers a bare text by the application handler', async () => {
    const { io, url } = await serve()
    io.on('connection', (socket) => {
      socket.on('message', (text) => socket.send(`Echo: ${text}`))
    })
    const one = await client(url)
    one.say('Hello Server!')
    await one.until(1)
    expect(one.heard).toEqual(['Echo: Hello Server!'])
  })

  it('brings a publication to all members of a room, the sender too', async () => {
    const { url } = await serve({ rooms: { lobby: open } })
    const [a, b] = [await client(`${url}/?name=Ada`), await client(`${url}/partyline/`)]
    for (const each of [a, b]) each.say({ type: 'subscribe', room: 'lobby', id: 1 })
    await a.until(1)
    await b.until(1)
    a.say({ type: 'publish', room: 'lobby', data: 'hi', id: 2 })
    await a.until(3)
    await b.until(2)
    expect(b.json()[1]).toMatchObject({ type: 'message', room: 'lobby', seq: 1, from: { name: 'Ada' }, data: 'hi' })
    expect(a.json()[2]).toMatchObject({ type: 'ack', id: 2, data: { seq: 1 } })
  })

  it('lets a strict client come back for all it missed', async () => {
    const { io, url } = await serve({ rooms: { lobby: open } })
    const first = await client(url, 'partyline.v1')
    first.say({ type: 'connect', name: 'Ada' })
    await first.until(1)
    const welcome = first.json()[0]
    expect(welcome).toMatchObject({ type: 'welcome', rooms: [], recovered: false, user: { name: 'Ada' } })
    first.say({ type: 'subscribe', room: 'lobby', id: 1 })
    await first.until(2)
    first.socket.terminate()
    await expect.poll(() => io.stats.clients.total).toBe(0)
    for (let i = 1; i <= 3; i++) await io.publish('lobby', `missed ${i}`)
    io.to(welcome.id).emit('direct', 1)
    io.emit('all', 2)
    const second = await client(url, 'partyline.v1')
    second.say({ type: 'connect', session: welcome.session })
    await second.until(6)
    const [again, ...missed] = second.json()
    expect(again).toMatchObject({ id: welcome.id, session: welcome.session, rooms: ['lobby'], recovered: true })
    expect(missed.map((each) => each.data)).toEqual(['missed 1', 'missed 2', 'missed 3', 1, 2])
    io.to('lobby').emit('live', 'now')
    await second.until(7)
  })

  it('closes everybody with 1001', async () => {
    const { io, url } = await serve()
    const one = await client(url)
    await io.close()
    await one.closedWith().toBe(1001)
  })
})
