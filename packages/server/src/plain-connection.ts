import { EventEmitter } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { ClientPort } from './protocols/client.ts'
import { requestOf } from './socket-request.ts'
import type { RawSocket } from './transports/engine-io/engine-socket.ts'

/** The connection of a plain client, in the shape of Engine.IO's: it is what it is, and tells nothing. */
export class PlainConnection extends EventEmitter implements RawSocket {
  readonly id: string
  /** No version of Engine.IO's. */
  readonly protocol = 0
  readonly upgrading = false
  readonly upgraded = false
  readonly #client: ClientPort

  /** The id is its socket's: it has no other. */
  constructor(client: ClientPort, id: string) {
    super()
    this.#client = client
    this.id = id
  }

  get readyState(): 'open' | 'closed' {
    return this.#client.outbox.alive ? 'open' : 'closed'
  }

  get transport(): RawSocket['transport'] {
    const { transportName: name, outbox } = this.#client
    return { name, writable: outbox.alive && outbox.unsentBytes === 0, protocol: 0 }
  }

  get remoteAddress(): string {
    return this.#client.handshake.address
  }

  get request(): IncomingMessage {
    return requestOf(this.#client, this.#client.handshake)
  }

  send(): this {
    throw new TypeError('a plain client has no messages of Engine.IO: say it by socket.send')
  }

  write(): this {
    return this.send()
  }

  close(): void {
    this.#client.disconnect('forced close', true)
  }
}
