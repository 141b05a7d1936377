import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startChat } from './src/chat-server.ts'
import { ChatTab } from './src/chat-tab.ts'
import { launchChromium } from './src/chromium.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser.close())

const until = <Value>(look: () => Promise<Value>) => expect.poll(look, { timeout: 20_000 })

interface Taken {
  taken?: unknown
  refusedByPolicy?: string[]
}

const image = '<img src=x onerror=taken=1>'
const attacks = [
  image,
  '<script>taken=1</script>',
  '<svg/onload=taken=1>',
  '"><iframe srcdoc="<script>parent.taken=1</script>">',
  '</textarea><script>taken=1</script>',
  'javascript:taken=1',
  '[click](javascript:taken=1)',
  'data:text/html,<script>taken=1</script>',
  'https://example.com/"onmouseover="taken=1',
  "https://example.com/'onclick='taken=1",
  'https://example.com/<script>taken=1</script>',
  'http://javascript:taken=1@example.com/',
  'JaVaScRiPt://example.com/%0ataken=1',
  '&lt;img src=x onerror=taken=1&gt;',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what a template would take for one
  '${taken=1} {{taken=1}} <%= taken=1 %>',
]

/** What could run in a page, or lead somewhere: nothing that a text has brought. */
function dangersIn({ page }: ChatTab): Promise<string[]> {
  return page.evaluate(() => {
    const dangers: string[] = []
    for (const element of document.querySelectorAll('*')) {
      for (const { name, value } of element.attributes) {
        if (name.startsWith('on') || name === 'srcdoc') dangers.push(`${element.tagName} ${name}`)
        if (['href', 'src', 'action', 'formaction'].includes(name) && /^\s*(javascript|data|vbscript):/i.test(value)) {
          dangers.push(`${element.tagName} ${name}=${value}`)
        }
      }
      if (element.tagName === 'IFRAME' || element.tagName === 'OBJECT') dangers.push(element.tagName)
      if (element.tagName === 'SCRIPT' && !(element as HTMLScriptElement).src) dangers.push('an inline script')
    }
    if ((globalThis as Taken).taken !== undefined) dangers.push('something has run')
    return dangers
  })
}

async function expectSafe(...tabs: ChatTab[]): Promise<void> {
  for (const tab of tabs) {
    expect(await dangersIn(tab)).toEqual([])
    expect(await tab.complaints()).toEqual([])
  }
}

/** Something said by who needs no page for it. */
async function publish(url: string, room: string, body: object, name = ''): Promise<void> {
  const address = `${url}api/rooms/${encodeURIComponent(room)}/publications?name=${encodeURIComponent(name)}`
  const headers = { 'Content-Type': 'application/json' }
  const { status } = await fetch(address, { method: 'POST', headers, body: JSON.stringify(body) })
  expect(status).toBe(201)
}

describe('X6: the chat shows as text what somebody would have run', () => {
  it('in messages, and in links', async () => {
    const { url } = await startChat()
    const ada = await ChatTab.openLive(browser, url, 'Ada')
    const ben = await ChatTab.openLive(browser, url, 'Ben')
    for (const attack of attacks) await ada.say(attack)
    await until(() => ben.texts()).toEqual(attacks)
    await until(() => ada.shown()).toEqual(attacks.map((text) => ({ text, delivery: 'sent' })))
    const hrefs = await ben.log
      .getByRole('link')
      .evaluateAll((links) => links.map((link) => [(link as HTMLAnchorElement).protocol, link.getAttribute('rel')]))
    expect(hrefs.length).toBeGreaterThan(0)
    expect(new Set(hrefs.map(([protocol]) => protocol))).toEqual(new Set(['https:']))
    expect(new Set(hrefs.map(([, rel]) => rel))).toEqual(new Set(['noopener noreferrer']))
    await expectSafe(ada, ben)
  })

  it('in names: of who speaks, who is here, and who one is oneself', async () => {
    const { url } = await startChat()
    const eve = await ChatTab.openLive(browser, url, image)
    const ben = await ChatTab.openLive(browser, url, 'Ben')
    await eve.say('my name is text')
    await ben.message('my name is text').waitFor()
    await until(() => ben.names()).toEqual(expect.arrayContaining([image]))
    await ben.log.getByText(image).first().waitFor()
    await publish(url, 'lobby', { data: 'by another way' }, '<script>taken=1</script>')
    await ben.message('by another way').waitFor()
    await expectSafe(eve, ben)
  })

  it('in the names of rooms: in the address, the heading, the list and the title', async () => {
    const { url } = await startChat()
    const room = `demo:${image}`
    const ada = await ChatTab.openLive(browser, `${url}#${encodeURIComponent(room)}`, 'Ada')
    await ada.page.getByRole('heading', { name: `#${room}` }).waitFor()
    await until(() => ada.page.title()).toBe(`#${room} · Partyline`)
    await ada.page.getByRole('button', { name: /^#?lobby/ }).click()
    await ada.page.getByRole('heading', { name: '#lobby' }).waitFor()
    await publish(url, room, { data: image }, image)
    await ada.page.getByRole('button', { name: /onerror.*1 unread/ }).waitFor()
    await until(() => ada.page.title()).toBe('(1) #lobby · Partyline')
    await expectSafe(ada)
    // No rule allows this one: what refuses it is text, too.
    const ben = await ChatTab.open(browser, `${url}#${encodeURIComponent(image)}`, 'Ben')
    await ben.page.getByText(image).first().waitFor()
    await expectSafe(ben)
  })

  it('in what is no text at all', async () => {
    const { url } = await startChat()
    const ada = await ChatTab.openLive(browser, url, 'Ada')
    const things: readonly unknown[] = [
      { html: image },
      [image],
      { __html: image },
      { toString: image },
      5,
      true,
      null,
      { $$typeof: image },
    ]
    for (const data of things) await publish(url, 'lobby', { data }, image)
    await publish(url, 'lobby', { event: image, data: image })
    await publish(url, 'lobby', { data: 'the last' })
    await ada.message('the last').waitFor()
    await expectSafe(ada)
  })

  it('and where something got in all the same, the policy keeps it from running', async () => {
    const { url } = await startChat()
    const ada = await ChatTab.openLive(browser, url, 'Ada')
    const outcome = await ada.page.evaluate(async () => {
      const box = document.createElement('div')
      document.body.append(box)
      box.innerHTML =
        '<img src="data:," onerror="taken=1"><svg onload="taken=1"></svg><a href="javascript:taken=1">a</a>'
      const script = document.createElement('script')
      script.textContent = 'taken=1'
      box.append(script)
      const remote = document.createElement('script')
      remote.src = 'https://evil.example/x.js'
      box.append(remote)
      const blob = document.createElement('script')
      blob.src = URL.createObjectURL(new Blob(['taken=1'], { type: 'text/javascript' }))
      const settled = new Promise((resolve) => {
        blob.onload = blob.onerror = resolve
      })
      box.append(blob)
      await settled
      box.querySelector('a')?.click()
      let evaluated = 'yes'
      try {
        setTimeout('taken=1')
        new Function('taken=1')()
      } catch (error) {
        evaluated = (error as Error).name
      }
      await new Promise((resolve) => setTimeout(resolve))
      return { evaluated, taken: (globalThis as Taken).taken, refused: (globalThis as Taken).refusedByPolicy?.length }
    })
    expect(outcome).toEqual({ evaluated: 'EvalError', taken: undefined, refused: expect.any(Number) })
    expect(outcome.refused).toBeGreaterThan(4)
  })
})
