import { createServer, type Server as HttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Clients } from './clients.ts'
import type { Core } from './core.ts'
import { type ResolvedEngineOptions, resolveEngineOptions } from './engine-options.ts'
import { Admission } from './guard/admission.ts'
import { Gate } from './guard/gate.ts'
import { PublishRates } from './guard/publish-rates.ts'
import { isSecure } from './handshake.ts'
import type { ResolvedOptions } from './options.ts'
import type { NamespacePort } from './protocols/client.ts'
import { QuietLog } from './quiet-log.ts'
import { SilentSockets } from './silent-sockets.ts'
import { Engine } from './transports/engine-io/engine.ts'
import { HttpApi } from './transports/http/http-api.ts'
import { PlainPaths, pathOf } from './transports/plain-paths.ts'
import { WebSocketUpgrades } from './transports/websocket-upgrades.ts'
import { type ResolvedConnectionOptions, resolveConnectionOptions } from './websocket/connection-options.ts'
import { refuseUpgrade } from './websocket/upgrade.ts'

const HEAD_TIMEOUT_MS = 10_000
const MAX_HEAD_BYTES = 16_384

/** The namespaces of a server; asked for by name, one that a pattern fits is made. */
export interface NamespaceTable {
  readonly names: readonly string[]
  get(name: string): NamespacePort | undefined
}

/** The HTTP server through which everybody comes in: an application's, or one of our own. */
export class HttpDoor {
  httpServer: HttpServer | undefined
  readonly #options: ResolvedOptions
  readonly #gate: Gate
  readonly #webSocket: WebSocketUpgrades | undefined
  readonly #api: HttpApi | undefined
  /** Where Socket.IO's clients are served. */
  readonly engine: Engine | undefined
  readonly #enginePrefix: string
  /** Where plain clients are whose WebSockets are blocked. */
  readonly #polling: Engine | undefined
  readonly #paths: PlainPaths
  readonly #namespaces: NamespaceTable
  /** A server that we made: nobody else wants its paths. */
  #own = false
  readonly #silent = new SilentSockets()
  /** Nobody may come in any more. */
  #closed = false

  constructor(options: ResolvedOptions, core: Core, clients: Clients, namespaces: NamespaceTable) {
    this.#options = options
    const refusals = new QuietLog(options.clock, (reason, untold) =>
      options.logger.warn({ reason, untold }, `refused: ${reason}`),
    )
    const gate = new Gate({
      ...(options.cors.origin === undefined ? undefined : { origin: options.cors.origin }),
      trustProxy: options.trustProxy,
      allowNull: options.allowNullOrigin,
      hosts: options.hosts,
      addressesAreHosts: options.addressesAreHosts,
      settings: options.settingNames,
      onRefused: (reason) => refusals.tell(reason),
    })
    this.#gate = gate
    const admission = new Admission({
      perAddress: options.perAddress,
      maxConnections: options.maxConnections,
      trustProxy: options.trustProxy,
      clock: options.clock,
      onUntrustedProxy: () => options.logger.warn({}, proxyHint(options.settingNames.trustProxy)),
    })
    this.#paths = pathsOf(options)
    this.#enginePrefix = `/${(options.path || '').replace(/^\/+|\/+$/g, '')}${options.addTrailingSlash ? '/' : ''}`
    this.#namespaces = namespaces
    const limits = limitsOf(options)
    const { heartbeat, flush } = core
    const { heartbeatMs, heartbeatTimeoutMs, maxPayloadBytes, clock } = options
    const shared = { gate, admission, limits, flush, clock }
    const engine = { ...shared, heartbeat, heartbeatMs, heartbeatTimeoutMs, maxPayloadBytes }
    if (options.plain !== false) {
      this.#webSocket = new WebSocketUpgrades({
        ...shared,
        paths: this.#paths,
        namespaces,
        allowRequest: options.engine.allowRequest,
        onConnection: (arrival) => clients.open(arrival, namespaces.get(arrival.namespace) as NamespacePort),
      })
      this.#polling = new Engine({
        ...engine,
        options: pollingOnly(options),
        onSession: (session) => {
          const name = this.#polledNamespace(session.handshake.url)
          clients.openPolling(session, namespaces.get(name as string) as NamespacePort)
        },
      })
    }
    if (options.path !== false) {
      this.engine = new Engine({
        ...engine,
        options: options.engine,
        onSession: (session) => clients.openSession(session),
      })
    }
    if (options.http !== false) {
      const publishRates = new PublishRates(options.clock)
      const path = options.http
      this.#api = new HttpApi({ core, options, gate, admission, publishRates, namespaces, path, clients })
    }
  }

  /** Whether a path is one of Socket.IO's clients: anything under it is. */
  #isEngines(url: string | undefined): boolean {
    return this.engine !== undefined && !this.#closed && url?.startsWith(this.#enginePrefix) === true
  }

  /** The namespace that a plain client polls: its path is under our prefix, Engine.IO's version in its query. */
  #polledNamespace(url = ''): string | undefined {
    if (this.#polling === undefined || this.#closed || !/[?&]EIO=/.test(url)) return undefined
    const path = pathOf(url)
    return path && this.#paths.namespaceOf(path, false)
  }

  /** Why a request may not come in by its `Host` and `Origin`, or by `Host` alone; undefined where it may. */
  refusalOf(request: IncomingMessage, by?: 'host'): string | undefined {
    const { rawHeaders, socket } = request
    return by === 'host' ? this.#gate.hostRefusalOf(rawHeaders) : this.#gate.refusalOf(rawHeaders, isSecure(socket))
  }

  /** Goes along with an application's server. */
  attach(server: HttpServer): void {
    if (typeof server === 'function' || typeof server?.on !== 'function') {
      throw new TypeError('attach wants an http.Server: for an Express application, pass http.createServer(app)')
    }
    if (this.httpServer !== undefined) throw new Error('this server is attached already')
    this.httpServer = server
    if (this.#webSocket !== undefined || this.engine !== undefined) server.on('upgrade', this.#onUpgrade) // else Node takes an upgrade for a request
    this.#goFirst(server)
  }

  /**
   * Upgrades under our prefix and requests under the HTTP API's path are taken before listeners see them, whoever came
   * first. Upgrades cannot be left to each other: a `WebSocketServer` of `ws` on the same server ends every one that is
   * not for its own path, and answers all of them without one.
   */
  #goFirst(server: HttpServer): void {
    const emit = server.emit
    const connected = 'setSecureContext' in server ? 'secureConnection' : 'connection'
    server.emit = ((event: string, ...args: unknown[]): boolean => {
      if (event === connected) this.#silent.add(args[0] as Socket)
      else if (event === 'upgrade') {
        if (this.#takeUpgrade(args[0] as IncomingMessage, args[1] as Duplex, args[2] as Buffer)) return true
      } else if (event === 'request') {
        if (this.#takeRequest(args[0] as IncomingMessage, args[1] as ServerResponse)) return true
      }
      return Reflect.apply(emit, server, [event, ...args])
    }) as HttpServer['emit']
  }

  #takeUpgrade(request: IncomingMessage, stream: Duplex, head: Buffer): boolean {
    this.#silent.delete(request.socket)
    if (this.#isEngines(request.url)) {
      this.engine?.handleUpgrade(request, stream, head)
      return true
    }
    return !this.#closed && this.#webSocket?.upgrade(request, stream, head, false) === true
  }

  #takeRequest(request: IncomingMessage, response: ServerResponse): boolean {
    this.#silent.delete(request.socket)
    if (this.#isEngines(request.url)) {
      this.engine?.handleRequest(request, response)
      return true
    }
    const namespace = this.#polledNamespace(request.url)
    if (namespace === undefined) return this.#api?.handle(request, response) === true
    if (this.#namespaces.get(namespace) === undefined) notFound(response, 'there is no such namespace here\n')
    else this.#polling?.handleRequest(request, response)
    return true
  }

  listen(port: number, host: string | undefined, onListening: (() => void) | undefined): void {
    this.#own = true
    const limits = {
      headersTimeout: HEAD_TIMEOUT_MS,
      requestTimeout: HEAD_TIMEOUT_MS,
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: MAX_HEAD_BYTES,
    }
    const server = createServer(limits, (_request, response) => {
      notFound(response, 'not found\n')
    })
    this.attach(server)
    server.listen({ port, ...(host === undefined ? undefined : { host }) }, onListening)
  }

  /** What is left: paths that are ours only while nobody else takes upgrades. */
  readonly #onUpgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    const alone = this.#own || this.httpServer?.listenerCount('upgrade') === 1
    if (!alone || this.#webSocket?.upgrade(request, stream, head, true)) return
    refuseUpgrade(stream, 404)
  }

  /**
   * Stops accepting, and waits for those who are there; who is not gone in time is cut off. WebSockets of others on the
   * same server are theirs: nobody waits for them longer than that.
   */
  async close(): Promise<Error | undefined> {
    const server = this.httpServer
    this.#closed = true
    this.#api?.close()
    if (server === undefined) return undefined
    server.off('upgrade', this.#onUpgrade)
    const { clock, closeTimeoutMs } = this.#options
    return new Promise((resolve) => {
      const timer = clock.setTimeout(() => {
        server.closeAllConnections()
        resolve(undefined)
      }, closeTimeoutMs)
      server.close((error) => {
        clock.clearTimeout(timer)
        resolve(error)
      })
      server.closeIdleConnections()
      this.#silent.end()
    })
  }
}

function notFound(response: ServerResponse, text: string): void {
  response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' }).end(text)
}

function pathsOf({ plain, path, http }: ResolvedOptions): PlainPaths {
  const { path: prefix, aliases = {} } = plain === false ? {} : plain
  return new PlainPaths({
    prefix: prefixOf(prefix ?? 'partyline'),
    prefixOnly: prefix !== undefined,
    aliases,
    reserved: [prefixOf(path || 'socket.io'), ...(http === false ? [] : [prefixOf(http)])],
  })
}

/** As the HTTP API's answers: whoever the gate lets in may read them. */
function pollingOnly({ cors, engine }: ResolvedOptions): ResolvedEngineOptions {
  const { compressFromBytes, allowRequest } = engine
  const options = { transports: ['polling'], allowUpgrades: false, serveClient: false, httpCompression: true } as const
  const resolved = resolveEngineOptions({ ...options, cors: { origin: true, credentials: cors.credentials === true } })
  return { ...resolved, compressFromBytes, allowRequest }
}

function limitsOf(options: ResolvedOptions): ResolvedConnectionOptions {
  const { maxPayloadBytes, closeTimeoutMs, messageTimeoutMs, maxControlFramesPerSecond, perMessageDeflate } = options
  return resolveConnectionOptions({
    maxPayloadBytes,
    closeTimeoutMs,
    messageTimeoutMs,
    maxControlFramesPerSecond,
    perMessageDeflate,
    clock: options.clock,
  })
}

function proxyHint(setting: string): string {
  return `a request came with X-Forwarded-For, which is not believed; if a proxy of yours is in front, set ${setting}`
}

/** With one slash at each end, which may be the same. */
function prefixOf(path: string): string {
  const name = path.replace(/^\/+|\/+$/g, '')
  return name === '' ? '/' : `/${name}/`
}
