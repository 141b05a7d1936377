import type { Browser, BrowserContextOptions } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { ChatTab } from './chat-tab.ts'
import { launchChromium } from './chromium.ts'

/** A browser for all the tests of a file, and tabs of which none may have complained by the end of its test. */
export class ChatTabs {
  #browser: Browser | undefined
  readonly #open: ChatTab[] = []

  constructor() {
    beforeAll(async () => {
      this.#browser = await launchChromium()
    })
    afterAll(() => this.#browser?.close())
    afterEach(async () => {
      for (const tab of this.#open.splice(0)) expect(await tab.complaints()).toEqual([])
    })
  }

  /** There while tests run. */
  get browser(): Browser {
    if (this.#browser === undefined) throw new Error('the browser is there from the first test to the last')
    return this.#browser
  }

  /** Opens a tab of somebody who has chosen this name, and waits until it is live. */
  async open(url: string, name?: string, options?: BrowserContextOptions): Promise<ChatTab> {
    const tab = await ChatTab.openLive(this.browser, url, name, options)
    this.#open.push(tab)
    return tab
  }
}
