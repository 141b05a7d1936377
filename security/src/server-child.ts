import type { ServerOptions } from '@partyline/server'
import { onTestFinished } from 'vitest'
import { Child, type ChildOptions } from './child.ts'
import { Peer, type UpgradeRequest } from './peer.ts'

/** A server in a process of its own, that echoes; ended with the test. */
export class ServerChild {
  readonly port: number
  readonly child: Child
  readonly #peers: Peer[] = []

  private constructor(port: number, child: Child) {
    this.port = port
    this.child = child
  }

  static async start(options: ServerOptions = {}, limits: ChildOptions = {}): Promise<ServerChild> {
    const child = Child.start('./server-process.mjs', [JSON.stringify(options)], limits)
    onTestFinished(() => child.end())
    const { port } = await child.answer<{ port: number }>()
    const server = new ServerChild(port, child)
    onTestFinished(() => server.dropAll())
    return server
  }

  async tcp(): Promise<Peer> {
    return this.#note(await Peer.tcp(this.port))
  }

  async webSocket(request?: UpgradeRequest): Promise<Peer> {
    return this.#note(await Peer.webSocket(this.port, request))
  }

  async dropAll(): Promise<void> {
    await Promise.all(this.#peers.splice(0).map((peer) => peer.drop()))
  }

  #note(peer: Peer): Peer {
    this.#peers.push(peer)
    return peer
  }
}
