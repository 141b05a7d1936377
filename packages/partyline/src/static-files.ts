import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname, join, relative, sep } from 'node:path'
import { gzipSync } from 'node:zlib'

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
}

/** Compressed already, or too small to gain. */
const incompressible = new Set(['.ico', '.png', '.woff2'])
const MIN_COMPRESSED_BYTES = 1_024

/** What a build has named after its content: `assets/index-B3x9_k2Q.js`. */
const HASHED = /^\/assets\/.+-[\w-]{8}\.\w+$/

interface StaticFile {
  readonly type: string
  readonly cacheControl: string
  readonly etag: string
  readonly bytes: Buffer
  readonly gzipped: Buffer | undefined
}

/**
 * The files of a folder as they were at the start, held in memory: no path of a request ever reaches the disk, and a
 * build that replaces the folder does not mix its files with those of a page that is open.
 */
export class StaticFiles {
  readonly #files: ReadonlyMap<string, StaticFile>

  constructor(files: ReadonlyMap<string, StaticFile>) {
    this.#files = files
  }

  /** Reads the folder; one that is not there is empty. Links are not followed: they may lead out of it. */
  static read(folder: string): StaticFiles {
    const files = new Map<string, StaticFile>()
    for (const file of existsSync(folder) ? filesIn(folder) : []) {
      const path = `/${relative(folder, file).split(sep).join('/')}`
      files.set(path, staticFile(path, readFileSync(file)))
    }
    const index = files.get('/index.html')
    if (index !== undefined) files.set('/', index)
    return new StaticFiles(files)
  }

  /** Whether there is a page to open. */
  get hasIndex(): boolean {
    return this.#files.has('/')
  }

  has(path: string): boolean {
    return this.#files.has(path)
  }

  /** Answers where there is such a file; false where there is none. The path is taken letter by letter. */
  serve(path: string, { headers }: IncomingMessage, response: ServerResponse): boolean {
    const file = this.#files.get(path)
    if (file === undefined) return false
    const { type, cacheControl, etag, bytes, gzipped } = file
    response.setHeader('Cache-Control', cacheControl)
    response.setHeader('ETag', etag)
    if (gzipped !== undefined) response.setHeader('Vary', 'Accept-Encoding')
    if (isKnown(headers['if-none-match'], etag)) {
      response.writeHead(304).end()
      return true
    }
    const isGzipped = gzipped !== undefined && takesGzip(headers['accept-encoding'])
    const body = isGzipped ? gzipped : bytes
    if (isGzipped) response.setHeader('Content-Encoding', 'gzip')
    response.writeHead(200, { 'Content-Type': type, 'Content-Length': body.length }).end(body)
    return true
  }
}

/** Every file in the folder and those in it. Node's own recursive reading follows links to folders from 22 on. */
function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return filesIn(path)
    return entry.isFile() ? [path] : []
  })
}

function staticFile(path: string, bytes: Buffer): StaticFile {
  const extension = extname(path)
  const isCompressed = bytes.length >= MIN_COMPRESSED_BYTES && !incompressible.has(extension)
  return {
    type: types[extension] ?? 'application/octet-stream',
    cacheControl: HASHED.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache',
    // weak: the compressed one has the same
    etag: `W/"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`,
    bytes,
    gzipped: isCompressed ? gzipSync(bytes) : undefined,
  }
}

/** RFC 9110 section 13.1.2, by the weak comparison. */
function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false
  return ifNoneMatch.split(',').some((each) => each.trim() === '*' || each.trim().replace(/^(?!W\/)/, 'W/') === etag)
}

function takesGzip(acceptEncoding: string | string[] | undefined): boolean {
  return String(acceptEncoding ?? '')
    .split(',')
    .some((each) => /^\s*gzip\s*(;\s*q=(0\.\d*[1-9]|1(\.0*)?)\s*)?$/i.test(each))
}
