import { existsSync, readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'

const NAME = /^socket\.io(\.msgpack|\.esm)?(\.min)?\.js(\.map)?$/

/** How a file may be compressed, by its name in HTTP. */
const compressions: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  br: brotliCompressSync,
  gzip: gzipSync,
  deflate: deflateSync,
}

interface ClientPackage {
  readonly folder: string
  readonly version: string
}

/**
 * The stock client for browsers, `/socket.io/socket.io.js` and its like, as the application's own `socket.io-client` has
 * it. It is looked for where the process was started, when it is first asked for.
 */
export class ClientFiles {
  #package: ClientPackage | null | undefined
  /** By name and compression: a few files, read and compressed once. */
  readonly #bytes = new Map<string, Buffer>()

  /** Answers a request for such a file; false where the name is not one. */
  answer(name: string, request: IncomingMessage, response: ServerResponse): boolean {
    if (!NAME.test(name) || (request.method !== 'GET' && request.method !== 'HEAD')) return false
    this.#package ??= clientPackage()
    const file = this.#package && join(this.#package.folder, name)
    if (this.#package === null || file === null || !existsSync(file)) {
      say(response, 404, 'the client is served from socket.io-client: npm install it beside the server\n')
      return true
    }
    const etag = `"${this.#package.version}"`
    response.setHeader('Cache-Control', 'public, max-age=0')
    response.setHeader('ETag', etag)
    response.setHeader('Vary', 'Accept-Encoding')
    if ([etag, `W/${etag}`].includes(request.headers['if-none-match'] ?? '')) {
      response.writeHead(304).end()
      return true
    }
    const type = name.endsWith('.map') ? 'application/json' : 'application/javascript'
    const encoding = encodingFor(request)
    if (encoding !== undefined) response.setHeader('Content-Encoding', encoding)
    const bytes = this.#read(file, encoding)
    response.writeHead(200, { 'Content-Type': `${type}; charset=utf-8`, 'Content-Length': bytes.length }).end(bytes)
    return true
  }

  #read(file: string, encoding: string | undefined): Buffer {
    const key = `${encoding} ${file}`
    let bytes = this.#bytes.get(key)
    if (bytes === undefined) {
      const plain = readFileSync(file)
      bytes = encoding === undefined ? plain : (compressions[encoding] as (bytes: Buffer) => Buffer)(plain)
      this.#bytes.set(key, bytes)
    }
    return bytes
  }
}

function clientPackage(): ClientPackage | null {
  try {
    const file = createRequire(join(process.cwd(), 'application.js')).resolve('socket.io-client/package.json')
    const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string }
    return { folder: join(dirname(file), 'dist'), version }
  } catch {
    return null
  }
}

/** The first in the client's own list that we have. */
function encodingFor({ headers }: IncomingMessage): string | undefined {
  const accepted = `${headers['accept-encoding'] ?? ''}`.split(',')
  const names = accepted.flatMap((each) => {
    const [name = '', quality = ''] = each.split(';')
    return /q=0(\.0*)?\s*$/.test(quality) ? [] : [name.trim().toLowerCase()]
  })
  return names.find((name) => Object.hasOwn(compressions, name))
}

function say(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(text)
}
