import { createServer } from 'node:http'
import { type Logger, Server } from '@partyline/server'
import { echo, serveEcho } from './echo.ts'
import { healthOf, statsOf } from './health.ts'
import { httpApp } from './http-app.ts'
import { listen } from './listen.ts'
import { serveLobby } from './lobby.ts'
import { isLoopback } from './loopback.ts'
import { chatFolder } from './package.ts'
import { rooms } from './rooms.ts'
import { StaticFiles } from './static-files.ts'
import { type Urls, urlsOf } from './urls.ts'

export interface StandaloneOptions {
  /** Default 8080; 0 is any that is free. */
  readonly port?: number
  /** Where it listens. Default `localhost`: loopback, both of its addresses. */
  readonly host?: string
  /** Other names it goes by: `Host` is checked. */
  readonly hosts?: readonly string[]
  /** Origins whose pages may connect, beside its own. */
  readonly origins?: readonly string[]
  /** The chat's files. Default: those that were built into this package. */
  readonly chatFolder?: string
  readonly logger?: Logger
  /** How long it waits for the other side when it closes. Default 5,000. */
  readonly closeTimeoutMs?: number
}

/** A standalone server that listens. */
export interface Standalone {
  readonly urls: Urls
  /** Whether a page that was opened from a file may connect. */
  readonly allowsFiles: boolean
  /** How many are connected. */
  readonly clientCount: number
  /** Closes everybody with 1001, and resolves when they are gone. */
  close(): Promise<void>
}

/** Where the HTTP API is. */
const api = '/api'

/** Paths that people type, and what they mean. */
const aliases = { '/chat': '/', '/ws': '/' }

/** Who takes longer for the head of a request is gone (slowloris). Node looks only every 30 s unless told. */
const httpLimits = {
  headersTimeout: 10_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 16_384,
}

/** Starts what `partyline` serves. Rejects with a `ListenError` where the port cannot be had. */
export async function startStandalone(options: StandaloneOptions = {}): Promise<Standalone> {
  const { port = 8080, host = 'localhost', hosts = [], origins = [], closeTimeoutMs = 5_000, logger } = options
  const isLocal = isLoopback(host)
  const allowsFiles = isLocal && hosts.length === 0 && origins.length === 0

  const io = new Server({
    rooms,
    plain: { aliases },
    http: api,
    hosts: isAnyAddress(host) ? hosts : [...hosts, host],
    addressesAreHosts: !isLocal,
    settingNames: { origins: 'PARTYLINE_ORIGINS', hosts: 'PARTYLINE_HOSTS' },
    allowNullOrigin: allowsFiles,
    ...(origins.length === 0 ? undefined : { cors: { origin: origins } }),
    closeTimeoutMs,
    ...(logger === undefined ? undefined : { logger }),
  })
  serveLobby(io)
  serveEcho(io)

  const files = StaticFiles.read(options.chatFolder ?? chatFolder)
  const app = httpApp({
    files,
    documents: { '/health': healthOf, '/stats': () => statsOf(io) },
    webSocketPaths: [...Object.keys(aliases), echo, '/partyline/'],
    refusalOf: (request) => io.refusalOf(request),
  })
  const httpServer = createServer(httpLimits, app)
  io.attach(httpServer)
  const listening = await listen(httpServer, host, port)

  return {
    urls: urlsOf(host, listening.port, files.hasIndex),
    allowsFiles,
    get clientCount() {
      return io.stats.clients.total
    },
    async close() {
      await Promise.all([io.close(), listening.close(closeTimeoutMs)])
    },
  }
}

const isAnyAddress = (host: string): boolean => host === '0.0.0.0' || host === '::'
