import { createServer, type Server as HttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Clients } from './clients.ts'
import type { Core } from './core.ts'
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
import { PlainPaths } from './transports/plain-paths.ts'
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
    const limits = limitsOf(options)
    if (options.plain !== false) this.#webSocket = this.#upgrades(core, clients, namespaces, admission, limits)
    if (options.path !== false) this.engine = this.#engineOf(core, clients, admission, limits)
    if (options.http !== false) {
      const publishRates = new PublishRates(options.clock)
      const path = options.http
      this.#api = new HttpApi({ core, options, gate, admission, publishRates, namespaces, path, clients })
    }
  }

  #upgrades(
    core: Core,
    clients: Clients,
    namespaces: NamespaceTable,
    admission: Admission,
    limits: ResolvedConnectionOptions,
  ): WebSocketUpgrades {
    const options = this.#options
    const { path, aliases = {} } = options.plain === false ? {} : options.plain
    return new WebSocketUpgrades({
      paths: new PlainPaths({
        prefix: prefixOf(path ?? 'partyline'),
        prefixOnly: path !== undefined,
        aliases,
        reserved: [prefixOf(options.path || 'socket.io'), ...(options.http === false ? [] : [prefixOf(options.http)])],
      }),
      gate: this.#gate,
      admission,
      limits,
      flush: core.flush,
      clock: options.clock,
      namespaces,
      onConnection: (arrival) => clients.open(arrival, namespaces.get(arrival.namespace) as NamespacePort),
    })
  }

  #engineOf(core: Core, clients: Clients, admission: Admission, limits: ResolvedConnectionOptions): Engine {
    const { engine, heartbeatMs, heartbeatTimeoutMs, maxPayloadBytes, clock } = this.#options
    return new Engine({
      options: engine,
      gate: this.#gate,
      admission,
      heartbeat: core.heartbeat,
      heartbeatMs,
      heartbeatTimeoutMs,
      maxPayloadBytes,
      limits,
      flush: core.flush,
      clock,
      onSession: (session) => clients.openSession(session),
    })
  }

  /** Whether a path is one of Socket.IO's clients: anything under it is. */
  #isEngines(url: string | undefined): boolean {
    const { path, addTrailingSlash } = this.#options
    if (this.engine === undefined || path === false || this.#closed) return false
    const prefix = `/${path.replace(/^\/+|\/+$/g, '')}${addTrailingSlash ? '/' : ''}`
    return url?.startsWith(prefix) === true
  }

  /** Why a request may not come in by its `Host` and `Origin`; undefined where it may. */
  refusalOf(request: IncomingMessage): string | undefined {
    return this.#gate.refusalOf(request.rawHeaders, isSecure(request.socket))
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
        const [request, stream, head] = args as [IncomingMessage, Duplex, Buffer]
        this.#silent.delete(request.socket)
        if (this.#isEngines(request.url)) {
          this.engine?.handleUpgrade(request, stream, head)
          return true
        }
        if (!this.#closed && this.#webSocket?.upgrade(request, stream, head, false)) return true
      } else if (event === 'request') {
        const [request, response] = args as [IncomingMessage, ServerResponse]
        this.#silent.delete(request.socket)
        if (this.#isEngines(request.url)) {
          this.engine?.handleRequest(request, response)
          return true
        }
        if (this.#api?.handle(request, response)) return true
      }
      return Reflect.apply(emit, server, [event, ...args])
    }) as HttpServer['emit']
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
      response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' }).end('not found\n')
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
