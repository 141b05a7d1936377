import { startStandalone } from 'partyline'
import { expect, it, onTestFinished } from 'vitest'
import { ask, connected, type Stock, stocks } from './src/socket-io-clients.ts'
import { until } from './src/until.ts'
import { openWebSocket } from './src/web-socket.ts'

/** What each of two speakers of a family says: together 300, and each within what one client may say at once. */
const EACH = 150

/** A client that hears the lobby, and says something in it: resolves when it is said. */
interface Member {
  readonly name: string
  readonly heard: readonly string[]
  say(text: string): Promise<void> | void
}

/** A stock client that asks for the room, and is not in it before. It says things in both of its ways. */
async function stockMember(url: string, stock: Stock, name: string): Promise<Member> {
  const socket = await connected(stock, url, { query: { subscribe: 'none' } })
  const heard: string[] = []
  const seqs: number[] = []
  socket.on('message', (text: string, meta: { room: string; seq: number }) => {
    expect(meta.room).toBe('lobby')
    expect(meta.seq).toBeGreaterThan(seqs.at(-1) ?? -1)
    seqs.push(meta.seq)
    heard.push(text)
  })
  const [answer] = await ask(socket, 'subscribe', { room: 'lobby' })
  expect(answer).toMatchObject({ data: { room: 'lobby' } })
  let count = 0
  return {
    name,
    heard,
    async say(text) {
      if (count++ % 2 === 0) socket.send(text)
      else expect(await ask(socket, 'publish', { room: 'lobby', data: text })).toMatchObject([{ data: {} }])
    },
  }
}

async function bareMember(url: string, name: string): Promise<Member> {
  const { heard, say } = await openWebSocket(url)
  return { name, heard, say }
}

/** Reads server-sent events, and speaks by POST. */
async function httpMember(url: string, name: string): Promise<Member> {
  const over = new AbortController()
  onTestFinished(() => over.abort())
  const events = await fetch(`${url}/events?room=lobby`, {
    headers: { Accept: 'text/event-stream' },
    signal: over.signal,
  })
  expect(events.status).toBe(200)
  const heard: string[] = []
  void readAll(events, heard).catch(() => {}) // it ends with the test
  return {
    name,
    heard,
    async say(text) {
      const { status } = await fetch(`${url}/rooms/lobby/publications`, { method: 'POST', body: text })
      expect(status).toBe(201)
    },
  }
}

async function readAll({ body }: Response, heard: string[]): Promise<void> {
  let unread = ''
  const decoder = new TextDecoder()
  for await (const bytes of body as unknown as AsyncIterable<Uint8Array>) {
    const lines = (unread + decoder.decode(bytes, { stream: true })).split('\n')
    unread = lines.pop() as string
    for (const line of lines) if (line.startsWith('data:')) heard.push(JSON.parse(line.slice(5)).data)
  }
}

/** Says all that one has to say, a little in each turn of the event loop. */
async function speak({ name, say }: Member): Promise<void> {
  for (let number = 1; number <= EACH; number++) {
    await say(`${name} ${number}`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

it('300 messages from bare WebSockets, Socket.IO clients and HTTP at once are in one order for all of them', async () => {
  const standalone = await startStandalone({ port: 0 })
  onTestFinished(() => standalone.close())
  const { http, webSocket } = standalone.urls
  const dials: ((name: string) => Promise<Member>)[] = [
    (name) => bareMember(webSocket, name),
    (name) => httpMember(http, name),
    ...stocks.map((stock) => (name: string) => stockMember(standalone.urls.socketIo, stock, name)),
  ]
  const members = await Promise.all(dials.flatMap((dial, index) => [dial(`${index}a`), dial(`${index}b`)]))
  const everybody = (is: (member: Member) => boolean) =>
    until(
      () => members.filter((member) => !is(member)).map(({ name, heard }) => `${name} has ${heard.length}`),
      (missing) => missing.length === 0,
    )
  // whoever hears this is in
  await members[0]?.say('begin')
  await everybody(({ heard }) => heard.includes('begin'))

  await Promise.all(members.map(speak))
  await everybody(({ heard }) => heard.length >= 1 + members.length * EACH)
  await members[0]?.say('end')
  await everybody(({ heard }) => heard.at(-1) === 'end')

  const order = members[0]?.heard as readonly string[]
  for (const { heard } of members) expect(heard).toEqual(order)
  expect(order).toHaveLength(2 + members.length * EACH)
  for (const { name } of members) {
    const said = Array.from({ length: EACH }, (_, index) => `${name} ${index + 1}`)
    expect(order.filter((text) => text.startsWith(`${name} `))).toEqual(said)
  }
})
