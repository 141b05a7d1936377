import type { Browser, BrowserContextOptions, ConsoleMessage, Locator, Page } from 'playwright-core'
import { onTestFinished } from 'vitest'

/** What the page says of its own policy's refusals, read by the tab. */
interface Watched {
  refusedByPolicy?: string[]
}

/** A message as the log shows it. */
export interface Shown {
  readonly text: string
  readonly delivery: string
}

/** A browser tries a line that is down, by WebSocket and by polling, and says in its console that it failed. That is the test's doing. */
const LINE_IS_DOWN = /^(WebSocket connection to '[^']*' failed|Failed to load resource: net::ERR_)/

/** One person at the chat: a tab in a browser context of its own, as if it were another computer. */
export class ChatTab {
  readonly page: Page
  readonly log: Locator
  readonly input: Locator
  readonly people: Locator
  readonly #complaints: string[] = []

  private constructor(page: Page) {
    this.page = page
    this.log = page.getByRole('log')
    this.input = page.getByRole('textbox', { name: /^Message #/ })
    this.people = page.getByRole('region', { name: /^People in / })
    page.on('console', (message) => this.#hear(message))
    page.on('pageerror', (error) => this.#complaints.push(String(error)))
  }

  /**
   * Opens the chat. With a name it is that of somebody who chose it on an earlier visit. `prepare` is what is done to the
   * page before.
   */
  static async open(
    browser: Browser,
    url: string,
    name?: string,
    options: BrowserContextOptions = {},
    prepare: (page: Page) => Promise<void> = async () => {},
  ): Promise<ChatTab> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })
    onTestFinished(() => context.close())
    const page = await context.newPage()
    const tab = new ChatTab(page)
    await page.addInitScript((kept) => {
      if (kept !== undefined && localStorage.getItem('partyline.name') === null) {
        localStorage.setItem('partyline.name', kept)
      }
      const refused: string[] = []
      ;(globalThis as Watched).refusedByPolicy = refused
      document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
        refused.push(`${violatedDirective}: ${blockedURI}`)
      })
    }, name)
    await prepare(page)
    await page.goto(url)
    return tab
  }

  /** Opens the chat, and waits until it is live. */
  static async openLive(...args: Parameters<typeof ChatTab.open>): Promise<ChatTab> {
    const tab = await ChatTab.open(...args)
    await tab.live()
    return tab
  }

  async live(): Promise<void> {
    await this.page.getByText('live', { exact: true }).first().waitFor()
    await this.input.waitFor()
  }

  async say(text: string): Promise<void> {
    await this.input.fill(text)
    await this.page.getByRole('button', { name: 'Send' }).click()
  }

  /** The message with this text. */
  message(text: string): Locator {
    return this.log.locator('[data-row="message"]').filter({ has: this.page.getByText(text, { exact: true }) })
  }

  /** Every message of the log, from top to bottom. */
  shown(): Promise<Shown[]> {
    return this.log.locator('[data-row="message"]').evaluateAll((rows) =>
      rows.map((row) => ({
        text: row.querySelector('[dir="auto"]')?.textContent ?? '',
        delivery: (row as HTMLElement).dataset.delivery ?? '',
      })),
    )
  }

  async texts(): Promise<string[]> {
    return (await this.shown()).map(({ text }) => text)
  }

  /** Who is listed beside the room, where there is room for it. */
  names(): Promise<string[]> {
    return this.people.getByRole('listitem').locator('bdi').allTextContents()
  }

  /** What went wrong in the page: errors, and what its content security policy refused. */
  async complaints(): Promise<string[]> {
    if (this.page.isClosed()) return this.#complaints
    const refused = await this.page.evaluate(() => (globalThis as Watched).refusedByPolicy ?? [])
    return [...this.#complaints, ...refused]
  }

  close(): Promise<void> {
    return this.page.context().close()
  }

  #hear(message: ConsoleMessage): void {
    const text = message.text()
    if (['error', 'warning'].includes(message.type()) && !LINE_IS_DOWN.test(text)) this.#complaints.push(text)
  }
}
