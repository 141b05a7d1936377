import type { BrowserContextOptions } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { startChat } from './src/chat-server.ts'
import type { ChatTab } from './src/chat-tab.ts'
import { ChatTabs } from './src/chat-tabs.ts'

const tabs = new ChatTabs()
const open = (url: string, name: string, options?: BrowserContextOptions) => tabs.open(url, name, options)

const until = <Value>(look: () => Promise<Value>) => expect.poll(look, { timeout: 20_000 })
const phone = (width: number): BrowserContextOptions => ({
  viewport: { width, height: 740 },
  isMobile: true,
  hasTouch: true,
})

describe('on a phone', () => {
  it('has the rooms and the people in drawers', async () => {
    const { url } = await startChat()
    const ada = await open(url, 'Ada', phone(390))
    const ben = await open(url, 'Ben')
    const { page } = ada
    expect(await page.getByRole('navigation', { name: 'Rooms' }).count()).toBe(0)
    expect(await ada.people.count()).toBe(0)

    await page.getByRole('button', { name: /^People/ }).tap()
    await until(() => ada.names()).toEqual(['Ada', 'Ben'])
    await page.getByRole('dialog', { name: 'People' }).getByRole('button', { name: 'Close' }).tap()
    await ada.people.waitFor({ state: 'detached' })

    await page.getByRole('button', { name: 'Rooms' }).tap()
    await page
      .getByRole('dialog', { name: 'Rooms' })
      .getByRole('button', { name: /^#?demo:games/ })
      .tap()
    await page.getByRole('heading', { name: '#demo:games' }).waitFor()
    await page.getByRole('navigation', { name: 'Rooms' }).waitFor({ state: 'detached' })

    await ada.input.fill('from a phone')
    await page.getByRole('button', { name: 'Send' }).tap()
    await ben.page.getByRole('button', { name: /demo:games.*1 unread/ }).click()
    await ben.message('from a phone').waitFor()
  })

  it.each([320, 390, 720, 1040, 2560])('fits into a width of %i', async (width) => {
    const { url } = await startChat()
    const ada = await open(url, 'Ada', width < 720 ? phone(width) : { viewport: { width, height: 740 } })
    await ada.say(`a word that does not end: ${'long'.repeat(200)}`)
    await until(async () => (await ada.shown()).map(({ delivery }) => delivery)).toEqual(['sent'])
    expect(await ada.page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
    expect(await ada.log.evaluate((log) => log.scrollWidth - log.clientWidth)).toBeLessThanOrEqual(0)
  })

  it('has targets that a finger meets', async () => {
    const { url } = await startChat()
    const ada = await open(url, 'Ada', phone(390))
    await ada.input.fill('something to send')
    const tooSmall = () =>
      ada.page
        .locator('button:visible')
        .evaluateAll((buttons) =>
          buttons
            .filter((button) => button.checkVisibility() && button.getBoundingClientRect().height < 44)
            .map((button) => `${button.getAttribute('aria-label') ?? button.textContent}`),
        )
    expect(await tooSmall()).toEqual([])
    await ada.page.getByRole('button', { name: 'Rooms' }).tap()
    await ada.page.getByRole('navigation', { name: 'Rooms' }).waitFor()
    expect(await tooSmall()).toEqual([])
  })
})

describe('with the keyboard alone', () => {
  it('reaches everything by Tab, and shows where it is', async () => {
    const { url } = await startChat()
    const ada = await open(url, 'Ada')
    await ada.input.fill('something to send')
    const { page } = ada
    const seen: string[] = []
    for (let here = ''; !seen.includes(here); here = await focused(ada)) {
      if (here !== '') seen.push(here)
      await page.keyboard.press('Tab')
    }
    expect(seen).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^#?lobby$/),
        'Leave lobby',
        expect.stringMatching(/^#?demo:games$/),
        'Leave demo:games',
        'Join a room',
        'Join from elsewhere',
        expect.stringMatching(/Ada, change your name/),
        expect.stringMatching(/^Theme: /),
        'Messages in lobby',
        'Message #lobby',
        'Send',
      ]),
    )
    const buttons = await page.locator('button:visible').count()
    expect(seen.filter((each) => each !== 'page').length).toBeGreaterThanOrEqual(buttons + 2)
  })

  it('begins in the input, joins a room, and Escape goes back to where one was', async () => {
    const { url } = await startChat()
    const ada = await open(url, 'Ada')
    const { page } = ada
    await until(() => focused(ada)).toBe('Message #lobby')
    await page.keyboard.type('typed at once')
    await page.keyboard.press('Enter')
    await ada.message('typed at once').waitFor()

    await tabTo(ada, 'Join a room')
    await page.keyboard.press('Enter')
    await until(() => focused(ada)).toBe('Name of the room')
    await page.keyboard.press('Escape')
    await until(() => focused(ada)).toBe('Join a room')
    await page.keyboard.press('Enter')
    await until(() => focused(ada)).toBe('Name of the room')
    await page.keyboard.type('demo:keys')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: '#demo:keys' }).waitFor()
    await until(() => focused(ada)).toBe('Message #demo:keys')
    await page.keyboard.type('without a mouse')
    await page.keyboard.press('Enter')
    await until(() => ada.shown()).toEqual([{ text: 'without a mouse', delivery: 'sent' }])

    for (const key of ['Escape', 'Enter']) {
      await tabTo(ada, /change your name/)
      await page.keyboard.press('Enter')
      await until(() => focused(ada)).toBe('Your name')
      await page.keyboard.press(key)
      await until(() => focused(ada)).toMatch(/change your name/)
    }

    await tabTo(ada, 'Join from elsewhere')
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name: 'How to join from elsewhere' })
    await dialog.waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })
    await until(() => focused(ada)).toBe('Join from elsewhere')
  })

  it('opens and leaves the drawers of a narrow window, and goes on from where it was', async () => {
    const { url } = await startChat()
    const ada = await open(url, 'Ada', { viewport: { width: 600, height: 740 } })
    const { page } = ada
    for (const name of ['Rooms', 'People'] as const) {
      await tabTo(ada, new RegExp(`^${name}`))
      await page.keyboard.press('Enter')
      const drawer = page.getByRole('dialog', { name })
      await drawer.waitFor()
      expect(await drawer.evaluate((dialog) => dialog.contains(document.activeElement))).toBe(true)
      // The rest of the page is out of reach as long as it is open.
      for (let steps = 0; steps < 12; steps++) {
        await page.keyboard.press('Tab')
        expect(await focused(ada)).not.toBe('Message #lobby')
      }
      await page.keyboard.press('Escape')
      await drawer.waitFor({ state: 'hidden' })
      await until(() => focused(ada)).toMatch(new RegExp(`^${name}`))
    }
    await tabTo(ada, /^Rooms/)
    await page.keyboard.press('Enter')
    await page.getByRole('navigation', { name: 'Rooms' }).waitFor()
    await tabTo(ada, /^#?demo:games$/)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: '#demo:games' }).waitFor()
    await page.getByRole('dialog', { name: 'Rooms' }).waitFor({ state: 'hidden' })
    await until(() => focused(ada)).toMatch(/^Rooms/)
    await tabTo(ada, 'Message #demo:games')
  })

  it('copies a line of the panel', async () => {
    const { url } = await startChat()
    const ada = await open(url, 'Ada', { permissions: ['clipboard-read', 'clipboard-write'] })
    const { page } = ada
    await tabTo(ada, 'Join from elsewhere')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'How to join from elsewhere' }).waitFor()
    await tabTo(ada, 'Copy: Write with curl')
    await page.keyboard.press('Enter')
    await page.getByText('Copied').waitFor()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^curl -d /)
  })

  it('changes the theme, which outlives a reload', async () => {
    const { url } = await startChat()
    const ada = await open(url, 'Ada', { colorScheme: 'light' })
    const { page } = ada
    const look = () =>
      page.evaluate(() => [document.documentElement.dataset.theme, getComputedStyle(document.body).backgroundColor])
    const [, light] = await look()
    await tabTo(ada, /^Theme: as the system/)
    await page.keyboard.press('Enter')
    await until(() => focused(ada)).toMatch(/^Theme: light/)
    await page.keyboard.press('Enter')
    await until(() => focused(ada)).toMatch(/^Theme: dark/)
    const [theme, dark] = await look()
    expect(theme).toBe('dark')
    expect(dark).not.toBe(light)
    await page.reload()
    await ada.live()
    expect(await look()).toEqual(['dark', dark])
    await tabTo(ada, /^Theme: dark/)
    await page.keyboard.press('Enter')
    await until(look).toEqual([undefined, light])
  })

  it('reads the log: it scrolls, and comes back to the end', async () => {
    const { url } = await startChat()
    const ada = await open(url, 'Ada', { viewport: { width: 1280, height: 420 } })
    const { page } = ada
    for (let line = 1; line <= 12; line++) await ada.say(`line ${line}`)
    await ada.message('line 12').waitFor()
    await tabTo(ada, 'Messages in lobby')
    await page.keyboard.press('Home')
    await until(() => ada.log.evaluate((log) => log.scrollTop)).toBe(0)
    const toTheEnd = page.getByRole('button', { name: 'To the end' })
    await toTheEnd.waitFor()
    await tabTo(ada, 'To the end')
    await page.keyboard.press('Enter')
    await toTheEnd.waitFor({ state: 'detached' })
    await until(() => ada.log.evaluate((log) => log.scrollHeight - log.scrollTop - log.clientHeight)).toBeLessThan(2)
    expect(await focused(ada)).toBe('Messages in lobby')
  })
})

/** What has the focus, by the name that is read aloud; it must be seen. */
async function focused({ page }: ChatTab): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement
    if (!(element instanceof HTMLElement) || element === document.body) return 'page'
    const label =
      element instanceof HTMLTextAreaElement || element instanceof HTMLInputElement ? element.labels?.[0] : null
    const name = element.ariaLabel ?? label?.textContent ?? element.textContent ?? ''
    const style = getComputedStyle(element)
    const box = getComputedStyle(element.parentElement ?? element)
    const isSeen = style.outlineStyle !== 'none' || box.outlineStyle !== 'none' || box.boxShadow !== 'none'
    return `${name.trim()}${isSeen ? '' : ' (without a sign of it)'}`
  })
}

async function tabTo(tab: ChatTab, name: string | RegExp): Promise<void> {
  const isThere = (here: string): boolean => (typeof name === 'string' ? here === name : name.test(here))
  const passed: string[] = []
  for (let here = await focused(tab); !isThere(here); here = await focused(tab)) {
    if (passed.length > 60) throw new Error(`Tab never comes to ${name}: ${passed.join(', ')}`)
    passed.push(here)
    await tab.page.keyboard.press('Tab')
  }
}
