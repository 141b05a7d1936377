import { connect } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import WebSocket from 'ws'
import { startPartyline } from './src/partyline.ts'
import { run } from './src/process.ts'
import { until } from './src/until.ts'
import { openWebSocket } from './src/web-socket.ts'

/** Debian's own: another python3 may come first in PATH, without the package. */
const PYTHON = '/usr/bin/python3'

const pythonClient = `
import asyncio, sys, websockets

async def main():
    async with websockets.connect(sys.argv[1]) as socket:
        print('open', flush=True)
        print('heard', await socket.recv(), flush=True)
        await socket.send('hello from Python')
        print('heard', await socket.recv(), flush=True)

asyncio.run(main())
`

describe('clients that nobody made for this server', () => {
  it('a WebSocket as a browser has it gets its echo from /echo', async () => {
    const { webSocketUrl } = await startPartyline()
    const socket = new WebSocket(`${webSocketUrl}/echo`)
    onTestFinished(() => socket.terminate())
    const heard: unknown[] = []
    socket.addEventListener('open', () => socket.send('Hello Server!'))
    socket.addEventListener('message', ({ data }) => heard.push(data))
    await until(
      () => heard,
      (all) => all.length > 0,
    )
    expect(heard).toEqual(['Echo: Hello Server!'])
    const closed = new Promise<number>((resolve) => socket.addEventListener('close', ({ code }) => resolve(code)))
    socket.close(1000)
    expect(await closed).toBe(1000)
  })

  it('two of them chat in the lobby by text alone', async () => {
    const { webSocketUrl } = await startPartyline()
    const [ada, ben] = [await openWebSocket(webSocketUrl), await openWebSocket(`${webSocketUrl}/chat`)]
    ada.say('hi')
    await ben.untilHeard('hi')
    ben.say('hello')
    for (const each of [ada, ben]) {
      await each.untilHeard('hello')
      expect(each.heard).toEqual(['hi', 'hello'])
    }
  })

  it("Python's websockets takes part in the lobby", async () => {
    const { webSocketUrl } = await startPartyline()
    const ada = await openWebSocket(webSocketUrl)
    const python = run(PYTHON, ['-c', pythonClient, webSocketUrl])
    await python.untilSaid('open\n')
    ada.say('hi Python')
    await ada.untilHeard('hello from Python')
    expect(await python.exited).toBe(0)
    expect(python.output).toEqual({ stdout: 'open\nheard hi Python\nheard hello from Python\n', stderr: '' })
  })

  it('bytes written by hand to a TCP port are a client too, with the answer RFC 6455 gives for its key', async () => {
    const { webSocketUrl, port } = await startPartyline()
    const ada = await openWebSocket(webSocketUrl)
    const stream = connect(Number(port), '127.0.0.1')
    onTestFinished(() => void stream.destroy())
    const read: Buffer[] = []
    stream.on('data', (bytes: Buffer) => read.push(bytes))
    const isOver = new Promise((resolve) => stream.once('close', resolve))
    const head = [
      'GET / HTTP/1.1',
      `Host: 127.0.0.1:${port}`,
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Version: 13',
    ]
    // section 5.7: a single-frame masked text message, "Hello"; then a masked close with 1000
    const hello = Buffer.from('818537fa213d7f9f4d5158', 'hex')
    const close = Buffer.from('88820000000003e8', 'hex')
    stream.write(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), hello]))
    await ada.untilHeard('Hello')
    const bytes = (): Buffer => Buffer.concat(read)
    await until(bytes, (all) => all.toString('latin1').endsWith('\x81\x05Hello'))
    stream.write(close)
    await isOver
    const [answer, frames] = bytes().toString('latin1').split('\r\n\r\n') as [string, string]
    expect(answer).toMatch(/^HTTP\/1\.1 101 /)
    expect(answer).toMatch(/\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=(\r\n|$)/i)
    expect(frames).toBe('\x81\x05Hello\x88\x02\x03\xe8')
  })
})

describe('curl', () => {
  it('reads along by SSE, and speaks by POST', async () => {
    const { url, webSocketUrl } = await startPartyline()
    const ada = await openWebSocket(webSocketUrl)
    const events = run('curl', ['-sN', '-H', 'Accept: text/event-stream', `${url}/api/events?room=lobby`])
    await events.untilSaid(/^id: ?\S+\n/m) // its place: it is in
    const said = run('curl', ['-sS', '-d', '{"data":"hi from curl"}', `${url}/api/rooms/lobby/publications`])
    expect(await said.exited).toBe(0)
    const position = JSON.parse(said.output.stdout)
    expect(position).toEqual({ epoch: expect.any(String), seq: expect.any(Number) })
    await ada.untilHeard('hi from curl')
    ada.say('hi curl')
    await events.untilSaid('hi curl')
    const publications = [...events.output.stdout.matchAll(/^data: ?(\{.*"room".*)$/gm)].map((match) =>
      JSON.parse(match[1] as string),
    )
    expect(publications).toMatchObject([
      { room: 'lobby', seq: position.seq, data: 'hi from curl', from: { id: expect.stringMatching(/^guest:/) } },
      { room: 'lobby', data: 'hi curl' },
    ])
  })

  it('reads along by long poll, from the place where the last one ended', async () => {
    const { url, webSocketUrl } = await startPartyline()
    const ada = await openWebSocket(webSocketUrl)
    const start = run('curl', ['-sS', `${url}/api/events?room=lobby`])
    expect(await start.exited).toBe(0)
    const { place, publications } = JSON.parse(start.output.stdout)
    expect(publications).toEqual([])
    ada.say('one')
    await ada.untilHeard('one')
    const next = async (since: string) => {
      const poll = run('curl', [
        '-sSG',
        `${url}/api/events`,
        '-d',
        'room=lobby',
        '-d',
        'wait=25',
        '--data-urlencode',
        `since=${since}`,
      ])
      expect(await poll.exited).toBe(0)
      return JSON.parse(poll.output.stdout)
    }
    const first = await next(place)
    expect(first).toMatchObject({ publications: [{ room: 'lobby', data: 'one' }], recovered: true, gaps: [] })
    const waiting = next(first.place)
    ada.say('two')
    expect((await waiting).publications).toMatchObject([{ data: 'two' }])
  })

  it('reads the history, and who is here', async () => {
    const { url, webSocketUrl } = await startPartyline()
    const ada = await openWebSocket(`${webSocketUrl}/?name=Ada`)
    ada.say('hi')
    await ada.untilHeard('hi')
    const history = run('curl', ['-sS', `${url}/api/rooms/lobby/publications?limit=10`])
    expect(await history.exited).toBe(0)
    expect(JSON.parse(history.output.stdout)).toMatchObject({
      publications: [{ data: 'hi', from: { name: 'Ada' } }],
      more: false,
    })
    const presence = run('curl', ['-sS', `${url}/api/rooms/lobby/presence`])
    expect(await presence.exited).toBe(0)
    expect(JSON.parse(presence.output.stdout)).toMatchObject({ users: [{ name: 'Ada' }], count: 1 })
  })

  it('is told what there is at a path that is nothing', async () => {
    const { url } = await startPartyline()
    const lost = run('curl', ['-sS', '-w', '%{http_code}', `${url}/nowhere`])
    expect(await lost.exited).toBe(0)
    expect(lost.output.stdout).toMatch(/\/health.*\n404$/)
  })
})
