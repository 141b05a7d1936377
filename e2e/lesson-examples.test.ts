import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Server } from '@partyline/server'
import { describe, expect, it, onTestFinished } from 'vitest'
import { certificateFolder, makePem } from '../packages/partyline/test/certificates.ts'
import { connected, folder, foreign, message, read, runExample, socketWith, start } from './src/lesson-example.ts'
import { TcpProxy } from './src/tcp-proxy.ts'
import { until } from './src/until.ts'
import { type BareSocket, openWebSocket } from './src/web-socket.ts'

/** Waits until so many messages have come. */
const count = (socket: BareSocket, heard: number) =>
  until(
    () => socket.heard,
    (all) => all.length === heard,
  )

describe('examples/lesson', () => {
  it('has a line for every program in its table of contents', () => {
    const contents = readFileSync(join(folder, 'README.md'), 'utf8')
    const files = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((file) => file.isFile() && /\.(mjs|html)$/.test(file.name))
      .map((file) => join(file.parentPath, file.name).slice(folder.length + 1))
    expect(files.length).toBeGreaterThan(20)
    for (const file of files) expect(contents).toContain(`(${file})`)
  })

  it('echo.mjs greets, answers text with text and bytes with the same bytes, and notices who goes', async () => {
    const { ws, untilSaid } = await start('echo.mjs')
    const ada = await openWebSocket(`${ws}?name=Ada`)
    ada.say('Hello Server!')
    await ada.untilHeard('Echo: Hello Server!')
    expect(ada.heard).toEqual(['Welcome, Ada', 'Echo: Hello Server!'])
    const bytes = new Promise((resolve) => ada.socket.once('message', (data, isBinary) => isBinary && resolve(data)))
    ada.socket.send(Buffer.from([0, 1, 255]))
    expect(await bytes).toEqual(Buffer.from([0, 1, 255]))
    ada.socket.close()
    await untilSaid('Ada has come\nAda has gone: client namespace disconnect\n')
  })

  it('talk.mjs sends what is typed, prints what comes, and ends with its input', async () => {
    const { ws } = await start('echo.mjs')
    const talk = runExample('talk.mjs', [`${ws}?name=Ada`])
    await talk.untilSaid('Welcome, Ada\n')
    talk.child.stdin?.write('Hello Server!\n')
    await talk.untilSaid('Echo: Hello Server!\n')
    talk.child.stdin?.end()
    expect(await talk.exited).toBe(0)
    expect(talk.output).toEqual({ stdout: expect.stringMatching(/\nclosed: 1000 \n$/), stderr: '' })
  })

  it('client.mjs says what it said before it was open, and gets refusals as errors with a code', async () => {
    const { http } = await start('errors.mjs')
    const client = runExample('client.mjs', [http])
    expect(await client.exited).toBe(0)
    expect(client.output.stdout.split('\n')).toEqual([
      'state: live',
      'heard: Echo: Hello Server!',
      '9 / 3 = 3',
      'invalid: nobody divides by zero',
      'state: closed',
      '',
    ])
  })

  it('errors.mjs tells the number of a log line, logs the stack, and lives on', async () => {
    const { ws, output } = await start('errors.mjs')
    const ada = await openWebSocket(ws)
    ada.say({ type: 'crash' })
    const { error, request } = await message(ada, 'error')
    const [, line] = /^our fault, log line (\S+)$/.exec(error.message) as RegExpExecArray
    expect({ code: error.code, request }).toEqual({ code: 'internal', request: 'crash' })
    expect(output.stderr).toContain(`${line}: the handler of "crash" failed`)
    expect(output.stderr).toMatch(/the password of the database is wrong[\s\S]*errors\.mjs:\d+/)
    ada.say('still there?')
    await ada.untilHeard('Echo: still there?')
    expect(ada.heard.join()).not.toContain('password')
  })

  it('broadcast.mjs says it to all, waves at the others, and lets nobody miss what was kept', async () => {
    const { ws, port } = await start('broadcast.mjs')
    const proxy = await TcpProxy.start(port)
    onTestFinished(() => proxy.close())
    const away = connected(`http://localhost:${proxy.port}`)
    const caughtUp: string[] = []
    away.on('message', (text) => caughtUp.push(text))
    const isAway = new Promise<void>((resolve) => away.onState(({ name }) => name === 'waiting' && resolve()))
    await until(
      () => away.state.name,
      (name) => name === 'live',
    )
    const [ada, ben] = [await openWebSocket(`${ws}?name=Ada`), await openWebSocket(`${ws}?name=Ben`)]
    proxy.refuse()
    await isAway
    ada.say('hi')
    ada.say({ type: 'wave' })
    ada.say({ type: 'pointer', x: 1 })
    ada.say('bye')
    await ada.untilHeard('Ada: bye')
    await ben.untilHeard('Ada: bye')
    const pointer = expect.stringContaining('"data":{"x":1}')
    expect(ada.heard).toEqual(['Ada: hi', pointer, 'Ada: bye'])
    expect(ben.heard).toEqual(['Ada: hi', 'Ada waves at you', pointer, 'Ada: bye'])
    expect(await message(ben, 'pointer')).not.toHaveProperty('seq')
    proxy.restore()
    away.tryNow()
    await until(
      () => caughtUp,
      (all) => all.includes('Ada: bye'),
    )
    expect(caughtUp).toEqual(['Ada: hi', 'Ada waves at you', 'Ada: bye'])
  })

  it('rooms.mjs keeps what is said in a room there, by hand and by rule', async () => {
    const { ws } = await start('rooms.mjs')
    const [ada, ben] = [await openWebSocket(`${ws}?name=Ada`), await openWebSocket(`${ws}?name=Ben`)]
    const texts = (socket: BareSocket) => read(socket).flatMap(({ data }) => (typeof data === 'string' ? [data] : []))
    ada.say({ type: 'room:join', room: 'red' })
    await ada.untilHeard('Ada joined red')
    ben.say({ type: 'room:say', room: 'red', message: 'from outside' })
    ben.say({ type: 'room:join', room: 'blue' })
    await ben.untilHeard('Ben joined blue')
    ada.say({ type: 'room:say', room: 'red', message: 'in red' })
    await ada.untilHeard('Ada: in red')
    ada.say({ type: 'room:join', room: 'blue' })
    await ben.untilHeard('Ada joined blue')
    expect(ben.heard).toEqual(['Ben joined blue', 'Ada joined blue'])
    ada.say({ type: 'room:leave', room: 'blue' })
    ada.say({ type: 'room:say', room: 'blue', message: 'left already' })
    ada.say({ type: 'room:join', room: 'green' })
    expect((await message(ada, 'error')).error.code).toBe('invalid')
    ben.say({ type: 'room:say', room: 'blue', message: 'alone' })
    await ben.untilHeard('Ben: alone')
    expect(ada.heard.slice(0, 3)).toEqual(['Ada joined red', 'Ada: in red', 'Ada joined blue'])
    expect(ben.heard).toHaveLength(3)

    for (const each of [ada, ben]) each.say({ type: 'subscribe', room: 'chat:1', id: 1 })
    for (const each of [ada, ben]) expect(await message(each, 'ack')).toMatchObject({ data: { room: 'chat:1' } })
    ben.say({ type: 'publish', room: 'chat:1', data: 'by rule' })
    for (const each of [ada, ben]) {
      await until(
        () => texts(each),
        (all) => all.includes('by rule'),
      )
    }
    const client = connected(ws)
    expect((await client.history('chat:1')).publications.map(({ data }) => data)).toEqual(['by rule'])
    expect((await client.presence('chat:1')).users.map(({ name }) => name).sort()).toEqual(['Ada', 'Ben'])
    await expect(client.history('blue')).rejects.toMatchObject({ code: 'unknown_room' })
  })

  it('heartbeat.mjs answers ping, pings by itself, and lets go of who does not answer', async () => {
    const { ws, untilSaid } = await start('heartbeat.mjs')
    const ada = await openWebSocket(ws)
    const pinged = new Promise((resolve) => ada.socket.once('ping', resolve))
    ada.say('ping')
    await ada.untilHeard('pong')
    const dead = socketWith(ws, { autoPong: false })
    await pinged
    expect(await dead.closed).toBe(1006)
    await untilSaid('gone: ping timeout\n')
    ada.say('still there?')
    await ada.untilHeard('Echo: still there?')
    expect(ada.heard).toEqual(['pong', 'Echo: still there?'])
    expect(new Server().options).toMatchObject({ heartbeatMs: 25_000, heartbeatTimeoutMs: 20_000 })
  })

  it('auth.mjs takes a token from the URL, the head or the first message, and logs none', async () => {
    const { ws, output, untilSaid } = await start('auth.mjs')
    const ada = await openWebSocket(`${ws}?token=abc123`)
    await ada.untilHeard('Hello Ada')
    const byHead = socketWith(ws, { headers: { Authorization: 'Bearer abc123' } })
    await until(
      () => String(byHead.heard[0]),
      (text) => text === 'Hello Ada',
    )

    const ben = await openWebSocket(ws)
    ben.say('nobody hears this')
    expect((await message(ben, 'error')).error.code).toBe('unauthorized')
    ben.say({ type: 'auth', token: 'nonsense', id: 1 })
    expect((await message(ben, 'ack')).error.code).toBe('unauthorized')
    ben.say({ type: 'auth', token: 'def456' })
    await ben.untilHeard('Hello Ben')
    ben.say('hi')
    await ada.untilHeard('Ben: hi')
    expect(ada.heard).toEqual(['Hello Ada', 'Ben: hi'])

    const refused = await openWebSocket(`${ws}?token=nonsense`)
    expect((await message(refused, 'error')).error.code).toBe('unauthorized')
    expect(await refused.untilClosed()).toBe(4503)
    await untilSaid('Ada came by /?token=***\n')
    for (const token of ['abc123', 'def456', 'nonsense']) expect(output.stdout + output.stderr).not.toContain(token)
    expect(new Server().options).toMatchObject({ guests: false, connectTimeoutMs: 10_000 })
  })

  it('validation.mjs calls its handler with what fits, and says what does not', async () => {
    const { ws } = await start('validation.mjs')
    const ada = await openWebSocket(ws)
    ada.say({ type: 'chat', message: 5 })
    ada.say({ type: 'chat', message: '   ', id: 1 })
    ada.say({ type: 'chat', message: 'hi', mood: 'angry', id: 2 })
    ada.say({ type: 'chat', message: '  hi ', id: 3 })
    await count(ada, 5)
    const byId = (id: number) => read(ada).find((each) => each.id === id)
    expect(await message(ada, 'error')).toEqual({
      type: 'error',
      error: { code: 'invalid', message: expect.stringContaining('"chat": message: ') },
      request: 'chat',
    })
    expect(byId(1).error.code).toBe('invalid')
    expect(byId(2).error.message).toContain('mood')
    expect(byId(3).data).toBe('said')
    expect((await message(ada, 'chat')).data).toEqual({ message: 'hi', mood: 'happy' })
  })

  it('rate-limit.mjs refuses the eleventh message, and says when to try again', async () => {
    const { ws } = await start('rate-limit.mjs')
    const [ada, ben] = [await openWebSocket(ws), await openWebSocket(ws)]
    for (let said = 1; said <= 10; said++) ada.say(`${said}`)
    ada.say({ type: 'message', data: '11', id: 11 })
    const { id, error } = await message(ada, 'ack')
    expect({ id, code: error.code }).toEqual({ id: 11, code: 'rate_limited' })
    expect(error.retryAfterMs).toBeGreaterThan(0)
    expect(error.retryAfterMs).toBeLessThanOrEqual(6_000)
    expect(ada.heard.slice(0, 10)).toEqual(Array.from({ length: 10 }, (_, index) => `Echo: ${index + 1}`))
    ben.say('I have ten of my own')
    await ben.untilHeard('Echo: I have ten of my own')
    expect(ada.heard).toHaveLength(11)
  })

  it('compression.mjs compresses what is large, but no secret, for who offers it', async () => {
    const { ws } = await start('compression.mjs')
    const [ada, ben] = [socketWith(ws, {}), socketWith(ws, { perMessageDeflate: false })]
    await Promise.all([ada.opened, ben.opened])
    expect([ada.socket.extensions, ben.socket.extensions]).toEqual([expect.stringContaining('permessage-deflate'), ''])

    /** What the wire carried for the next message, with the frame's head of two or four bytes. */
    async function bytesFor(type: string, { socket, heard }: typeof ada) {
      const stream = (socket as unknown as { _socket: { bytesRead: number } })._socket
      const [before, known] = [stream.bytesRead, heard.length]
      socket.send(JSON.stringify({ type }))
      await until(
        () => heard.length,
        (length) => length > known,
      )
      return { message: (heard[known] as Buffer).length, wire: stream.bytesRead - before }
    }
    const book = await bytesFor('book', ada)
    expect(book).toEqual(expect.objectContaining({ message: 60_000 }))
    expect(book.wire).toBeLessThan(3_000)
    for (const [type, who] of [
      ['secret book', ada],
      ['book', ben],
      ['no such event', ada],
    ] as const) {
      const { message, wire } = await bytesFor(type, who)
      expect([2, 4]).toContain(wire - message)
    }
  })

  it('pagination serves pages of a room, newest first, over both ways', async () => {
    const { http } = await start('pagination/server.mjs')
    const client = runExample('pagination/client.mjs', [http])
    expect(await client.exited).toBe(0)
    expect(client.output.stdout.split('\n')).toEqual([
      '200 publications, from "story 401" to "story 600"',
      '200 publications, from "story 201" to "story 400"',
      '200 publications, from "story 1" to "story 200"',
      '',
    ])
    const url = `${http}/api/rooms/news/publications`
    const first = await fetch(url)
    expect((await first.json()).publications).toHaveLength(20)
    const again = await fetch(url, { headers: { 'If-None-Match': first.headers.get('ETag') as string } })
    expect(again.status).toBe(304)
    const most = await (await fetch(`${url}?limit=100000`)).json()
    expect({ count: most.publications.length, more: most.more }).toEqual({ count: 500, more: true })
  })

  it('long-polling meets WebSockets in one room, and misses nothing between two polls', async () => {
    const { http, ws } = await start('long-polling/server.mjs')
    const ada = await openWebSocket(`${ws}?name=Ada`)
    const client = runExample('long-polling/client.mjs', [http])
    await client.untilSaid('I am polling\n')
    await ada.untilHeard('I am polling')
    const { place } = await (await fetch(`${http}/api/events?room=lobby`)).json()
    ada.say('hi')
    await client.untilSaid('Ada: hi\n')
    ada.say('between the polls')
    await client.untilSaid('Ada: between the polls\n')
    const since = `${http}/api/events?room=lobby&since=${encodeURIComponent(place)}`
    const { publications, recovered } = await (await fetch(since)).json()
    expect(publications.map((each: { data: unknown }) => each.data)).toEqual(['hi', 'between the polls'])
    expect(recovered).toBe(true)
    const ended = new AbortController()
    onTestFinished(() => ended.abort())
    const events = await fetch(since, { headers: { Accept: 'text/event-stream' }, signal: ended.signal })
    let streamed = ''
    for await (const chunk of (events.body as ReadableStream).pipeThrough(new TextDecoderStream())) {
      streamed += chunk
      if (streamed.includes('between the polls')) break
    }
    expect(streamed.match(/"data":"[^"]*"/g)).toEqual(['"data":"hi"', '"data":"between the polls"'])
  })

  it('clean-up leaves no listener, socket or room of who has gone, and ends a client that let go', async () => {
    const { http, ws, output, untilSaid } = await start('clean-up/server.mjs')
    const client = runExample('clean-up/client.mjs', [http])
    expect(await client.exited).toBe(0)
    expect(client.output.stdout).toMatch(/^the first tick\n(?:\d{4}-\S+Z\n){3}$/)
    await untilSaid('left: 0 sockets, 1 listener, 0 rooms\n')

    const rude = await Promise.all(Array.from({ length: 5 }, () => openWebSocket(ws)))
    for (const each of rude) {
      each.say({ type: 'listen' })
      each.say({ type: 'watch' })
      each.say({ type: 'listen', id: 2 })
      expect((await message(each, 'ack')).error.code).toBe('unknown_event')
    }
    for (const each of rude) each.socket.terminate()
    const left = () => output.stdout.match(/^left: .*$/gm) ?? []
    await until(left, (lines) => lines.length === 6)
    expect(left()[5]).toBe('left: 0 sockets, 1 listener, 0 rooms')
  })

  it('monitoring.mjs counts who is connected, by transport and protocol, and for no other site', async () => {
    const { http, ws, untilSaid } = await start('monitoring.mjs')
    const sockets = [await openWebSocket(ws), await openWebSocket(ws)]
    const client = connected(http)
    await untilSaid('connected: 3\n')
    const ended = new AbortController()
    await fetch(`${http}/api/events?room=lobby`, { headers: { Accept: 'text/event-stream' }, signal: ended.signal })
    const stats = async () => (await fetch(`${http}/stats`)).json()
    expect((await stats()).clients).toEqual({
      total: 4,
      byTransport: { websocket: 3, polling: 0, sse: 1, longPoll: 0 },
      byProtocol: { lenient: 2, strict: 1, socketIo: 0, http: 1 },
    })
    expect((await fetch(`${http}/stats`, foreign)).status).toBe(403)
    client.close()
    for (const { socket } of sockets) socket.terminate()
    ended.abort()
    await untilSaid('connected: 0\n')
    await expect.poll(async () => (await stats()).clients.total, { timeout: 20_000 }).toBe(0)
  })

  it('wss.mjs is the same over TLS', async () => {
    const pem = await makePem()
    const { certFile, keyFile } = certificateFolder(pem)
    const { port, output } = await start('wss.mjs', { CERT: certFile, KEY: keyFile })
    expect(output.stdout).toBe(`wss://localhost:${port}\n`)
    const { socket, heard, opened } = socketWith(`wss://localhost:${port}`, { ca: pem.cert })
    await opened
    socket.send('hi')
    await until(
      () => heard.map(String),
      (all) => all.includes('Echo: hi'),
    )
    expect(String(heard[0])).toBe('nobody listens in')
  })
})
