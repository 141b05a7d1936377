import { readFileSync } from 'node:fs'
import { createServer, get, type IncomingMessage } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Server } from '../src/index.ts'
import { serve } from './served.ts'
import { connect } from './test-client.ts'

const require = createRequire(import.meta.url)
const manifest = require.resolve('socket.io-client/package.json')
const { version } = require(manifest) as { version: string }
const fileOf = (name: string): Buffer => readFileSync(join(dirname(manifest), 'dist', name))

/** An answer as it came, not decompressed. */
function ask(url: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    get(url.replace('ws:', 'http:'), { headers, method, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }),
      )
    }).on('error', reject)
  })
}

interface Answer {
  readonly status: number | undefined
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

const names = ['socket.io.js', 'socket.io.min.js', 'socket.io.esm.min.js', 'socket.io.msgpack.min.js']

describe('the stock client for browsers', () => {
  it.each(names)('is served as %s, with its map', async (name) => {
    const { url } = await serve()
    const script = await ask(`${url}/socket.io/${name}`)
    expect([script.status, script.body.equals(fileOf(name))]).toEqual([200, true])
    expect(script.headers).toMatchObject({
      'content-type': 'application/javascript; charset=utf-8',
      'cache-control': 'public, max-age=0',
      etag: `"${version}"`,
      'content-length': `${fileOf(name).length}`,
    })
    const map = await ask(`${url}/socket.io/${name}.map`)
    expect([map.status, map.body.equals(fileOf(`${name}.map`))]).toEqual([200, true])
    expect(map.headers['content-type']).toBe('application/json; charset=utf-8')
  })

  it('is served whatever the query is, and under another path', async () => {
    const { url } = await serve({ path: '/other' })
    expect((await ask(`${url}/other/socket.io.js?v=1`)).status).toBe(200)
    expect((await ask(`${url}/socket.io/socket.io.js`)).status).toBe(404)
  })

  it.each([
    ['', undefined, (bytes: Buffer) => bytes],
    ['gzip, br, deflate', 'gzip', gunzipSync],
    ['br', 'br', brotliDecompressSync],
    ['deflate;q=0.5', 'deflate', inflateSync],
    ['br;q=0, gzip;q=0.1', 'gzip', gunzipSync],
    ['br;q=0.0', undefined, (bytes: Buffer) => bytes],
    ['constructor, zstd', undefined, (bytes: Buffer) => bytes],
  ])('is compressed as the client that accepts "%s" has it', async (accepted, encoding, decode) => {
    const { url } = await serve()
    for (let times = 0; times < 2; times++) {
      const { headers, body } = await ask(`${url}/socket.io/socket.io.js`, { 'accept-encoding': accepted })
      expect([headers['content-encoding'], headers.vary]).toEqual([encoding, 'Accept-Encoding'])
      expect(Number(headers['content-length'])).toBe(body.length)
      expect(decode(body).equals(fileOf('socket.io.js'))).toBe(true)
    }
  })

  it.each([
    [`"${version}"`, 304],
    [`W/"${version}"`, 304],
    ['"another"', 200],
  ])('is not sent again to who has %s', async (etag, status) => {
    const { url } = await serve()
    const answer = await ask(`${url}/socket.io/socket.io.js`, { 'if-none-match': etag })
    expect([answer.status, answer.body.length === 0, answer.headers.etag]).toEqual([
      status,
      status === 304,
      `"${version}"`,
    ])
  })

  it('answers HEAD without a body', async () => {
    const { url } = await serve()
    const { status, headers, body } = await ask(`${url}/socket.io/socket.io.js`, {}, 'HEAD')
    expect([status, body.length]).toEqual([200, 0])
    expect(headers['content-length']).toBe(`${fileOf('socket.io.js').length}`)
  })

  it('may be read by pages of other origins where they may come in', async () => {
    const { url } = await serve({ cors: { origin: 'https://page.example' } })
    const { headers } = await ask(`${url}/socket.io/socket.io.js`, { origin: 'https://page.example' })
    expect(headers['access-control-allow-origin']).toBe('https://page.example')
  })

  it.each(['unknown.js', 'socket.io.unknown.js', 'package.json', '..%2Fpackage.json', 'socket.io.js.map.map', ''])(
    'is nothing else: "%s" is a request for Engine.IO',
    async (name) => {
      const { url } = await serve()
      const { status, body } = await ask(`${url}/socket.io/${name}`)
      expect([status, body.toString()]).toEqual([400, '{"code":0,"message":"Transport unknown"}'])
    },
  )

  it('answers 404 with what to do for a file that its version has not', async () => {
    const { url } = await serve()
    const { status, body } = await ask(`${url}/socket.io/socket.io.esm.js`)
    expect(status).toBe(404)
    expect(body.toString()).toContain('npm install')
  })

  it('is not served with serveClient: false', async () => {
    const { io, url } = await serve({ serveClient: false })
    expect((await ask(`${url}/socket.io/socket.io.js`)).status).toBe(400)
    expect(io.serveClient()).toBe(false)
  })

  it('leaves other paths of the same server to the application', async () => {
    const server = createServer((_request, response) => response.end('mine'))
    const io = new Server(server)
    onTestFinished(() => io.close())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    expect((await ask(`${url}/socket.io.js`)).body.toString()).toBe('mine')
    expect((await ask(`${url}/socket.io/socket.io.js`)).body.equals(fileOf('socket.io.js'))).toBe(true)
    const plain = await connect(`${url.replace('http:', 'ws:')}/partyline/`)
    expect(plain.socket.readyState).toBe(1)
  })
})
