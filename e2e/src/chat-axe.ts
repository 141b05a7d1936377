import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe reports of a page. */
interface Report {
  readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[]
}

/** What axe finds on the page as it is now, by all its rules, in both themes: the theme, the rule, and where. */
export async function barriers(page: Page): Promise<string[]> {
  // By the debugger, which the page's content security policy does not bind.
  await page.evaluate(source)
  const found: string[] = []
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    // What moves has colours that are gone in a moment.
    await page.evaluate(() => Promise.allSettled(document.getAnimations().map((animation) => animation.finished)))
    const { violations } = (await page.evaluate('axe.run(document)')) as Report
    for (const { id, nodes } of violations) {
      found.push(...nodes.map(({ html }) => `${colorScheme}, ${id}: ${html.slice(0, 200)}`))
    }
  }
  return found
}
