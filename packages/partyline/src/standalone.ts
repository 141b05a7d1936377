import { createServer } from 'node:http'
import { Server } from '@partyline/server'
import type { CertificateFacts } from './certificate.ts'
import { echo, serveEcho } from './echo.ts'
import { healthOf, statsOf } from './health.ts'
import { httpApp } from './http-app.ts'
import { listen } from './listen.ts'
import { serveLobby } from './lobby.ts'
import { isLoopback } from './loopback.ts'
import { chatFolder } from './package.ts'
import { rooms } from './rooms.ts'
import { StaticFiles } from './static-files.ts'
import { Tls, type TlsLog, type TlsOptions, type TlsTimes } from './tls.ts'
import { addresses, type Urls, urlsOf } from './urls.ts'

export interface StandaloneOptions {
  /** Default 8080; 0 is any that is free. */
  readonly port?: number
  /** Where it listens. Default `localhost`: loopback, both of its addresses. */
  readonly host?: string
  /** Other names it goes by: `Host` is checked. */
  readonly hosts?: readonly string[]
  /** Origins whose pages may connect, beside its own. */
  readonly origins?: readonly string[]
  /** A proxy of ours stands in front and says in `X-Forwarded-Host` and `X-Forwarded-For` who asked for what. */
  readonly trustProxy?: boolean
  /** The chat's files. Default: those that were built into this package. */
  readonly chatFolder?: string
  readonly logger?: TlsLog
  /** Where TLS is spoken: `https` and `wss` in place of `http` and `ws`. */
  readonly tls?: TlsOptions
  readonly tlsTimes?: Partial<TlsTimes>
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
  /** The one that new connections get; undefined without TLS. */
  readonly certificate: CertificateFacts | undefined
  /** Reads the certificate's files again; undefined where there are none. A pair that is not good is logged, and changes nothing. */
  readonly reloadCertificate: (() => void) | undefined
  /** Closes everybody with 1001, and resolves when they are gone. */
  close(): Promise<void>
}

/** Where the HTTP API is. */
const api = '/api'

/**
 * Pages of this machine, those opened from a file too. While nothing is configured they may come in, and Socket.IO's
 * polling has to tell browsers so.
 */
const thisMachine = [
  /^https?:\/\/([^/]+\.)?localhost(:\d+)?$/i,
  /^https?:\/\/127(\.\d+){3}(:\d+)?$/,
  /^https?:\/\/\[::1\](:\d+)?$/,
  'null',
]

/** Paths that people type, and what they mean. */
const aliases = { '/chat': '/', '/ws': '/' }

/** Who takes longer for the head of a request is gone (slowloris). Node looks only every 30 s unless told. */
const httpLimits = {
  headersTimeout: 10_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 16_384,
}

/** Starts what `partyline` serves. Rejects with a `ListenError` where the port cannot be had, with a `CertificateError` where a certificate is not good. */
export async function startStandalone(options: StandaloneOptions = {}): Promise<Standalone> {
  const { port = 8080, host = 'localhost', hosts = [], origins = [], closeTimeoutMs = 5_000, logger } = options
  const isLocal = isLoopback(host)
  const allowsFiles = isLocal && hosts.length === 0 && origins.length === 0

  const io = new Server({
    rooms,
    plain: { aliases },
    http: api,
    roomRequests: true,
    connectionStateRecovery: true,
    hosts: isAnyAddress(host) ? hosts : [...hosts, host],
    addressesAreHosts: !isLocal,
    settingNames: { origins: 'PARTYLINE_ORIGINS', hosts: 'PARTYLINE_HOSTS', trustProxy: 'PARTYLINE_TRUST_PROXY=1' },
    trustProxy: options.trustProxy === true,
    rates: { messages: '100 per second, burst 200' },
    allowNullOrigin: allowsFiles,
    ...(allowsFiles || origins.length > 0 ? { cors: { origin: allowsFiles ? thisMachine : origins } } : undefined),
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
    refusalOf: (request, by) => io.refusalOf(request, by),
  })
  const tls = await openTls(options, io.options.logger)
  const httpServer = tls === undefined ? createServer(httpLimits, app) : tls.createServer(httpLimits, app)
  io.attach(httpServer)
  const listening = await listen(httpServer, host, port).catch(async (error: unknown) => {
    await tls?.close(0)
    throw error
  })

  return {
    urls: urlsOf(host, listening.port, files.hasIndex, tls !== undefined),
    allowsFiles,
    get clientCount() {
      return io.stats.clients.total
    },
    get certificate() {
      return tls?.facts
    },
    reloadCertificate: tls?.hasFiles === true ? () => tls.reload() : undefined,
    async close() {
      await Promise.all([io.close(), listening.close(closeTimeoutMs), tls?.close(closeTimeoutMs)])
    },
  }
}

/** TLS as the options say. A certificate that is made is made for every name by which the server may be asked for. */
async function openTls(options: StandaloneOptions, logger: TlsLog): Promise<Tls | undefined> {
  const { tls, tlsTimes, host = 'localhost', hosts = [] } = options
  if (tls === undefined) return undefined
  const own = isAnyAddress(host) ? addresses() : [host]
  return Tls.open(tls, ['localhost', '127.0.0.1', '::1', ...own, ...hosts], logger, tlsTimes)
}

const isAnyAddress = (host: string): boolean => host === '0.0.0.0' || host === '::'
