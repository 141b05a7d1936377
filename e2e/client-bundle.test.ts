import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { Server } from '@partyline/server'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { launchChromium } from './src/chromium.ts'
import { run } from './src/process.ts'

const root = join(import.meta.dirname, '..')
const dist = join(root, 'packages/client/dist')
const bundles = ['partyline.min.js', 'partyline.esm.min.js']
const room = { subscribe: true, publish: true, history: true, presence: true } as const

/** A server with a room, and beside it a page with its scripts: none of them inline, and none that is made from a string. */
async function serve(files: Readonly<Record<string, string>> = {}) {
  const http = createServer((request, response) => {
    const name = request.url?.slice(1) ?? ''
    const body = bundles.includes(name) ? readFileSync(join(dist, 'browser', name)) : files[name]
    response.statusCode = body === undefined ? 404 : 200
    response.setHeader('Content-Type', `${name.endsWith('.js') ? 'text/javascript' : 'text/html'}; charset=utf-8`)
    response.setHeader(
      'Content-Security-Policy',
      "default-src 'none'; script-src 'self'; connect-src 'self'; img-src data:",
    )
    response.end(body)
  })
  const io = new Server(http, { rooms: { lobby: room }, closeTimeoutMs: 1_000 })
  const heard: unknown[] = []
  io.on('connection', (socket) => {
    socket.on('double', (value: number, answer: (value: number) => void) => answer(2 * value))
    socket.on('message', (bytes: Uint8Array) => {
      heard.push([...bytes])
      socket.emit('message', bytes)
    })
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  onTestFinished(() => io.close())
  return { heard, url: `http://127.0.0.1:${(http.address() as AddressInfo).port}` }
}

describe('the client in one file', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser.close())

  async function open(url: string): Promise<{ page: Page; complaints: string[] }> {
    const context = await browser.newContext()
    onTestFinished(() => context.close())
    const page = await context.newPage()
    const complaints: string[] = []
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('console', (message) => complaints.push(message.text()))
    await page.goto(url)
    return { page, complaints }
  }

  const work = `
    window.result = (async () => {
      const client = connect()
      const heard = new Promise((resolve) => client.on('message', (value) => value instanceof Uint8Array && resolve(value)))
      const lobby = client.subscribe('lobby')
      const published = new Promise((resolve) => lobby.on('message', (text, meta) => resolve(text + meta.seq)))
      await lobby.ready
      const { seq } = await lobby.publish('hi')
      client.emit('message', new Uint8Array([1, 2, 255]))
      const bytes = await heard
      const refused = await client.publish('elsewhere', 'x').catch((error) => error)
      const facts = {
        isSame: (await published) === 'hi' + seq,
        double: await client.emitWithAck('double', 21),
        bytes: [...bytes],
        isPlain: Object.getPrototypeOf(bytes) === Uint8Array.prototype,
        refused: refused instanceof PartylineError && refused.code,
        state: client.state.name,
      }
      client.close()
      return facts
    })()`
  const facts = {
    isSame: true,
    double: 42,
    bytes: [1, 2, 255],
    isPlain: true,
    refused: 'unknown_room',
    state: 'live',
  }

  it.each([
    {
      way: 'a script tag',
      tags: '<script src="partyline.min.js"></script><script src="work.js"></script>',
      script: `const { connect, PartylineError } = Partyline;${work}`,
    },
    {
      way: 'an import',
      tags: '<script type="module" src="work.js"></script>',
      script: `import { connect, PartylineError } from './partyline.esm.min.js';${work}`,
    },
  ])('works in a page by $way, without a bundler', async ({ tags, script }) => {
    const html = `<!doctype html><link rel="icon" href="data:,"><title>A page</title>${tags}`
    const { heard, url } = await serve({ 'page.html': html, 'work.js': script })
    const { page, complaints } = await open(`${url}/page.html`)
    expect(await page.evaluate('window.result')).toEqual(facts)
    expect(heard).toEqual([[1, 2, 255]])
    expect(complaints).toEqual([])
  })

  it('leaves nothing but Partyline in the page', async () => {
    const { url } = await serve({
      'page.html': '<script src="before.js"></script><script src="partyline.min.js"></script>',
      'before.js': 'before = new Set(Object.getOwnPropertyNames(window))',
    })
    const { page } = await open(`${url}/page.html`)
    const made = await page.evaluate('Object.getOwnPropertyNames(window).filter((name) => !before.has(name))')
    expect(made).toEqual(['before', 'Partyline'])
    expect(await page.evaluate('Object.keys(Partyline).sort()')).toEqual(['PartylineError', 'connect'])
  })

  it.each(bundles)('%s is below 15 KB as it travels, and has its source map', (name) => {
    const path = join(dist, 'browser', name)
    expect(gzipSync(readFileSync(path)).length).toBeLessThan(15_000)
    expect(readFileSync(path, 'utf8')).toContain(`//# sourceMappingURL=${name}.map`)
    expect(JSON.parse(readFileSync(`${path}.map`, 'utf8')).sources).toContain('../../src/connect.ts')
  })
})

describe('the client in Node', () => {
  /** A folder with the packages as they are installed from a registry, and nothing else. */
  function folder({ ws }: { ws: boolean }): string {
    const made = mkdtempSync(join(tmpdir(), 'partyline-client-'))
    onTestFinished(() => rmSync(made, { recursive: true }))
    for (const name of ['client', 'protocol']) {
      const installed = join(made, 'node_modules/@partyline', name)
      mkdirSync(installed, { recursive: true })
      for (const part of ['dist', 'package.json']) {
        cpSync(join(root, 'packages', name, part), join(installed, part), { recursive: true })
      }
    }
    if (ws) symlinkSync(join(root, 'node_modules/ws'), join(made, 'node_modules/ws'), 'junction')
    return made
  }

  const heads = {
    mjs: `import { connect, PartylineError } from '@partyline/client'`,
    cjs: `const { connect, PartylineError } = require('@partyline/client')`,
  }
  const talk = `
    const client = connect(process.argv[2], typeof given === 'undefined' ? {} : { WebSocket: given })
    client.onError(() => {})
    client.onState((state) => {
      if (state.name === 'closed' && state.error) console.log(state.error instanceof PartylineError, state.error.message)
    })
    client.publish('elsewhere', 'nobody looks at this promise')
    client.publish('lobby', 'hi').then(({ seq }) => {
      console.log('published', typeof seq)
      client.close()
    }, () => {})`

  /** Runs it to its end: a client that is closed keeps no process alive. */
  async function say(extension: 'mjs' | 'cjs', before: string, options: { ws: boolean }) {
    const { url } = await serve()
    const cwd = folder(options)
    const file = join(cwd, `talk.${extension}`)
    writeFileSync(file, `${heads[extension]}\n${before}\n${talk}\n`)
    const process = run(globalThis.process.execPath, [file, url], { cwd })
    return { code: await process.exited, ...process.output }
  }

  const published = { code: 0, stdout: 'published number\n', stderr: '' }
  const bare = 'delete globalThis.WebSocket'

  it.each(['mjs', 'cjs'] as const)('takes the package ws where there is no WebSocket (%s)', async (extension) => {
    expect(await say(extension, bare, { ws: true })).toEqual(published)
  })

  it.each(['mjs', 'cjs'] as const)('says what to do where there is none at all (%s)', async (extension) => {
    const { code, stdout, stderr } = await say(extension, bare, { ws: false })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toBe(
      'true There is no WebSocket here. Run "npm install ws", or use Node.js 22 or newer, or pass one: connect(url, { WebSocket })\n',
    )
  })

  it('takes the one that it is given', async () => {
    const given = `${bare}; const { createRequire } = await import('node:module')
      const given = createRequire(${JSON.stringify(join(root, 'package.json'))})('ws')`
    expect(await say('mjs', given, { ws: false })).toEqual(published)
  })

  it('takes the one of the platform', async () => {
    const given = `const { createRequire } = await import('node:module')
      globalThis.WebSocket ??= createRequire(${JSON.stringify(join(root, 'package.json'))})('ws')`
    expect(await say('mjs', given, { ws: false })).toEqual(published)
  })

  it('is found as one file too, for a server to hand out', async () => {
    const cwd = folder({ ws: false })
    const file = join(cwd, 'find.cjs')
    writeFileSync(file, `console.log(require.resolve('@partyline/client/partyline.min.js').slice(__dirname.length))`)
    const process = run(globalThis.process.execPath, [file], { cwd })
    expect(await process.exited).toBe(0)
    const path = join('/node_modules/@partyline/client/dist/browser/partyline.min.js')
    expect(process.output.stdout).toBe(`${path}\n`)
  })
})
