import { EventEmitter } from 'node:events'
import type { Handshake } from './handshake.ts'

/** The connection of a plain client, in the shape of Engine.IO's: it is what it is, and tells nothing. */
export class PlainConnection extends EventEmitter {
  readonly transport: { readonly name: 'websocket' | 'polling' }
  readonly remoteAddress: string
  readonly upgraded = false

  constructor(client: { readonly transportName: 'websocket' | 'polling'; readonly handshake: Handshake }) {
    super()
    this.transport = { name: client.transportName }
    this.remoteAddress = client.handshake.address
  }
}
