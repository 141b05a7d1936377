import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { version } from '../src/package.ts'
import { StaticFiles } from '../src/static-files.ts'
import { ask, chatFolder, client, indexHtml, serve, strictClient } from './setting.ts'

const script = `export const words = ${JSON.stringify('word '.repeat(1_000))}`
const files = { 'assets/index-B3x9_k2Q.js': script, 'theme.js': '1', 'favicon/0.svg': '<svg/>' }

describe('GET /health', () => {
  it('answers that it is well', async () => {
    const { port } = await serve()
    const { status, headers, text } = await ask(port, '/health')
    expect(status).toBe(200)
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' })
    expect(JSON.parse(text)).toEqual({ status: 'ok', version, uptimeSeconds: expect.any(Number) })
  })
})

describe('GET /stats', () => {
  it('counts connections by transport and protocol, and what was said', async () => {
    const { port, url } = await serve()
    const ada = await client(url)
    await strictClient(url, 'Ben')
    ada.say('hi')
    await ada.until(1)
    const stats = JSON.parse((await ask(port, '/stats?x=1')).text)
    expect(stats).toMatchObject({
      version,
      uptimeSeconds: expect.any(Number),
      connections: {
        total: 2,
        byTransport: { websocket: 2, sse: 0, longPoll: 0 },
        byProtocol: { lenient: 1, strict: 1, http: 0 },
      },
      publications: 1,
      deliveries: 1,
      kept: { rooms: 1, entries: 1 },
    })
  })
})

describe('the chat', () => {
  it('is served at / under a strict policy', async () => {
    const { port } = await serve({ chatFolder: chatFolder(files) })
    const { status, headers, text } = await ask(port, '/')
    expect([status, text]).toEqual([200, indexHtml])
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    })
    const policy = String(headers['content-security-policy'])
    expect(policy).toContain("default-src 'self'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toContain('unsafe')
  })

  it('has assets that may be kept for good, compressed for who takes it', async () => {
    const { port } = await serve({ chatFolder: chatFolder(files) })
    const path = '/assets/index-B3x9_k2Q.js'
    const plain = await ask(port, path)
    expect(plain.text).toBe(script)
    expect(plain.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'Accept-Encoding',
    })
    const zipped = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { 'Accept-Encoding': 'br, gzip' } })
    expect(zipped.headers.get('content-encoding')).toBe('gzip')
    expect(await zipped.text()).toBe(script)
    const refused = await ask(port, path, { headers: { 'accept-encoding': 'gzip;q=0' } })
    expect(refused.headers['content-encoding']).toBeUndefined()
  })

  it('is not sent again to who has it', async () => {
    const { port } = await serve({ chatFolder: chatFolder(files) })
    const { headers } = await ask(port, '/theme.js')
    const again = await ask(port, '/theme.js', { headers: { 'if-none-match': `"other", ${headers.etag}` } })
    expect([again.status, again.text]).toEqual([304, ''])
    expect(again.headers.etag).toBe(headers.etag)
    const other = await ask(port, '/theme.js', { headers: { 'if-none-match': '"other"' } })
    expect(other.status).toBe(200)
  })

  it('answers HEAD without a body, and other methods with 405', async () => {
    const { port } = await serve({ chatFolder: chatFolder(files) })
    const head = await ask(port, '/', { method: 'HEAD' })
    expect([head.status, head.text, head.headers['content-length']]).toEqual([200, '', String(indexHtml.length)])
    const post = await ask(port, '/', { method: 'POST' })
    expect([post.status, post.headers.allow]).toEqual([405, 'GET, HEAD'])
  })

  it.each(['bytes=3-1', 'bytes=-', 'bytes=9999-', 'x'])('is sent whole for the range "%s"', async (range) => {
    const { port } = await serve({ chatFolder: chatFolder(files) })
    const { status, text } = await ask(port, '/', { headers: { range } })
    expect([status, text]).toEqual([200, indexHtml])
  })

  it('stays what it was at the start when its folder is built anew', async () => {
    const folder = chatFolder(files)
    const { port } = await serve({ chatFolder: folder })
    rmSync(join(folder, 'theme.js'))
    writeFileSync(join(folder, 'index.html'), 'another')
    expect((await ask(port, '/theme.js')).text).toBe('1')
    expect((await ask(port, '/')).text).toBe(indexHtml)
  })

  it('that was not built leaves all the rest to be served', async () => {
    const { port, urls } = await serve({ chatFolder: join(chatFolder(), 'nowhere') })
    expect(urls.chat).toBeUndefined()
    expect(await ask(port, '/')).toMatchObject({ status: 404 })
    expect(await ask(port, '/health')).toMatchObject({ status: 200 })
  })
})

describe('P5: a path that leads out of the folder', () => {
  it.each([
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/%252e%252e/secret.txt',
    '/..\\secret.txt',
    '/..%5csecret.txt',
    '/secret.txt%00.js',
    '/index.html%00',
    '//etc/passwd',
    '/etc/passwd',
    '/link.txt',
    '/linked/secret.txt',
    '/.',
    '/./index.html',
    '/assets',
    '/assets/',
    '/constructor',
    '/%',
    '/%ff',
    'http://localhost/../secret.txt',
  ])('is answered with 404: %s', async (path) => {
    const outer = chatFolder({ 'secret.txt': 'secret' })
    const folder = join(outer, 'chat')
    mkdirSync(join(folder, 'assets'), { recursive: true })
    writeFileSync(join(folder, 'index.html'), indexHtml)
    symlinkSync(join(outer, 'secret.txt'), join(folder, 'link.txt'))
    symlinkSync(outer, join(folder, 'linked'))
    const { port } = await serve({ chatFolder: folder })
    const { status, text } = await ask(port, path)
    expect(status).toBe(404)
    expect(text).toMatch(/^nothing is here; there are: \/, /)
  })
})

describe('static files', () => {
  it('are compressed to what they were', async () => {
    const served = StaticFiles.read(chatFolder(files))
    const sent: Buffer[] = []
    const response = {
      setHeader: () => response,
      writeHead: () => response,
      end: (body: Buffer) => void sent.push(body),
    }
    const request = { headers: { 'accept-encoding': 'gzip' } }
    expect(served.serve('/assets/index-B3x9_k2Q.js', request as never, response as never)).toBe(true)
    expect(gunzipSync(sent[0] as Buffer).toString()).toBe(script)
  })
})
