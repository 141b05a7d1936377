import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { freePort } from './src/free-port.ts'
import { untilListening } from './src/listening.ts'
import { type Running, run } from './src/process.ts'
import { python } from './src/python.ts'
import { connected, heard, type Stock, stocks } from './src/socket-io-clients.ts'
import { until } from './src/until.ts'
import { openWebSocket } from './src/web-socket.ts'

const folder = join(import.meta.dirname, 'socket-io-lesson')

interface NodeServer extends Running {
  readonly url: string
}

/** The lesson's program in Node with nothing changed but the name of the package. */
async function startNodeServer(name: string): Promise<NodeServer> {
  const program = readFileSync(join(folder, 'node-server.cjs'), 'utf8')
  expect(program.split("require('socket.io')")).toHaveLength(2)
  const text = program.replace("require('socket.io')", `require('${name}')`)
  const running = run(process.execPath, ['--eval', text], { cwd: folder })
  await running.untilSaid(/^up at .*\n/m)
  return { ...running, url: (/up at (\S+)/.exec(running.output.stdout) as RegExpExecArray)[1] as string }
}

const packages = ['socket.io', '@partyline/server']

/** What it writes behind the line that says where it is. */
const written = ({ output }: Running): string[] => output.stdout.trimEnd().split('\n').slice(1)

describe.each(packages)("the lesson's program in Node made with %s", (name) => {
  it('answers stock clients, old and new, on all of their ways', async () => {
    const server = await startNodeServer(name)
    const leftCount = (): number => written(server).filter((line) => line === 'somebody left').length
    for (const [index, stock] of stocks.entries()) {
      const [ada, ben] = [await connected(stock, server.url), await connected(stock, server.url)]
      const [responses, news] = [heard(ada, 'response'), heard(ben, 'news')]
      ada.send('Hello Server!')
      ada.send(7)
      ada.emit('to all', 'the news', { of: 'today' })
      await until(
        () => news.length + responses.length,
        (count) => count === 3,
      )
      expect({ responses, news }).toEqual({ responses: [['Echo: Hello Server!'], ['Echo: 7']], news: [['the news']] })
      for (const socket of [ada, ben]) socket.disconnect()
      await until(leftCount, (count) => count === 2 * (index + 1))
    }
    const visit = ['somebody came', 'somebody came', 'heard Hello Server!', 'heard 7', 'somebody left', 'somebody left']
    expect(written(server)).toEqual(stocks.flatMap(() => visit))
    expect(await (await fetch(server.url)).text()).toBe('the page')
    expect(server.output.stderr).toBe('')
  })
})

describe("the lesson's program in Node made with this library", () => {
  it("answers the lesson's bare WebSocket beside them", async () => {
    const server = await startNodeServer('@partyline/server')
    const bare = await openWebSocket(server.url.replace('http', 'ws'))
    const ada = await connected(stocks[0] as Stock, server.url)
    const news = heard(ada, 'news')
    bare.say('Hello Server!')
    await bare.untilHeard('{"type":"response","data":"Echo: Hello Server!"}')
    bare.say({ type: 'to all', data: 'from a bare WebSocket' })
    await until(
      () => news,
      (all) => all.length > 0,
    )
    expect(news).toEqual([['from a bare WebSocket']])
    await until(
      () => bare.heard.length,
      (count) => count === 2,
    )
    // what is said to all is said in the room of all
    expect(JSON.parse(bare.heard[1] as string)).toEqual({
      type: 'news',
      room: '/',
      seq: expect.any(Number),
      from: null,
      at: expect.any(Number),
      data: 'from a bare WebSocket',
    })
    bare.socket.close()
    await server.untilSaid('somebody left\n')
    expect(written(server)).toEqual(['somebody came', 'somebody came', 'heard Hello Server!', 'somebody left'])
  })
})

/** Runs the lesson's people at a server, and returns what they heard and what the server wrote. */
async function visit(command: string, program: string, way: string): Promise<{ heard: string[]; written: string[] }> {
  const port = await freePort()
  const server = run(command, [join(folder, program), String(port)])
  await untilListening(port)
  const client = run(python, [join(folder, 'client.py'), `http://127.0.0.1:${port}`, way])
  expect({ code: await client.exited, errors: client.output.stderr }).toEqual({ code: 0, errors: '' })
  await until(
    () => server.output.stdout.match(/^left$/gm)?.length,
    (count) => count === 2,
  )
  return { heard: client.output.stdout.trimEnd().split('\n'), written: server.output.stdout.trimEnd().split('\n') }
}

describe("the lesson's patterns in Flask-SocketIO", () => {
  it.each(['polling', 'websocket', 'upgrade'])('sound the same here, for two people in Python by %s', async (way) => {
    const theirs = await visit(python, 'flask_server.py', way)
    const ours = await visit(process.execPath, 'patterns.mjs', way)
    expect(ours).toEqual(theirs)
    expect(ours.heard.at(-1)).toBe('["the end"]')
    expect(ours.written).toEqual(['came', 'came', 'heard Hello Server!', 'heard zwei – 😀', 'left', 'left'])
  })
})
