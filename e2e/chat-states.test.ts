import type { BrowserContextOptions, WebSocketRoute } from 'playwright-core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { hostChat, open as openRoom } from './src/chat-host.ts'
import { startChat } from './src/chat-server.ts'
import { ChatTab } from './src/chat-tab.ts'
import { ChatTabs } from './src/chat-tabs.ts'
import { numbered } from './src/speaker.ts'
import { TcpProxy } from './src/tcp-proxy.ts'

const tabs = new ChatTabs()
const open = (url: string, name = 'Ada', options?: BrowserContextOptions) => tabs.open(url, name, options)

const until = <Value>(look: () => Promise<Value>) => expect.poll(look, { timeout: 20_000 })
const isFocused = (tab: ChatTab, role: 'log' | 'textbox') =>
  (role === 'log' ? tab.log : tab.input).evaluate((element) => element === document.activeElement)

describe('the line', () => {
  it('connects quietly, and what is typed meanwhile is sent when it is there', async () => {
    const { url } = await startChat()
    const held: WebSocketRoute[] = []
    let isHolding = true
    const ada = await ChatTab.open(tabs.browser, url, 'Ada', {}, async (page) => {
      await page.routeWebSocket(/partyline/, (route) => {
        if (isHolding) held.push(route)
        else route.connectToServer()
      })
    })
    await ada.page.getByText('connecting…').first().waitFor()
    await ada.say('written before there was a line')
    expect(await ada.shown()).toEqual([{ text: 'written before there was a line', delivery: 'sending' }])
    expect(await ada.page.locator('[data-tone="bad"], [data-tone="attention"]').count()).toBe(0)
    isHolding = false
    for (const route of held) await route.close({ code: 1012, reason: 'retry=1 come again' })
    await ada.live()
    await until(() => ada.shown()).toEqual([{ text: 'written before there was a line', delivery: 'sent' }])
  })

  it('shows while it is live how long a round trip takes, and by what one is connected', async () => {
    const { url } = await startChat()
    const ada = await open(url)
    const corner = ada.page.getByTitle('Connected by WebSocket')
    await until(() => corner.textContent()).toMatch(/^live\d+ ms$/)
  })

  it('says while it is away when it tries again, and no number of people that nobody knows', async () => {
    const chat = await startChat()
    const proxy = await TcpProxy.start(chat.port)
    onTestFinished(() => proxy.close())
    const ada = await open(`http://127.0.0.1:${proxy.port}/`)
    await ada.page.getByText('1 here').waitFor()
    proxy.refuse()
    await ada.page.getByText(/^Reconnecting/).waitFor()
    await until(() => ada.page.locator('p[data-tone="attention"]').textContent()).toMatch(
      /^Reconnecting in \d+ s · try now$/,
    )
    await ada.page.getByText('1 here').waitFor({ state: 'detached' })
    expect(await ada.input.isEnabled()).toBe(true)
    proxy.restore()
    await ada.page.getByText('1 here').waitFor()
  })
})

describe('a gap', () => {
  it('stands in the log, and what is still kept of it is loaded where it stands', async () => {
    const { io, port } = await hostChat({
      rooms: { lobby: { ...openRoom, keep: { entries: 5, ageMs: 600_000 } }, 'demo:*': openRoom },
    })
    const proxy = await TcpProxy.start(port)
    onTestFinished(() => proxy.close())
    const ada = await open(`http://127.0.0.1:${proxy.port}/`)
    await io.publish('lobby', 'before')
    await ada.message('before').waitFor()
    proxy.refuse()
    await until(async () => proxy.refusedCount).toBeGreaterThan(0)
    for (const text of numbered(20)) await io.publish('lobby', text)
    proxy.restore()
    const divider = ada.log.locator('[data-row="gap"]')
    await divider.waitFor()
    expect(await divider.textContent()).toBe('Some earlier messages are no longer available here · load history')
    await io.publish('lobby', 'after')
    await ada.message('after').waitFor()
    expect(await ada.texts()).toEqual(['before', 'after'])
    await divider.getByRole('button', { name: 'load history' }).click()
    await until(() => ada.texts()).toEqual(['before', '17', '18', '19', '20', 'after'])
    await until(() => divider.textContent()).toBe('Some earlier messages are no longer available here')
    expect(
      await ada.log.locator('[data-row]').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-row'))),
    ).toEqual(['day', 'message', 'gap', ...Array<string>(5).fill('message')])
  })
})

describe('a message that is refused', () => {
  it('because it was too fast says when to try again, counts down, and is sent again by the keyboard', async () => {
    const { url } = await hostChat({ rooms: { lobby: { ...openRoom, rate: { count: 1, perMs: 3_000, burst: 2 } } } })
    const ada = await open(url)
    // Saying that one types is a publication too.
    await ada.say('first')
    await ada.say('second')
    const row = ada.message('second')
    const reason = ada.page.locator('form').getByText(/^That was a little fast\./)
    await until(() => row.textContent()).toMatch(/not sent · retry · discard That was a little fast\./)
    await until(() => reason.locator('..').textContent()).toMatch(/^That was a little fast\. Again in [1-3] s\.$/)
    await until(() => reason.textContent()).toBe('That was a little fast. You can try again now.')
    await row.getByRole('button', { name: 'retry' }).focus()
    await ada.page.keyboard.press('Enter')
    await until(() => ada.shown()).toEqual(['first', 'second'].map((text) => ({ text, delivery: 'sent' })))
    await reason.waitFor({ state: 'detached' })
    expect(await isFocused(ada, 'log')).toBe(true)
  })

  it('because one may not write says so, and can be taken back', async () => {
    const { url } = await hostChat({ rooms: { lobby: { ...openRoom, publish: false } } })
    const ada = await open(url)
    await ada.say('may I?')
    const row = ada.message('may I?')
    await until(() => row.textContent()).toMatch(/not sent · retry · discard You may not write in this room\./)
    await ada.page.locator('form').getByText('You may not write in this room.').waitFor()
    await row.getByRole('button', { name: 'discard' }).click()
    await row.waitFor({ state: 'detached' })
    await ada.page.getByText('You may not write in this room.').waitFor({ state: 'detached' })
    expect(await isFocused(ada, 'log')).toBe(true)
  })

  it('because it is too long stays in the input', async () => {
    const { url } = await startChat()
    const ada = await open(url)
    const text = 'x'.repeat(400_001)
    await ada.say(text)
    await ada.page.getByText('This message is too long: 400,001 of 400,000 bytes.').waitFor()
    expect(await ada.input.inputValue()).toBe(text)
    expect(await ada.shown()).toEqual([])
    await ada.say('short')
    await until(() => ada.shown()).toEqual([{ text: 'short', delivery: 'sent' }])
  })
})

describe('a room that may not be joined', () => {
  it('says why until the next one is asked for', async () => {
    const { url } = await startChat()
    const ada = await open(url)
    const join = ada.page.getByRole('button', { name: 'Join a room' })
    await join.click()
    await ada.page.getByRole('textbox', { name: 'Name of the room' }).fill('secret')
    await ada.page.keyboard.press('Enter')
    const reason = ada.page.getByText('#secret: There is no such room here.')
    await reason.waitFor()
    await join.click()
    await ada.page.getByRole('textbox', { name: 'Name of the room' }).waitFor()
    await reason.waitFor({ state: 'detached' })
  })
})
