import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Server } from '@partyline/server'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startChat } from './src/chat-server.ts'
import { ChatTab } from './src/chat-tab.ts'
import { ChatTabs } from './src/chat-tabs.ts'
import { run } from './src/process.ts'
import { until } from './src/until.ts'
import { UpgradeFront } from './src/upgrade-front.ts'

const tabs = new ChatTabs()
const bundle = readFileSync(join(import.meta.dirname, '../packages/client/dist/browser/partyline.min.js'))

/** Lets no WebSockets through to this port. */
async function block(port: number): Promise<UpgradeFront> {
  const front = await UpgradeFront.start(port)
  onTestFinished(() => front.close())
  return front
}

async function listen(server: ReturnType<typeof createServer>): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

describe('the chat where WebSockets are blocked', () => {
  it('works, says by what one is connected, and goes up when they get through', async () => {
    const chat = await startChat()
    const front = await block(chat.port)
    const ada = await ChatTab.open(tabs.browser, `http://127.0.0.1:${front.port}/`, 'Ada', {}, async (page) => {
      await page.clock.install()
    })
    await ada.live()
    const ben = await tabs.open(chat.url, 'Ben')
    const corner = (title: string) => ada.page.getByTitle(title)
    await corner('Connected by polling: WebSockets are blocked').first().waitFor()

    await ada.say('said by polling')
    await ben.message('said by polling').waitFor()
    await ben.say('heard by polling')
    await ada.message('heard by polling').waitFor()
    await expect.poll(() => ada.names()).toEqual(['Ada', 'Ben'])

    front.fate = 'pass'
    await ada.page.clock.fastForward(30_000)
    await corner('Connected by WebSocket').first().waitFor()
    await ben.say('heard by WebSocket')
    await ada.message('heard by WebSocket').waitFor()
    expect(await ada.texts()).toEqual(['said by polling', 'heard by polling', 'heard by WebSocket'])
    expect(await ada.complaints()).toEqual([])
  })
})

describe('a page from another origin where WebSockets are blocked', () => {
  it('polls, with events, answers and bytes, and without a preflight', async () => {
    const page = createServer((request, response) => {
      const isScript = request.url === '/partyline.min.js'
      response.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html')
      response.end(isScript ? bundle : '<link rel="icon" href="data:,"><script src="partyline.min.js"></script>')
    })
    const origin = `http://127.0.0.1:${await listen(page)}`
    onTestFinished(() => void page.close())
    const httpServer = createServer()
    const io = new Server(httpServer, { cors: { origin }, closeTimeoutMs: 1_000 })
    const ended: string[] = []
    io.on('connection', (socket) => {
      socket.on('disconnect', (reason) => ended.push(reason))
      socket.on('double', (value: number, answer: (value: number) => void) => answer(2 * value))
      socket.on('message', (bytes: Uint8Array) => socket.emit('message', bytes))
    })
    const front = await block(await listen(httpServer))
    onTestFinished(() => io.close())

    const context = await tabs.browser.newContext()
    onTestFinished(() => context.close())
    const tab = await context.newPage()
    await tab.goto(origin)
    const facts = await tab.evaluate(`(async () => {
      const client = Partyline.connect('http://127.0.0.1:${front.port}')
      const heard = new Promise((resolve) => client.on('message', resolve))
      const double = await client.emitWithAck('double', 21)
      client.emit('message', new Uint8Array([0, 1, 255]))
      const facts = { double, bytes: [...(await heard)], transport: client.transport }
      client.close()
      return facts
    })()`)
    expect(facts).toEqual({ double: 42, bytes: [0, 1, 255], transport: 'polling' })
    await until(
      () => ended,
      (all) => all.length > 0,
    )
    expect(ended).toEqual(['client namespace disconnect'])
    expect(front.requests.filter((line) => !/^(GET|POST) /.test(line))).toEqual([])
  })
})

describe('a program that polls', () => {
  it('needs no WebSocket where it is told so, and ends when its client is closed', async () => {
    const httpServer = createServer()
    const io = new Server(httpServer, { rooms: { lobby: { subscribe: true, publish: true } }, closeTimeoutMs: 1_000 })
    const port = await listen(httpServer)
    onTestFinished(() => io.close())
    const program = `
      import { connect } from '@partyline/client'
      delete globalThis.WebSocket
      const client = connect('http://127.0.0.1:${port}', { transports: ['polling'] })
      await client.publish('lobby', 'hi')
      console.log(client.transport)
      client.close()`
    const process = run(globalThis.process.execPath, ['--input-type=module', '--eval', program], {
      cwd: import.meta.dirname,
    })
    expect(await process.exited).toBe(0)
    expect(process.output).toEqual({ stdout: 'polling\n', stderr: '' })
    await until(
      () => io.sockets.sockets.size,
      (count) => count === 0,
    )
  })
})
