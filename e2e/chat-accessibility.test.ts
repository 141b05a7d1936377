import type { Browser, BrowserContextOptions } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { barriers } from './src/chat-axe.ts'
import { hostChat, open } from './src/chat-host.ts'
import { ChatTab } from './src/chat-tab.ts'
import { launchChromium } from './src/chromium.ts'
import { numbered } from './src/speaker.ts'
import { TcpProxy } from './src/tcp-proxy.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser.close())

const ben = { id: 'guest:ben', name: 'Ben' }
const screens: readonly [string, BrowserContextOptions][] = [
  ['a desktop', { viewport: { width: 1280, height: 800 } }],
  ['a phone', { viewport: { width: 390, height: 740 }, isMobile: true, hasTouch: true }],
]
/** A server whose lobby keeps little and whose other rooms refuse in their own ways, behind lines that can be cut. */
async function startChat() {
  const { io, port } = await hostChat({
    rooms: {
      lobby: { ...open, keep: { entries: 4, ageMs: 600_000 } },
      'demo:games': open,
      'demo:news': { ...open, publish: false },
      'demo:slow': { ...open, rate: { count: 1, perMs: 600_000, burst: 2 } },
    },
  })
  const proxy = await TcpProxy.start(port)
  onTestFinished(() => proxy.close())
  const say = async (...texts: unknown[]) => {
    for (const text of texts) await io.publish('lobby', text, { from: ben })
  }
  return { say, proxy, url: `http://127.0.0.1:${proxy.port}/` }
}

describe.each(screens)('on %s, light and dark, axe finds nothing', (_, options) => {
  const visit = (url: string, name?: string): Promise<ChatTab> => ChatTab.openLive(browser, url, name, options)
  const isPhone = options.isMobile === true

  /** Where the rooms are drawn in, they are drawn out for what is done there. */
  async function showRooms({ page }: ChatTab): Promise<void> {
    if (isPhone) await page.getByRole('button', { name: 'Rooms' }).click()
    await page.getByRole('navigation', { name: 'Rooms' }).waitFor()
  }
  async function openRoom(tab: ChatTab, room: string): Promise<void> {
    await showRooms(tab)
    await tab.page.getByRole('button', { name: new RegExp(`^#?${room}`) }).click()
    await tab.page.getByRole('heading', { name: `#${room}` }).waitFor()
    if (isPhone) await tab.page.getByRole('navigation', { name: 'Rooms' }).waitFor({ state: 'detached' })
  }

  it('while it connects, and in an empty room of a newcomer', async () => {
    const { url } = await startChat()
    const tab = await ChatTab.open(browser, url, undefined, options, async (page) => {
      await page.routeWebSocket(/partyline/, () => {})
    })
    await tab.page.getByText('connecting…').first().waitFor()
    expect(await barriers(tab.page)).toEqual([])
    const newcomer = await visit(url)
    await newcomer.page.getByText('Nobody has written here yet.').waitFor()
    expect(await barriers(newcomer.page)).toEqual([])
    await newcomer.page.getByRole('button', { name: 'choose a name' }).click()
    await newcomer.page.getByRole('textbox', { name: 'Your name' }).waitFor()
    expect(await barriers(newcomer.page)).toEqual([])
  })

  it('among messages, data, links and somebody who types', async () => {
    const { say, url } = await startChat()
    const tab = await visit(url, 'Ada')
    await say('hello', 'see https://example.com/a', { temperature: 21.5 }, new Uint8Array(12))
    await tab.say('mine')
    await tab.message('mine').waitFor()
    const other = await ChatTab.openLive(browser, url, 'Cleo')
    await other.input.pressSequentially('I am about to')
    await tab.page.getByText('Cleo is typing…').waitFor()
    expect(await barriers(tab.page)).toEqual([])
  })

  it('in the panel and the drawers, and where a room is asked for and refused', async () => {
    const { url } = await startChat()
    const tab = await visit(url, 'Ada')
    const { page } = tab
    await showRooms(tab)
    await page.getByRole('button', { name: 'Join a room' }).click()
    await page.getByRole('textbox', { name: 'Name of the room' }).fill('\u0007')
    await page.keyboard.press('Enter')
    await page.getByText('This cannot be a room’s name.').last().waitFor()
    await page.getByRole('button', { name: /change your name/ }).click()
    await page.getByRole('textbox', { name: 'Your name' }).waitFor()
    expect(await barriers(page)).toEqual([])
    await page.getByRole('button', { name: 'Join from elsewhere' }).click()
    const panel = page.getByRole('dialog', { name: 'How to join from elsewhere' })
    await panel.waitFor()
    expect(await barriers(page)).toEqual([])
    await panel.getByRole('button', { name: 'Close' }).click()
    await panel.waitFor({ state: 'hidden' })
    if (!isPhone) return
    await page.getByRole('button', { name: /^People/ }).click()
    await tab.people.waitFor()
    expect(await barriers(page)).toEqual([])
  })

  it('where the line is away and comes back with a gap', async () => {
    const { say, proxy, url } = await startChat()
    const tab = await visit(url, 'Ada')
    const { page } = tab
    await say('before')
    await tab.message('before').waitFor()
    proxy.refuse()
    await page.getByText(/^Reconnecting/).waitFor()
    await tab.say('written while away')
    expect(await barriers(page)).toEqual([])
    await say(...numbered(12))
    proxy.restore()
    await page.getByText('Some earlier messages are no longer available here').waitFor()
    await page.getByRole('button', { name: 'load history' }).waitFor()
    expect(await barriers(page)).toEqual([])
  })

  it('where messages are refused, with a reason and a time', async () => {
    const { url } = await startChat()
    const tab = await visit(url, 'Ada')
    await openRoom(tab, 'demo:news')
    await tab.say('not allowed')
    await tab.page.getByText('You may not write in this room.').last().waitFor()
    expect(await barriers(tab.page)).toEqual([])
    const slow = await visit(`${url}#demo:slow`, 'Ada')
    await slow.say('one')
    await slow.say('two')
    await slow.page.getByText(/Again in \d+ min\./).waitFor()
    expect(await barriers(slow.page)).toEqual([])
  })

  it('among unread messages, above the end', async () => {
    const { say, url } = await startChat()
    const tab = await visit(url, 'Ada')
    await say(...numbered(80))
    await tab.message('80').waitFor()
    await openRoom(tab, 'demo:games')
    await say('while away')
    await tab.page.getByText('1 unread').first().waitFor({ state: 'attached' })
    expect(await barriers(tab.page)).toEqual([])
    await openRoom(tab, 'lobby')
    await tab.log.focus()
    await tab.page.keyboard.press('Home')
    await tab.page.getByRole('button', { name: 'To the end' }).waitFor()
    expect(await barriers(tab.page)).toEqual([])
  })
})

describe('to those who listen', () => {
  it('new messages of others are said, and neither history nor what was said in another room', async () => {
    const { say, url } = await startChat()
    await say('one', 'two')
    const tab = await ChatTab.openLive(browser, url, 'Ada')
    await tab.message('two').waitFor()
    const spoken = tab.page.locator('main > [aria-live="polite"]')
    expect(await tab.log.getAttribute('aria-live')).toBe('off')
    expect(await spoken.textContent()).toBe('')
    await say('three')
    await expect.poll(() => spoken.textContent()).toBe('Ben: three')
    for (const room of ['demo:games', 'lobby']) {
      await tab.page.getByRole('button', { name: new RegExp(`^#?${room}`) }).click()
      await tab.page.getByRole('heading', { name: `#${room}` }).waitFor()
      await expect.poll(() => spoken.textContent()).toBe('')
    }
    await say('four')
    await expect.poll(() => spoken.textContent()).toBe('Ben: four')
  })
})
