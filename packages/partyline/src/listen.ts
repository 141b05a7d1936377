import type { Server as HttpServer } from 'node:http'
import { type AddressInfo, createServer, type Server as NetServer, type Socket as Stream } from 'node:net'
import { Server as TlsServer } from 'node:tls'

/** The port on one of the addresses could not be had; `code` is the system's (`EADDRINUSE`, `EACCES`, …). */
export class ListenError extends Error {
  readonly code: string
  readonly address: string
  readonly port: number

  constructor(code: string, address: string, port: number) {
    super(`cannot listen on port ${port} of ${address}: ${code}`)
    this.code = code
    this.address = address
    this.port = port
  }
}

export interface Listening {
  readonly port: number
  /** Stops taking streams from where the HTTP server itself does not, and ends those that are not gone in time. */
  close(timeoutMs: number): Promise<void>
}

const V4 = '127.0.0.1'
const V6 = '::1'
const TRIES_FOR_ONE_FREE_PORT = 20

/**
 * Lets the HTTP server listen. `localhost` means both of its addresses, where this machine has them: programs differ in
 * which one they try first, and a second server on the other one would take half of them away unseen. Port 0 is any
 * that is free.
 */
export async function listen(server: HttpServer, host: string, port: number): Promise<Listening> {
  if (host !== 'localhost') return { port: await listenOn(server, host, port), close: async () => {} }
  for (let tries = 1; ; tries++) {
    const found = await listenOn(server, V4, port)
    const second = new SecondAddress(server)
    try {
      await second.listen(found)
      return { port: found, close: (timeoutMs) => second.close(timeoutMs) }
    } catch (error) {
      await new Promise((resolve) => server.close(resolve))
      const isChance = port === 0 && error instanceof ListenError && error.code === 'EADDRINUSE'
      if (!isChance || tries === TRIES_FOR_ONE_FREE_PORT) throw error
    }
  }
}

function listenOn(server: NetServer, address: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void => {
      server.off('listening', onListening)
      reject(new ListenError(error.code ?? 'UNKNOWN', address, port))
    }
    const onListening = (): void => {
      server.off('error', onError)
      resolve((server.address() as AddressInfo).port)
    }
    server.once('error', onError).once('listening', onListening)
    server.listen({ host: address, port })
  })
}

/** Brings the streams of `::1` to an HTTP server that listens on 127.0.0.1: one server, so one of everything behind it. */
class SecondAddress {
  readonly #httpServer: HttpServer
  readonly #server: NetServer
  readonly #streams = new Set<Stream>()

  constructor(httpServer: HttpServer) {
    this.#httpServer = httpServer
    // as Node's servers for HTTP and for HTTPS set them for their own
    const allowHalfOpen = !(httpServer instanceof TlsServer)
    this.#server = createServer({ allowHalfOpen, noDelay: true }, (stream) => {
      this.#streams.add(stream)
      stream.once('close', () => this.#streams.delete(stream))
      httpServer.emit('connection', stream)
    })
  }

  async listen(port: number): Promise<void> {
    try {
      await listenOn(this.#server, V6, port)
    } catch (error) {
      const isMissing = error instanceof ListenError && ['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(error.code)
      if (!isMissing) throw error
    }
  }

  async close(timeoutMs: number): Promise<void> {
    if (!this.#server.listening) return
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#httpServer.closeIdleConnections()
    const timer = setTimeout(() => {
      for (const stream of this.#streams) stream.destroy()
    }, timeoutMs)
    await closed
    clearTimeout(timer)
  }
}
