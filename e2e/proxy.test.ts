import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { connect } from '@partyline/client'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import WebSocket, { type ClientOptions } from 'ws'
import { certificateFolder, makePem } from '../packages/partyline/test/certificates.ts'
import { hostChat } from './src/chat-host.ts'
import { ChatTab } from './src/chat-tab.ts'
import { launchChromium } from './src/chromium.ts'
import { blocksOf } from './src/doc-blocks.ts'
import { startNginx } from './src/nginx.ts'
import { startPartyline } from './src/partyline.ts'
import { until } from './src/until.ts'

const NAME = 'chat.example.org'

function nginxBlocks(page: string): string[] {
  const markdown = readFileSync(join(import.meta.dirname, '..', page), 'utf8')
  return blocksOf(page, markdown).flatMap(({ language, code }) => (language === 'nginx' ? [code] : []))
}

const [passingHost = '', passingForwardedHost = ''] = nginxBlocks('docs/behind-a-proxy.md')
const [endingTls = ''] = nginxBlocks('docs/tls.md')

/** The same block without one of its lines. */
function without(line: string, block: string): string {
  const rest = block.split('\n').filter((each) => !each.trim().startsWith(line))
  if (rest.length !== block.split('\n').length - 1) throw new Error(`the block has not one line with ${line}`)
  return rest.join('\n')
}

const nothingPassed = without('proxy_set_header Host', passingHost)

let browser: Browser
beforeAll(async () => {
  browser = await launchChromium([`--host-resolver-rules=MAP ${NAME} 127.0.0.1`])
})
afterAll(() => browser.close())

/** A WebSocket through the proxy as a page of the name's opens it, and how that went. */
async function openAsPage(port: number, options: ClientOptions = {}, path = '/') {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, {
    origin: `http://${NAME}:${port}`,
    headers: { Host: `${NAME}:${port}` },
    ...options,
  })
  onTestFinished(() => socket.terminate())
  socket.on('error', () => {})
  const heard: string[] = []
  socket.on('message', (data) => heard.push(String(data)))
  const opened = once(socket, 'open').then(() => 'open')
  const answered = once(socket, 'unexpected-response').then(async ([, response]) => {
    const { statusCode } = response as IncomingMessage
    return `${statusCode} ${await text(response)}`
  })
  opened.catch(() => {}) // it errs where the other comes
  return { socket, heard, outcome: await Promise.race([opened, answered]) }
}

/** Two people talk through the proxy. */
async function talk(url: string): Promise<void> {
  const options = { ignoreHTTPSErrors: true }
  const ada = await ChatTab.openLive(browser, url, 'Ada', options)
  const ben = await ChatTab.openLive(browser, url, 'Ben', options)
  await ada.say('hello through nginx')
  await ben.message('hello through nginx').waitFor()
  for (const tab of [ada, ben]) expect(await tab.complaints()).toEqual([])
}

describe('behind an nginx that passes Host, as docs/behind-a-proxy.md has it', () => {
  const settings = { PARTYLINE_HOSTS: NAME, PARTYLINE_TRUST_PROXY: '1' }

  it('the chat works', async () => {
    const { port } = await startPartyline([], { env: settings })
    const nginx = await startNginx(passingHost, Number(port))
    await talk(`http://${NAME}:${nginx.port}`)
  })

  it('an application of the library works, and sees where each client comes from', async () => {
    const { io, port } = await hostChat({ hosts: [NAME], trustProxy: true, http: '/api' })
    const addresses: string[] = []
    io.on('connection', (socket) => {
      addresses.push(socket.handshake.address)
      socket.on('double', (value, done) => done(2 * value))
    })
    const nginx = await startNginx(passingHost, port)
    await talk(`http://${NAME}:${nginx.port}`)

    addresses.length = 0
    const { outcome } = await openAsPage(nginx.port, { localAddress: '127.0.0.7' })
    expect(outcome).toBe('open')
    expect(addresses).toEqual(['127.0.0.7'])

    const client = connect(`http://127.0.0.1:${nginx.port}`, { WebSocket })
    onTestFinished(() => client.close())
    expect(await client.emitWithAck('double', 21)).toBe(42)
  })

  it('server-sent events come as they happen, and a POST goes in', async () => {
    const { url, port } = await startPartyline([], { env: settings })
    const nginx = await startNginx(passingHost, Number(port))
    const near = `http://127.0.0.1:${nginx.port}/api`
    const leaving = new AbortController()
    onTestFinished(() => leaving.abort())
    const headers = { Accept: 'text/event-stream' }
    const stream = await fetch(`${near}/events?room=lobby`, { headers, signal: leaving.signal })
    let heard = ''
    const reading = (async () => {
      for await (const chunk of stream.body as ReadableStream<Uint8Array>) heard += Buffer.from(chunk).toString()
    })()
    reading.catch(() => {}) // until we leave
    await until(
      () => heard,
      (all) => all.includes('id:'),
    )
    for (const to of [near, `${url}/api`]) {
      const answer = await fetch(`${to}/rooms/lobby/publications`, { method: 'POST', body: `{"data":"to ${to}"}` })
      expect(answer.status).toBe(201)
      await until(
        () => heard,
        (all) => all.includes(`to ${to}`),
      )
    }
  })

  it('no page of another site comes in', async () => {
    const { port } = await startPartyline([], { env: settings })
    const nginx = await startNginx(passingHost, Number(port))
    const { outcome } = await openAsPage(nginx.port, { origin: 'http://elsewhere.example' })
    expect(outcome).toMatch(/^403 the origin "http:\/\/elsewhere.example" is not allowed/)
  })

  it('there are no WebSockets without the lines that hand them on', async () => {
    const { port } = await startPartyline([], { env: settings })
    const nginx = await startNginx(without('proxy_set_header Upgrade', passingHost), Number(port))
    expect((await openAsPage(nginx.port)).outcome).toMatch(/^200 <!doctype html>/i)
    expect((await openAsPage(nginx.port, {}, '/partyline/')).outcome).toMatch(/^426 /)
  })
})

describe('behind an nginx that does not pass Host', () => {
  it('answer and log of the standalone server name what to set, and that helps', async () => {
    const first = await startPartyline()
    const nginx = await startNginx(nothingPassed, Number(first.port))
    const origin = `http://${NAME}:${nginx.port}`
    const reason = `the origin "${origin}" is not allowed; to allow it, set PARTYLINE_ORIGINS`
    expect((await openAsPage(nginx.port)).outcome).toBe(`403 ${reason}\n`)
    await first.untilSaid(JSON.stringify(`refused: ${reason}`))

    const second = await startPartyline([], { env: { PARTYLINE_ORIGINS: origin } })
    const toSecond = await startNginx(nothingPassed, Number(second.port))
    expect((await openAsPage(toSecond.port, { origin })).outcome).toBe('open')
    await second.untilSaid('which is not believed; if a proxy of yours is in front, set PARTYLINE_TRUST_PROXY=1')
  })

  it('the chat and the log say why it does not work', async () => {
    const server = await startPartyline()
    const nginx = await startNginx(nothingPassed, Number(server.port))
    const tab = await ChatTab.open(browser, `http://${NAME}:${nginx.port}`, 'Ada')
    await tab.page.getByText(/lets nobody in from this page: the origin .* set PARTYLINE_ORIGINS/).waitFor()
    await server.untilSaid('is not allowed; to allow it, set PARTYLINE_ORIGINS')
  })

  it('answer and log of the library name what to set, and that helps', async () => {
    const lines: string[] = []
    const logger = { warn: (_: object, line: string) => lines.push(line), error: () => {} }
    const { port } = await hostChat({ logger })
    const nginx = await startNginx(nothingPassed, port)
    const origin = `http://${NAME}:${nginx.port}`
    const reason = `the origin "${origin}" is not allowed; to allow it, set the option "cors.origin"`
    expect((await openAsPage(nginx.port)).outcome).toBe(`403 ${reason}\n`)
    expect(lines).toContain(`refused: ${reason}`)

    const second = await hostChat({ logger, cors: { origin } })
    const toSecond = await startNginx(nothingPassed, second.port)
    expect((await openAsPage(toSecond.port, { origin })).outcome).toBe('open')
    expect(lines.at(-1)).toBe(
      'a request came with X-Forwarded-For, which is not believed; if a proxy of yours is in front, set the option "trustProxy"',
    )
  })

  it('the name in proxy_pass is refused where names are configured, and which option that is stands in the answer', async () => {
    const { port } = await startPartyline([], { env: { PARTYLINE_HOSTS: NAME } })
    const block = `upstream app { server 127.0.0.1:${port}; }\n${nothingPassed.replace('http://127.0.0.1:8080', 'http://app')}`
    const nginx = await startNginx(block, Number(port))
    expect((await openAsPage(nginx.port)).outcome).toBe(
      `403 the host "app" is not this server's; to allow it, set PARTYLINE_HOSTS\n`,
    )
  })

  it('the chat works where X-Forwarded-Host is passed and believed', async () => {
    const { port } = await startPartyline([], { env: { PARTYLINE_HOSTS: NAME, PARTYLINE_TRUST_PROXY: '1' } })
    const nginx = await startNginx(passingForwardedHost, Number(port))
    await talk(`http://${NAME}:${nginx.port}`)
  })

  it('an application of the library works where X-Forwarded-Host is passed and believed', async () => {
    const { port } = await hostChat({ trustProxy: true })
    const nginx = await startNginx(passingForwardedHost, port)
    await talk(`http://${NAME}:${nginx.port}`)
  })
})

describe('behind an nginx that ends TLS, as docs/tls.md has it', () => {
  it('the chat works over wss', async () => {
    const { certFile, keyFile } = certificateFolder(await makePem())
    const { port } = await startPartyline([], { env: { PARTYLINE_HOSTS: NAME, PARTYLINE_TRUST_PROXY: '1' } })
    const files = {
      '/etc/letsencrypt/live/chat.example.org/fullchain.pem': certFile,
      '/etc/letsencrypt/live/chat.example.org/privkey.pem': keyFile,
    }
    const nginx = await startNginx(endingTls, Number(port), files)
    await talk(`https://${NAME}:${nginx.port}`)
  })
})
