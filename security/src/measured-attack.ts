import type { ServerOptions } from '@partyline/server'
import { Child } from './child.ts'
import { Peer, type UpgradeRequest } from './peer.ts'

/** What a server and its healthy client, each in a process of its own, have seen of an attack. */
export interface Times {
  readonly echoes: number
  readonly slowestEchoMs: number
  /** The longest turn of the server's loop, in time of the processor. */
  readonly blockedMs: number
}

/** The server under attack, and its twin beside it that nobody attacks: what befalls both is the machine's doing. */
export interface Costs {
  readonly attacked: Times
  readonly spared: Times
  /** 1.05 is five percent. */
  readonly heapGrowth: number
  /** Who is connected when the attack is over. */
  readonly clients: number
}

/** Attackers know the port and nothing else. */
export interface Attackers {
  readonly port: number
  webSockets(count: number, request?: UpgradeRequest): Promise<Peer[]>
}

/** Between an echo and the next that is asked for; where messages have a rate, within it. */
const PACE_MS = 2
const RATED_PACE_MS = 20

/** A server and a client that is connected to it. */
class Pair {
  readonly port: number
  readonly #server: Child
  readonly #client: Child
  #heapBytes = 0

  private constructor(port: number, server: Child, client: Child) {
    this.port = port
    this.#server = server
    this.#client = client
  }

  static async start(options: ServerOptions): Promise<Pair> {
    const server = Child.start('./server-process.mjs', [JSON.stringify(options)])
    const { port } = await server.answer<{ port: number }>()
    const client = Child.start('./echo-process.mjs', [
      `${port}`,
      `${options.rates === undefined ? PACE_MS : RATED_PACE_MS}`,
    ])
    await client.answer()
    return new Pair(port, server, client)
  }

  async measure(): Promise<void> {
    const { heapBytes } = await this.#server.ask<{ heapBytes: number }>('measure')
    this.#heapBytes = heapBytes
    this.#client.tell('measure')
  }

  async tell(): Promise<Times & { heapGrowth: number; clients: number }> {
    const { echoes, slowestMs } = await this.#client.ask<{ echoes: number; slowestMs: number }>('tell')
    const server = await this.#server.ask<{ heapBytes: number; blockedMs: number; clients: number }>('tell')
    const { blockedMs, clients } = server
    return { echoes, slowestEchoMs: slowestMs, blockedMs, clients, heapGrowth: server.heapBytes / this.#heapBytes }
  }

  async end(): Promise<void> {
    await this.#client.end()
    await this.#server.end()
  }
}

/** Attacks once so that everything is compiled and every buffer has grown, and once more to be measured. */
export async function measuredAttack(
  attack: (attackers: Attackers) => Promise<void>,
  options: ServerOptions = {},
): Promise<Costs> {
  const pairs = await Promise.all([Pair.start(options), Pair.start(options)])
  const [target, twin] = pairs
  try {
    await attackOnce(target.port, attack)
    await Promise.all(pairs.map((pair) => pair.measure()))
    await attackOnce(target.port, attack)
    const [attacked, spared] = await Promise.all([target.tell(), twin.tell()])
    return { attacked, spared, heapGrowth: attacked.heapGrowth, clients: attacked.clients }
  } finally {
    await Promise.all(pairs.map((pair) => pair.end()))
  }
}

async function attackOnce(port: number, attack: (attackers: Attackers) => Promise<void>): Promise<void> {
  const peers: Peer[] = []
  const webSockets = async (count: number, request: UpgradeRequest = {}): Promise<Peer[]> => {
    const made: Peer[] = []
    for (let at = 0; at < count; at += 25) {
      const some = Array.from({ length: Math.min(25, count - at) }, () => Peer.webSocket(port, request))
      made.push(...(await Promise.all(some)))
    }
    peers.push(...made)
    return made
  }
  await attack({ port, webSockets })
  await Promise.all(peers.map((peer) => peer.drop()))
}
