import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import type { Logger } from '@partyline/server'
import type { Browser, Page } from 'playwright-core'
import type { io } from 'socket.io-client'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { launchChromium } from './src/chromium.ts'
import { startHouse } from './src/socket-io-house.ts'

/** The browser's build of the stock client, as it comes from its makers. */
const clientFile = join(
  dirname(createRequire(import.meta.url).resolve('socket.io-client')),
  '../../dist/socket.io.min.js',
)

const html =
  '<!doctype html><link rel="icon" href="data:,"><title>A page</title><script src="socket.io.min.js"></script>'

const foreign = 'elsewhere.example'

let browser: Browser
beforeAll(async () => {
  browser = await launchChromium([`--host-resolver-rules=MAP ${foreign} 127.0.0.1`])
})
afterAll(() => browser.close())

/** A page with the stock client, which another server serves to `host`; with its origin. */
async function openPage(host: string): Promise<{ page: Page; origin: string }> {
  const script = readFileSync(clientFile)
  const server = createServer(({ url }, response) => {
    const isScript = url === '/socket.io.min.js'
    response.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html; charset=utf-8')
    response.end(isScript ? script : html)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const context = await browser.newContext()
  onTestFinished(async () => {
    await context.close()
    server.close()
  })
  const page = await context.newPage()
  const origin = `http://${host}:${(server.address() as AddressInfo).port}`
  await page.goto(origin)
  return { page, origin }
}

/** What the stock client leaves in a page. */
interface StockPage {
  readonly io: typeof io
}

/** What a page does in a house: resolves with what it found. `ends` is the transport that it waits for. */
function visit(page: Page, url: string, options: object, ends: string) {
  return page.evaluate(
    async ([server, given, last]) => {
      const socket = (globalThis as unknown as StockPage).io(server, { ...given, auth: { name: 'Ada' } })
      const { engine } = socket.io
      const began = engine.transport.name
      const upgraded = new Promise((resolve) => engine.once('upgrade', resolve))
      const next = (event: string) =>
        new Promise<unknown[]>((resolve) => socket.once(event, (...args: unknown[]) => resolve(args)))
      const ask = (event: string, value: unknown) =>
        new Promise((resolve) => socket.emit(event, value, (answer: unknown) => resolve(answer)))
      const [, auth] = await next('welcome')
      socket.once('question', (number: number, bytes: ArrayBuffer, answer: (...args: unknown[]) => void) =>
        answer(2 * number, bytes.byteLength, new Uint8Array([7]).buffer),
      )
      socket.emit('ask me')
      const [[double, length, bytes]] = (await next('your answer')) as [[number, number, ArrayBuffer]]
      const acked = await ask('echo', 'zwei – 😀')
      const blob = new TextDecoder().decode((await ask('echo', new Blob(['a blob']))) as ArrayBuffer)
      if (began !== last) await upgraded
      const again = await ask('echo', 'again')
      const transports = [began, engine.transport.name]
      socket.disconnect()
      return { auth, double, length, bytes: [...new Uint8Array(bytes)], acked, blob, again, transports }
    },
    [url, options, ends] as const,
  )
}

const found = {
  auth: { name: 'Ada' },
  double: 40,
  length: 2,
  bytes: [7],
  acked: 'zwei – 😀',
  blob: 'a blob',
  again: 'again',
}

describe("the stock client's own build, in a page from another origin", () => {
  it.each([
    { way: 'polling', transports: ['polling'], used: ['polling', 'polling'] },
    { way: 'WebSocket', transports: ['websocket'], used: ['websocket', 'websocket'] },
    { way: 'upgrade', transports: ['polling', 'websocket'], used: ['polling', 'websocket'] },
  ])('does all that it can by way of $way where cors.origin lets it', async ({ transports, used }) => {
    const { page, origin } = await openPage(foreign)
    const { url } = await startHouse({ cors: { origin } })
    expect(await visit(page, url, { transports }, used[1] as string)).toEqual({ ...found, transports: used })
  })

  it('does all that it can at loopback, where every page of loopback is let in', async () => {
    const { page } = await openPage('localhost')
    const { url } = await startHouse()
    expect(await visit(page, url, {}, 'websocket')).toEqual({ ...found, transports: ['polling', 'websocket'] })
  })

  it('is refused without cors.origin, in words that name the option', async () => {
    const { page, origin } = await openPage(foreign)
    const logged: string[] = []
    const logger: Logger = { warn: (_fields, text) => logged.push(text), error: (_fields, text) => logged.push(text) }
    const house = await startHouse({ logger })
    const words = `the origin "${origin}" is not allowed; to allow it, set the option "cors.origin"`
    for (const transport of ['polling', 'websocket']) {
      const reason = await page.evaluate(
        ([server, name]) =>
          new Promise((resolve) => {
            const options = { transports: [name], forceNew: true, reconnection: false }
            const socket = (globalThis as unknown as StockPage).io(server, options)
            socket.once('connect', () => resolve('connected'))
            socket.once('connect_error', ({ message }: Error) => resolve(message))
          }),
        [house.url, transport] as const,
      )
      expect(reason).toBe(transport === 'polling' ? 'xhr poll error' : 'websocket error')
    }
    expect(logged).toEqual([`refused: ${words}`])
    const answer = await fetch(`${house.url}/socket.io/?EIO=4&transport=polling`, { headers: { origin } })
    expect({ status: answer.status, body: await answer.json() }).toEqual({
      status: 403,
      body: { code: 4, message: words },
    })
    expect(house.io.engine.clientsCount).toBe(0)
  })
})
