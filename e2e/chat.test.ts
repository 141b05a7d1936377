import { exec } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import type { BrowserContextOptions } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { chatFolder, startChat, startChatBehindProxy } from './src/chat-server.ts'
import { ChatTabs } from './src/chat-tabs.ts'
import { numbered } from './src/speaker.ts'

const tabs = new ChatTabs()
const open = (url: string, name?: string, options?: BrowserContextOptions) => tabs.open(url, name, options)

const until = <Value>(look: () => Promise<Value>) => expect.poll(look, { timeout: 20_000 })

/** What somebody on a slow line waits for, compressed as it is sent. */
const scriptBudgetBytes = 80_000

describe('the page', () => {
  it('has a script that fits into 80 KB, compressed', () => {
    const scripts = readdirSync(join(chatFolder, 'assets')).filter((name) => name.endsWith('.js'))
    expect(scripts.length).toBeGreaterThan(0)
    const bytes = scripts.map((name) => gzipSync(readFileSync(join(chatFolder, 'assets', name))).length)
    expect(bytes.reduce((sum, each) => sum + each, 0)).toBeLessThan(scriptBudgetBytes)
  })
})

describe('two tabs', () => {
  it('choose names and talk: both see both, with sender and time', async () => {
    const { url } = await startChat()
    const ada = await open(url)
    await ada.page.getByRole('button', { name: 'choose a name' }).click()
    await ada.page.getByRole('textbox', { name: 'Your name' }).fill('Ada')
    await ada.page.getByRole('button', { name: 'Save' }).click()
    await until(() => ada.input.evaluate((input) => input === document.activeElement)).toBe(true)
    await ada.live()
    const ben = await open(url)
    await ben.page.getByRole('button', { name: /change your name/ }).click()
    await ben.page.getByRole('textbox', { name: 'Your name' }).fill('Ben')
    await ben.page.keyboard.press('Enter')
    await ben.live()
    await until(() => ada.names()).toEqual(['Ada', 'Ben'])
    await until(() => ben.names()).toEqual(['Ben', 'Ada'])
    await ada.page.getByText('2 here').waitFor()

    await ada.say('hello from one tab')
    await ben.message('hello from one tab').waitFor()
    await ben.say('and from the other')
    for (const tab of [ada, ben]) {
      await until(() => tab.shown()).toEqual([
        { text: 'hello from one tab', delivery: 'sent' },
        { text: 'and from the other', delivery: 'sent' },
      ])
      const head = tab.message('and from the other').locator('header')
      expect(await head.locator('bdi').textContent()).toBe('Ben')
      expect(await head.locator('time').textContent()).toMatch(/^\d\d:\d\d$/)
      expect(await head.locator('time').getAttribute('datetime')).toMatch(/^\d{4}-\d\d-\d\dT/)
    }
  })

  it('see who comes, who types, and who goes', async () => {
    const { url } = await startChat()
    const ada = await open(url, 'Ada')
    const ben = await open(url, 'Ben')
    await until(() => ada.names()).toEqual(['Ada', 'Ben'])

    await ben.input.pressSequentially('I am about to')
    await ada.page.getByText('Ben is typing…').waitFor()
    await ben.input.press('Enter')
    await ada.message('I am about to').waitFor()
    await ada.page.getByText('Ben is typing…').waitFor({ state: 'detached' })

    await ben.close()
    await until(() => ada.names()).toEqual(['Ada'])
    await ada.page.getByText('1 here').waitFor()
  })

  it('talk in demo:games, and count in the lobby what is not read there', async () => {
    const { url } = await startChat()
    const ada = await open(`${url}#demo:games`, 'Ada')
    const ben = await open(url, 'Ben')
    await ben.page.getByRole('button', { name: /^#?demo:games/ }).click()
    await ben.page.getByRole('heading', { name: '#demo:games' }).waitFor()
    await ben.say('chess?')
    await ada.message('chess?').waitFor()
    await ada.say('go')
    await until(() => ben.texts()).toEqual(['chess?', 'go'])

    await ben.page.getByRole('button', { name: /^#?lobby/ }).click()
    await ben.page.getByRole('heading', { name: '#lobby' }).waitFor()
    expect(await ben.texts()).toEqual([])
    await ada.say('your move')
    await ben.page.getByRole('button', { name: /demo:games.*1 unread/ }).waitFor()
    await until(() => ben.page.title()).toBe('(1) #lobby · Partyline')
  })

  it('show text as text, and open addresses safely', async () => {
    const { url } = await startChat()
    const ada = await open(url, 'Ada')
    const ben = await open(url, 'Ben')
    const attack = '<img src=x onerror="document.title=\'taken\'"> javascript:alert(1) https://example.com/a?b=c'
    await ada.say(attack)
    await ben.message(attack).waitFor()
    const links = ben.message(attack).getByRole('link')
    expect(
      await links.evaluateAll((all) => all.map((link) => [link.getAttribute('href'), link.getAttribute('rel')])),
    ).toEqual([['https://example.com/a?b=c', 'noopener noreferrer']])
    expect(await ben.log.locator('img').count()).toBe(0)
  })
})

describe('a tab whose line is cut', () => {
  it('comes back having missed nothing, in order and nothing twice, and says so', async () => {
    const { chat, proxy, url } = await startChatBehindProxy()
    const ada = await open(url, 'Ada')
    const ben = await open(chat.url, 'Ben')
    await ben.say('before')
    await ada.message('before').waitFor()

    proxy.refuse()
    await ada.page.getByText(/^Reconnecting/).waitFor()
    const stale = ada.people.getByText('As they were when the line went')
    await stale.waitFor()
    const missed = numbered(14)
    for (const text of missed) await ben.say(text)
    await until(() => ben.texts()).toEqual(['before', ...missed])
    await ada.say('written while away')
    expect((await ada.shown()).at(-1)).toEqual({ text: 'written while away', delivery: 'sending' })
    expect(await ada.texts()).toEqual(['before', 'written while away'])

    const back = ada.page.getByText('Back. 14 messages caught up').waitFor()
    proxy.restore()
    // it may come back by itself before the click
    const click = ada.page.getByRole('button', { name: 'try now' }).click()
    await Promise.race([back, click])
    click.catch(() => {})
    await back
    const all = ['before', ...missed, 'written while away']
    for (const tab of [ada, ben]) {
      await until(() => tab.shown()).toEqual(all.map((text) => ({ text, delivery: 'sent' })))
    }
    expect(await stale.count()).toBe(0)
    await ada.page.getByText('Back. 14 messages caught up').waitFor({ state: 'detached' })
    await ben.say('after')
    await until(() => ada.texts()).toEqual([...all, 'after'])
  })

  it('marks where one stopped reading', async () => {
    const { chat, proxy, url } = await startChatBehindProxy()
    const ada = await open(url, 'Ada')
    const ben = await open(chat.url, 'Ben')
    await ben.say('read')
    await ada.message('read').waitFor()
    proxy.refuse()
    await until(async () => proxy.refusedCount).toBeGreaterThan(0)
    for (const text of ['one', 'two', 'three']) await ben.say(text)
    await until(() => ben.texts()).toEqual(['read', 'one', 'two', 'three'])
    proxy.restore()
    await ada.message('three').waitFor()
    const rows = () =>
      ada.log.locator('[data-row]').evaluateAll((all) => all.map((row) => (row as HTMLElement).dataset.row))
    await until(rows).toEqual(['day', 'message', 'new', 'message', 'message', 'message'])
    expect(await ada.log.locator('[data-row="new"]').textContent()).toBe('3 new')
  })

  it('shows an own message at once, pale, and full when the server has it', async () => {
    const { proxy, url } = await startChatBehindProxy()
    const ada = await open(url, 'Ada')
    proxy.hold()
    await ada.say('slowly')
    const row = await ada.message('slowly').elementHandle()
    const look = () =>
      row?.evaluate((element) => {
        const text = element.querySelector('[dir="auto"]') ?? element
        const isPale = getComputedStyle(text).color !== getComputedStyle(document.body).color
        return { delivery: (element as HTMLElement).dataset.delivery, isPale, isThere: element.isConnected }
      })
    expect(await look()).toMatchObject({ delivery: 'sending', isThere: true })
    await until(look).toEqual({ delivery: 'sending', isPale: true, isThere: true })
    proxy.restore()
    await until(look).toEqual({ delivery: 'sent', isPale: false, isThere: true })
  })

  it('says calmly that the server is restarting, keeps what is there, and goes on', async () => {
    const { chat, proxy, url } = await startChatBehindProxy()
    const ada = await open(url, 'Ada')
    await ada.say('before the restart')
    await until(() => ada.shown()).toEqual([{ text: 'before the restart', delivery: 'sent' }])

    await chat.close()
    const words = ada.page.getByText('The server is restarting, back in a moment')
    await words.waitFor()
    expect(await ada.page.locator('[data-tone="bad"]').count()).toBe(0)
    await ada.say('written meanwhile')

    const restarted = await startChat()
    proxy.leadTo(restarted.port)
    await words.waitFor({ state: 'detached' })
    const ben = await open(restarted.url, 'Ben')
    await ben.message('written meanwhile').waitFor()
    await ben.say('welcome back')
    await until(() => ada.shown()).toEqual(
      ['before the restart', 'written meanwhile', 'welcome back'].map((text) => ({ text, delivery: 'sent' })),
    )
  })
})

describe('a room that is not there', () => {
  it('shows the reason, and one stays where one was', async () => {
    const { url } = await startChat()
    const ada = await open(url, 'Ada')
    await ada.page.getByRole('button', { name: 'Join a room' }).click()
    await ada.page.getByRole('textbox', { name: 'Name of the room' }).fill('secret')
    await ada.page.keyboard.press('Enter')
    await ada.page.getByText('#secret: There is no such room here.').waitFor()
    await ada.page.getByRole('heading', { name: '#lobby' }).waitFor()
    await until(async () => new URL(ada.page.url()).hash).toBe('#lobby')
    // the way back leads to what was there before, not into the same refusal
    const back = () =>
      new Promise((resolve) => {
        addEventListener('popstate', () => resolve(location.hash), { once: true })
        history.back()
      })
    expect(await ada.page.evaluate(back)).toBe('#lobby')
    await ada.say('still here')
    await until(() => ada.shown()).toEqual([{ text: 'still here', delivery: 'sent' }])
  })
})

describe('the ways in from elsewhere', () => {
  it('are shown with lines that work as they stand', async () => {
    const { url } = await startChat()
    const ada = await open(url, 'Ada')
    await ada.page.getByRole('button', { name: 'Join from elsewhere' }).click()
    const panel = ada.page.getByRole('dialog', { name: 'How to join from elsewhere' })
    const lines = await panel.locator('pre').allTextContents()
    const webSocket = lines.find((each) => each.includes('new WebSocket'))
    const curl = lines.find((each) => each.startsWith('curl -d'))
    await promisify(exec)(curl ?? 'false')
    const elsewhere = await tabs.browser.newPage()
    await elsewhere.evaluate(`${webSocket}\nvoid 0`)
    await panel.getByRole('button', { name: 'Close' }).click()
    await ada.message('hi from curl').waitFor()
    await ada.message('hi from a bare WebSocket').waitFor()
    await elsewhere.close()
  })
})
