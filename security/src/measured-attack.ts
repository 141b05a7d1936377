import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
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

const start = (script: string, ...args: string[]): ChildProcess =>
  fork(fileURLToPath(new URL(script, import.meta.url)), args, { execArgv: [] })

async function answerOf<T>(child: ChildProcess): Promise<T> {
  const [answer] = await once(child, 'message')
  return answer as T
}

function ask<T>(child: ChildProcess, order: string): Promise<T> {
  const answer = answerOf<T>(child)
  child.send(order)
  return answer
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const gone = once(child, 'exit')
  child.kill()
  await gone
}

/** A server and a client that is connected to it. */
class Pair {
  readonly port: number
  readonly #server: ChildProcess
  readonly #client: ChildProcess
  #heapBytes = 0

  private constructor(port: number, server: ChildProcess, client: ChildProcess) {
    this.port = port
    this.#server = server
    this.#client = client
  }

  static async start(): Promise<Pair> {
    const server = start('./server-process.mjs')
    const { port } = await answerOf<{ port: number }>(server)
    const client = start('./echo-process.mjs', String(port))
    await answerOf(client)
    return new Pair(port, server, client)
  }

  async measure(): Promise<void> {
    const { heapBytes } = await ask<{ heapBytes: number }>(this.#server, 'measure')
    this.#heapBytes = heapBytes
    this.#client.send('measure')
  }

  async tell(): Promise<Times & { heapGrowth: number; clients: number }> {
    const { echoes, slowestMs } = await ask<{ echoes: number; slowestMs: number }>(this.#client, 'tell')
    const server = await ask<{ heapBytes: number; blockedMs: number; clients: number }>(this.#server, 'tell')
    const { blockedMs, clients } = server
    return { echoes, slowestEchoMs: slowestMs, blockedMs, clients, heapGrowth: server.heapBytes / this.#heapBytes }
  }

  async end(): Promise<void> {
    await end(this.#client)
    await end(this.#server)
  }
}

/** Attacks once so that everything is compiled and every buffer has grown, and once more to be measured. */
export async function measuredAttack(attack: (attackers: Attackers) => Promise<void>): Promise<Costs> {
  const pairs = await Promise.all([Pair.start(), Pair.start()])
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
