import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { Server, type Socket } from '@partyline/server'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import WebSocket from 'ws'
import {
  certificateAt,
  certificateFolder,
  locked,
  makePem,
  type TestPem,
} from '../packages/partyline/test/certificates.ts'
import { ChatTab } from './src/chat-tab.ts'
import { launchChromium } from './src/chromium.ts'
import { runPartyline } from './src/partyline.ts'
import type { RunOptions } from './src/process.ts'

const [pem, next] = await Promise.all([makePem(), makePem()])

/** None of these may come from who runs the tests. */
const unset = {
  PARTYLINE_TLS: undefined,
  PARTYLINE_TLS_CERT: undefined,
  PARTYLINE_TLS_KEY: undefined,
  PARTYLINE_TLS_PASSPHRASE: undefined,
}

/** The command with TLS on a free port, when it says that it listens. */
async function startSecurely(args: readonly string[], { env, ...options }: RunOptions = {}) {
  const running = runPartyline(['--port', '0', ...args], { ...options, env: { ...unset, ...env } })
  await running.untilSaid(/"msg":"listening".*\n|^ {2}Try {2}.*\n/m)
  const [, port] = /https:\/\/localhost:(\d+)\/api/.exec(running.output.stdout) as RegExpExecArray
  return { ...running, port: port as string, url: `https://localhost:${port}/` }
}

async function startWithFiles() {
  const files = certificateFolder(pem)
  const started = await startSecurely(['--tls-cert', files.certFile, '--tls-key', files.keyFile])
  return { ...started, files }
}

/** Somebody in the echo who trusts this certificate and no other. */
async function echoClient(port: string, { cert }: TestPem) {
  const socket = new WebSocket(`wss://localhost:${port}/echo`, { ca: cert })
  onTestFinished(() => socket.terminate())
  await once(socket, 'open')
  return async (text: string): Promise<string> => {
    const heard = once(socket, 'message')
    socket.send(text)
    return String((await heard)[0])
  }
}

describe('the command with a certificate', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser.close())

  it('serves the chat over https, echoes over wss, and says where it is', async () => {
    const { port, output } = await startWithFiles()
    expect(JSON.parse(output.stdout)).toMatchObject({
      msg: 'listening',
      urls: { chat: `https://localhost:${port}`, webSocket: `wss://localhost:${port}` },
      certificate: { fingerprint: expect.stringMatching(/^[0-9A-F:]{95}$/) },
    })
    const say = await echoClient(port, pem)
    expect(await say('hello')).toBe('Echo: hello')
  })

  it.each(['a renamed file', 'SIGHUP'])('shows a new certificate after %s, and drops nobody', async (how) => {
    const { port, files, child, untilSaid, exited } = await startWithFiles()
    const stays = await echoClient(port, pem)
    files.replace(next)
    if (how === 'SIGHUP') child.kill('SIGHUP')
    await expect.poll(() => certificateAt(port), { timeout: 30_000 }).toBe(next.cert)
    await untilSaid(/"certificate reloaded, valid until \d{4}-\d\d-\d\d"/)
    expect(await stays('still here')).toBe('Echo: still here')
    expect(await (await echoClient(port, next))('new here')).toBe('Echo: new here')
    child.kill('SIGTERM')
    expect(await exited).toBe(0)
  })

  it('keeps the old certificate where the new pair is broken, and says why in one line', async () => {
    const { port, files, child, output, untilSaid } = await startWithFiles()
    files.replace({ key: next.key })
    child.kill('SIGHUP')
    await untilSaid(/"certificate not reloaded, the old one stays, [^"]*does not belong to [^"]*"/)
    expect(await certificateAt(port)).toBe(pem.cert)
    expect(await (await echoClient(port, pem))('hello')).toBe('Echo: hello')
    files.replace(next)
    await expect.poll(() => certificateAt(port), { timeout: 30_000 }).toBe(next.cert)
    expect(output.stdout).not.toContain('PRIVATE KEY')
    expect(output.stderr).toBe('')
  })

  it('takes it from variables, with a passphrase', async () => {
    const { certFile, keyFile } = certificateFolder({ ...pem, key: locked(pem.key, 'open sesame') })
    const env = { PARTYLINE_TLS_CERT: certFile, PARTYLINE_TLS_KEY: keyFile, PARTYLINE_TLS_PASSPHRASE: 'open sesame' }
    const { port } = await startSecurely([], { env })
    expect(await certificateAt(port)).toBe(pem.cert)
  })

  it('makes one itself: the browser is warned, the terminal shows what it can be told by, and the chat is live', async () => {
    const env = { PARTYLINE_LOG: 'text', PARTYLINE_TLS: 'self-signed' }
    const { url, output, child, exited } = await startSecurely([], { env })
    expect(output.stdout).toContain('browsers will warn')
    expect(output.stdout).toMatch(/SHA-256 ([0-9A-F]{2}:){16}\n {21}([0-9A-F]{2}:){15}[0-9A-F]{2}\n/)
    for (const line of output.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
    const careful = await browser.newPage()
    onTestFinished(() => careful.close())
    await expect(careful.goto(url)).rejects.toThrow('ERR_CERT_AUTHORITY_INVALID')
    const tab = await ChatTab.openLive(browser, url, 'Ada', { ignoreHTTPSErrors: true })
    await tab.say('over TLS')
    await expect.poll(() => tab.shown()).toEqual([{ text: 'over TLS', delivery: 'sent' }])
    expect(await tab.page.evaluate(() => isSecureContext)).toBe(true)
    expect(await tab.complaints()).toEqual([])
    // nothing can be read again: it is the end of the terminal, as ever
    child.kill('SIGHUP')
    expect(await exited).toBe(0)
  })
})

describe('a certificate that is not good', () => {
  const missing = '/nowhere/cert.pem'

  it.each<[string, (files: ReturnType<typeof certificateFolder>) => string[], RegExp]>([
    [
      'is missing',
      ({ keyFile }) => ['--tls-cert', missing, '--tls-key', keyFile],
      /cert\.pem cannot be read: there is no/,
    ],
    ['is no certificate', ({ keyFile }) => ['--tls-cert', keyFile, '--tls-key', keyFile], /holds no certificate/],
    ['has no key', ({ certFile }) => ['--tls-cert', certFile, '--tls-key', certFile], /holds no private key/],
    ['has no option for its key', ({ certFile }) => ['--tls-cert', certFile], /--tls-cert needs --tls-key/],
    [
      "has another one's key",
      (files) => {
        files.replace({ key: next.key })
        return ['--tls-cert', files.certFile, '--tls-key', files.keyFile]
      },
      /key\.pem does not belong to the certificate in .*cert\.pem/,
    ],
  ])('because it %s is one line and exit code 2', async (_why, argsFor, words) => {
    const { exited, output } = runPartyline(['--port', '0', ...argsFor(certificateFolder(pem))], { env: unset })
    expect(await exited).toBe(2)
    expect(output.stdout).toBe('')
    expect(output.stderr).toMatch(/^partyline: .*\n$/)
    expect(output.stderr).toMatch(words)
  })
})

describe('the library on an https server', () => {
  it('takes it as it is, and tells that a connection is secure', async () => {
    const server = createServer(pem)
    const io = new Server(server)
    onTestFinished(() => io.close())
    const come = new Promise<Socket>((resolve) => io.on('connection', resolve))
    server.listen(0)
    await once(server, 'listening')
    const socket = new WebSocket(`wss://localhost:${(server.address() as AddressInfo).port}/`, { ca: pem.cert })
    onTestFinished(() => socket.terminate())
    await once(socket, 'open')
    const { handshake, request } = await come
    expect(handshake.secure).toBe(true)
    expect(request.connection).toHaveProperty('encrypted', true)
  })
})
