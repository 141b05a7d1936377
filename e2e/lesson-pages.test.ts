import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { launchChromium } from './src/chromium.ts'
import { foreign, message, start } from './src/lesson-example.ts'
import { startPartyline } from './src/partyline.ts'
import { TcpProxy } from './src/tcp-proxy.ts'
import { openWebSocket } from './src/web-socket.ts'

describe('examples/lesson in a browser', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser.close())

  async function open(url: string): Promise<Page> {
    const context = await browser.newContext()
    onTestFinished(() => context.close())
    const page = await context.newPage()
    await page.goto(url)
    return page
  }

  it('sanitising keeps text text, on the wire, in the page and in HTML made by hand', async () => {
    const { http, ws } = await start('sanitising/server.mjs')
    const attack = `<img src=x onerror="window.hit = 1"><script>window.hit = 2</script> & 'more'`
    const bare = await openWebSocket(ws)
    const page = await open(http)
    await page.getByLabel('What you say').fill(attack)
    await page.getByRole('button', { name: 'Say it' }).click()
    await bare.untilHeard(attack)
    await page.locator('li').waitFor()
    const transcript = await open(`${http}/transcript`)
    for (const each of [page, transcript]) {
      expect(await each.locator('li').allTextContents()).toEqual([attack])
      expect(await each.locator('li *').count()).toBe(0)
      expect(await each.evaluate('window.hit')).toBeUndefined()
    }
    bare.say({ type: 'message', data: { not: 'text' } })
    expect((await message(bare, 'error')).error.code).toBe('invalid')
  })

  it('reconnection brings what was missed, in order and once', async () => {
    const { http } = await start('reconnection/server.mjs')
    const page = await open(http)
    const numbers = async () => (await page.locator('#numbers').textContent())?.trim().split(' ') ?? []
    await expect.poll(async () => (await numbers()).length, { timeout: 20_000 }).toBeGreaterThan(1)
    expect((await fetch(`${http}/cut`, { method: 'POST', ...foreign })).status).toBe(403)
    expect(await page.getByRole('status').textContent()).toBe('live')
    await page.getByRole('button', { name: 'Cut the line' }).click()
    await page.getByText(/^live, \d+ were missed and came$/).waitFor()
    const all = (await numbers()).map(Number)
    expect(all).toEqual(all.map((_, index) => (all[0] as number) + index))
  })

  it('reconnection tells a gap where the server itself began anew', async () => {
    const first = await start('reconnection/server.mjs')
    const proxy = await TcpProxy.start(first.port)
    onTestFinished(() => proxy.close())
    const page = await open(`http://localhost:${proxy.port}`)
    await page.locator('#numbers', { hasText: /\d/ }).waitFor()
    const second = await start('reconnection/server.mjs')
    proxy.leadTo(second.port)
    first.child.kill()
    await page.locator('#numbers', { hasText: /\d … \d/ }).waitFor()
  })
  it('docs/when-not-to-use-a-websocket.md has an EventSource that works in the console of the chat', async () => {
    const text = readFileSync(join(import.meta.dirname, '../docs/when-not-to-use-a-websocket.md'), 'utf8')
    const [, code] = /```js fragment\n(const events = new EventSource[\s\S]*?)```/.exec(text) as RegExpExecArray
    const { url } = await startPartyline()
    const page = await open(url)
    const said: string[] = []
    page.on('console', (line) => said.push(line.text()))
    await page.evaluate(`${code}; new Promise((resolve) => { events.onopen = resolve })`)
    await fetch(`${url}/api/rooms/lobby/publications`, { method: 'POST', body: 'hello from a script' })
    await expect.poll(() => said, { timeout: 20_000 }).toContain('hello from a script')
  })
})
