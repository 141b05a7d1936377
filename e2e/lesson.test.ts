import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { startChat } from './src/chat-server.ts'
import { ChatTab } from './src/chat-tab.ts'
import { launchChromium } from './src/chromium.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser.close())

/** What a first lesson on WebSockets has its readers write, with nothing changed but where the server is. */
function lesson(file: string, address: string): string {
  const text = readFileSync(join(import.meta.dirname, 'fixtures', file), 'utf8')
  expect(text).toContain('localhost:8080')
  return text.replace('localhost:8080', address)
}

/** The page as another server would serve it, on a port of its own. */
async function served(html: string): Promise<string> {
  const server = createServer((_request, response) => {
    response.setHeader('Content-Type', 'text/html; charset=utf-8')
    response.end(html)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://localhost:${(server.address() as AddressInfo).port}/`
}

/** The page as somebody opens it with a double click. */
async function saved(html: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'partyline-lesson-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'lesson.html')
  writeFileSync(file, html)
  return pathToFileURL(file).href
}

async function newPage(): Promise<Page> {
  const context = await browser.newContext()
  onTestFinished(() => context.close())
  return context.newPage()
}

const until = <Value>(look: () => Promise<Value> | Value) => expect.poll(look, { timeout: 20_000 })

describe("a first lesson's page", () => {
  it.each([
    ['from another port', served],
    ['from a file', saved],
  ])('opened %s chats with the people in the app', async (_, place) => {
    const { port, url } = await startChat()
    const page = await newPage()
    await page.goto(await place(lesson('first-page.html.txt', `localhost:${port}`)))
    await until(() => page.evaluate('socket.readyState')).toBe(1)
    const ada = await ChatTab.openLive(browser, url, 'Ada')
    const ben = await ChatTab.openLive(browser, url, 'Ben')

    await page.getByPlaceholder('Your words').fill('hello from the lesson')
    await page.getByRole('button', { name: 'Say it' }).click()
    await ada.message('hello from the lesson').waitFor()
    await ada.say('hello from the app')
    await page.getByText('hello from the app').waitFor()
    await ben.say('{"a text":"that looks like JSON"}')
    const all = ['hello from the lesson', 'hello from the app', '{"a text":"that looks like JSON"}']
    await until(() => page.locator('#said p').allTextContents()).toEqual(all)
    for (const tab of [ada, ben]) await until(() => tab.texts()).toEqual(all)
    for (const tab of [ada, ben]) expect(await tab.complaints()).toEqual([])
  })
})

describe("a first lesson's client", () => {
  it('gets its echo from /echo, and its goodbye', async () => {
    const { port } = await startChat()
    const page = await newPage()
    const said: string[] = []
    page.on('console', (message) => said.push(`${message.type()}: ${message.text()}`))
    const html = `<script>${lesson('first-client.js.txt', `localhost:${port}/echo`)}</script>`
    await page.goto(await served(html))
    const first = ['log: open', 'log: heard Echo: Hello Server!']
    await until(() => said).toEqual(first)
    await page.evaluate("say('and again')")
    const second = [...first, 'log: heard Echo: and again']
    await until(() => said).toEqual(second)
    await page.evaluate('leave()')
    await until(() => said).toEqual([...second, 'log: closed'])
  })
})
