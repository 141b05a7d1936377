import type { BrowserContextOptions } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { hostChat } from './src/chat-host.ts'
import { endOf, fromTheEnd, scrollBy, seen } from './src/chat-log.ts'
import type { ChatTab } from './src/chat-tab.ts'
import { ChatTabs } from './src/chat-tabs.ts'

const tabs = new ChatTabs()
const open = (url: string, options?: BrowserContextOptions) => tabs.open(url, 'Ada', options)

const until = <Value>(look: () => Promise<Value>) => expect.poll(look, { timeout: 30_000 })
type Host = Awaited<ReturnType<typeof hostChat>>

const people = ['Ben', 'Cleo', 'Dora'].map((name) => ({ id: `guest:${name}`, name }))
/** Long and short, wide and narrow, of one line and of many: nobody guesses their heights. */
const endings = [
  '',
  ' short',
  ' WWWWWWWW'.repeat(30),
  ' iiii'.repeat(60),
  '\nof\nmany\nlines',
  ` ${'word '.repeat(45)}`,
]
const textOf = (number: number): string => `${number}${endings[number % endings.length]}`.trimEnd()
const numberOf = (text: string): number => Number.parseInt(text, 10)

/** Messages from `first` to `last`, of people who take turns. */
async function say({ io }: Host, first: number, last: number, room = 'lobby'): Promise<void> {
  for (let number = first; number <= last; number++) {
    const from = people[Math.floor(number / 4) % people.length] ?? null
    await io.publish(room, textOf(number), { from })
  }
}

/** A tab that has seen so many messages come, and stands at their end. */
async function filled(host: Host, count: number, options?: BrowserContextOptions): Promise<ChatTab> {
  const ada = await open(host.url, options)
  const step = 500
  for (let said = 0; said < count; said += step) {
    await say(host, said + 1, Math.min(count, said + step))
    await ada.message(textOf(Math.min(count, said + step))).waitFor()
  }
  return ada
}

const rowCount = (tab: ChatTab): Promise<number> => tab.log.locator('[data-row]').count()

/** The numbers in sight, which must follow each other without a hole. */
async function numbersSeen(tab: ChatTab): Promise<number[]> {
  const numbers = (await seen(tab)).map(({ text }) => numberOf(text))
  const [first = Number.NaN] = numbers
  expect(numbers).toEqual(numbers.map((_, index) => first + index))
  return numbers
}

describe('a log of 10,000 messages', () => {
  it('draws what one sees and a little more, at the end, at the begin, and anywhere between', async () => {
    const host = await hostChat()
    const ada = await filled(host, 10_000)
    expect(await rowCount(ada)).toBeLessThan(300)
    expect((await numbersSeen(ada)).at(-1)).toBe(10_000)
    expect(await fromTheEnd(ada)).toBeLessThan(2)
    // all of them are under the scroll bar
    expect(await ada.log.evaluate((box) => box.scrollHeight)).toBeGreaterThan(10_000 * 20)

    await ada.log.focus()
    await ada.page.keyboard.press('Home')
    await until(async () => (await numbersSeen(ada))[0]).toBe(1)
    await ada.page.getByText('This is as far back as the messages here go.').waitFor()
    expect(await rowCount(ada)).toBeLessThan(300)

    for (const key of ['PageDown', 'PageDown', 'PageUp', 'PageDown', 'PageDown', 'PageDown']) {
      const before = await ada.log.evaluate((box) => box.scrollTop)
      await ada.page.keyboard.press(key)
      await until(() => ada.log.evaluate((box) => box.scrollTop)).not.toBe(before)
      await until(async () => (await numbersSeen(ada)).length).toBeGreaterThan(0)
      expect(await rowCount(ada)).toBeLessThan(300)
    }

    for (const part of [0.5, 0.9, 0.1]) {
      await ada.log.evaluate((box, at) => {
        box.scrollTop = box.scrollHeight * at
      }, part)
      await until(async () => (await numbersSeen(ada))[0] ?? 0).toBeGreaterThan(part * 10_000 - 1_500)
      expect((await numbersSeen(ada))[0]).toBeLessThan(part * 10_000 + 1_500)
      expect(await rowCount(ada)).toBeLessThan(300)
    }

    await ada.log.focus()
    await ada.page.keyboard.press('End')
    await until(async () => (await numbersSeen(ada)).at(-1)).toBe(10_000)
    await say(host, 10_001, 10_003)
    await until(async () => (await numbersSeen(ada)).at(-1)).toBe(10_003)
    expect(await fromTheEnd(ada)).toBeLessThan(2)
  })

  it('moves by what one scrolls, whatever heights the rows turn out to have, and not by what comes', async () => {
    const host = await hostChat()
    const ada = await filled(host, 2_000)
    await ada.log.evaluate((box) => {
      box.scrollTop = box.scrollHeight / 2
    })
    await until(async () => (await numbersSeen(ada)).at(-1)).toBeLessThan(1_500)
    const step = 290
    for (let count = 1; count <= 60; count++) {
      const [read] = (await seen(ada)).slice(1)
      if (!read) throw new Error('nothing is in sight')
      // Up for long, and down again: above are rows that were never drawn.
      const by = count <= 45 ? -step : step
      await scrollBy(ada, by)
      const end = await endOf(ada, read.text)
      expect(Math.abs(end - (read.end - by))).toBeLessThanOrEqual(1.5)
      await numbersSeen(ada)
    }

    const [read] = await seen(ada)
    await say(host, 2_001, 2_003)
    const button = ada.page.getByRole('button', { name: '3 new' })
    await button.waitFor()
    expect(Math.abs((await endOf(ada, read?.text ?? '')) - (read?.end ?? 0))).toBeLessThanOrEqual(1)
    await button.click()
    await until(async () => (await numbersSeen(ada)).at(-1)).toBe(2_003)
    await until(() => fromTheEnd(ada)).toBeLessThan(2)
    await button.waitFor({ state: 'detached' })
  })

  it('keeps what one reads in its place when the window gets narrow, and wide again', async () => {
    const host = await hostChat()
    const ada = await filled(host, 1_000)
    await ada.log.evaluate((box) => {
      box.scrollTop = box.scrollHeight / 2
    })
    await until(async () => (await numbersSeen(ada)).at(-1)).toBeLessThan(900)
    const [read] = await seen(ada)
    for (const width of [400, 1280]) {
      await ada.page.setViewportSize({ width, height: 800 })
      await until(() => ada.page.evaluate(() => innerWidth)).toBe(width)
      await until(async () => Math.abs((await endOf(ada, read?.text ?? '')) - (read?.end ?? 0))).toBeLessThanOrEqual(
        1.5,
      )
    }
    expect(await rowCount(ada)).toBeLessThan(300)
  })

  it('opens where one stopped reading, far from the end', async () => {
    const host = await hostChat()
    const ada = await open(host.url)
    const games = ada.page.getByRole('button', { name: /^#?demo:games/ })
    await games.click()
    await ada.page.getByRole('heading', { name: '#demo:games' }).waitFor()
    await say(host, 1, 3, 'demo:games')
    await ada.message(textOf(3)).waitFor()
    await ada.page.getByRole('button', { name: /^#?lobby/ }).click()
    await ada.page.getByRole('heading', { name: '#lobby' }).waitFor()
    await say(host, 4, 603, 'demo:games')
    await ada.page.getByRole('button', { name: /demo:games.*600 unread/ }).click()
    const line = ada.log.locator('[data-row="new"]')
    await line.waitFor()
    expect(await line.textContent()).toBe('600 new')
    await until(async () => (await numbersSeen(ada)).includes(4)).toBe(true)
    const [box, top] = await Promise.all([line.boundingBox(), ada.log.boundingBox()])
    expect((box?.y ?? 0) - (top?.y ?? 0)).toBeGreaterThanOrEqual(0)
    expect((box?.y ?? 0) - (top?.y ?? 0)).toBeLessThan(120)
    await ada.page.getByRole('button', { name: '600 new' }).click()
    await until(async () => (await numbersSeen(ada)).at(-1)).toBe(603)
  })

  it('has the focus where a row goes that had it', async () => {
    const host = await hostChat()
    const ada = await filled(host, 400)
    await host.io.publish('lobby', 'see https://example.com/here', { from: people[0] ?? null })
    const link = ada.log.getByRole('link', { name: 'https://example.com/here' })
    await link.focus()
    await ada.page.keyboard.press('Home')
    await link.waitFor({ state: 'detached' })
    await until(() => ada.log.evaluate((box) => box === document.activeElement)).toBe(true)
    await ada.page.keyboard.press('End')
    await link.waitFor()
  })
})

describe('the log', () => {
  it('loads history as one scrolls up, without moving what one reads', async () => {
    const host = await hostChat()
    await say(host, 1, 260)
    const ada = await open(host.url)
    await ada.message(textOf(260)).waitFor()
    const begin = ada.page.getByText('This is as far back as the messages here go.')
    expect(await begin.count()).toBe(0)
    const height = () => ada.log.evaluate((box) => box.scrollHeight)
    for (let pages = 0; (await begin.count()) === 0; pages++) {
      expect(pages).toBeLessThan(8)
      // two steps, as a wheel makes them: the first shows what one reads, the second is near enough to the top to load
      const before = await height()
      await ada.log.evaluate((box) => {
        box.scrollTop = 900
      })
      const read = (await seen(ada))[1]
      await scrollBy(ada, -200)
      await until(async () => (await height()) !== before || (await begin.count()) > 0).toBe(true)
      await until(async () => Math.abs((await endOf(ada, read?.text ?? '')) - (read?.end ?? 0) - 200)).toBeLessThan(1.5)
      await numbersSeen(ada)
    }
    await ada.log.focus()
    await ada.page.keyboard.press('Home')
    await until(async () => (await numbersSeen(ada))[0]).toBe(1)
  })

  it('stays where one reads, and offers the way to what is new', async () => {
    const host = await hostChat()
    await say(host, 1, 60)
    const ada = await open(host.url)
    await ada.message(textOf(60)).waitFor()
    await ada.log.hover()
    await ada.page.mouse.wheel(0, -600)
    await ada.page.getByRole('button', { name: 'To the end' }).waitFor()
    const before = await fromTheEnd(ada)
    await say(host, 61, 63)
    const button = ada.page.getByRole('button', { name: '3 new' })
    await button.waitFor()
    expect(await fromTheEnd(ada)).toBeGreaterThan(before)
    await button.click()
    await ada.message(textOf(63)).waitFor()
    await until(() => fromTheEnd(ada)).toBeLessThan(2)
  })
})
