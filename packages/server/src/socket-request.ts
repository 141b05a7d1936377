import type { IncomingMessage } from 'node:http'
import type { Handshake } from './handshake.ts'

const requests = new WeakMap<object, SocketRequest>()

/** The request of a connection: always the same one, because middlewares put something on it and look for it later. */
export function requestOf(connection: object, handshake: Handshake): IncomingMessage {
  let request = requests.get(connection)
  if (request === undefined) {
    request = new SocketRequest(handshake)
    requests.set(connection, request)
  }
  return request as object as IncomingMessage // so that programs find the fields they have declared for it
}

/** The request a client came with, as far as applications look at it. The real one is let go of: it is 4 KB. */
export class SocketRequest {
  readonly method: string
  readonly #handshake: Handshake

  constructor(handshake: Handshake) {
    this.method = handshake.method
    this.#handshake = handshake
  }

  get url(): string {
    return this.#handshake.url
  }

  get headers(): Handshake['headers'] {
    return this.#handshake.headers
  }

  /** What people read of `request.socket` and `request.connection`. */
  get socket(): { readonly remoteAddress: string; readonly encrypted: boolean } {
    return { remoteAddress: this.#handshake.address, encrypted: this.#handshake.secure }
  }

  get connection(): { readonly remoteAddress: string; readonly encrypted: boolean } {
    return this.socket
  }
}
