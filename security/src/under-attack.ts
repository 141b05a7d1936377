import type { Server as HttpServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { Server, type ServerOptions } from '@partyline/server'
import { expect } from 'vitest'
import { excess, type Footing, footingOf, lowest, resources } from './footing.ts'
import { HealthyClient } from './healthy-client.ts'
import { Ledger, type LogLine } from './ledger.ts'
import { Peer, type UpgradeRequest } from './peer.ts'
import { until } from './until.ts'

/** Attackers put it wherever they may: it must turn up in no log line. */
export const mark = 'eViL-bYtEs'

/** A server that is being attacked, and those who attack it. */
export class Target {
  readonly io: Server
  readonly port: number
  readonly healthy: HealthyClient
  readonly #ledger: Ledger
  readonly #peers: Peer[] = []

  constructor(io: Server, port: number, ledger: Ledger, healthy: HealthyClient) {
    this.io = io
    this.port = port
    this.healthy = healthy
    this.#ledger = ledger
  }

  get log(): readonly LogLine[] {
    return this.#ledger.log
  }

  /** The server's ends of all connections. */
  get sockets(): ReadonlySet<Socket> {
    return this.#ledger.sockets
  }

  /** Connections beside the healthy client's. */
  get attackers(): number {
    return this.#ledger.sockets.size - 1
  }

  async tcp(): Promise<Peer> {
    return this.#note(await Peer.tcp(this.port))
  }

  /** An attacker whose upgrade was answered, with whatever status. */
  async asking(request?: UpgradeRequest): Promise<Peer> {
    return this.#note(await Peer.asking(this.port, request))
  }

  /** An attacker on an open WebSocket. */
  async webSocket(request?: UpgradeRequest): Promise<Peer> {
    return this.#note(await Peer.webSocket(this.port, request))
  }

  /** Many of them, a handful at a time. */
  async webSockets(count: number, request?: UpgradeRequest): Promise<Peer[]> {
    const peers: Peer[] = []
    while (peers.length < count) {
      const some = Math.min(25, count - peers.length)
      peers.push(...(await Promise.all(Array.from({ length: some }, () => this.webSocket(request)))))
    }
    return peers
  }

  /** Waits until the server has let go of every attacker, whatever they do. */
  left(): Promise<void> {
    return until(() => this.attackers === 0, 'the server has let go of its attackers')
  }

  /** All say goodbye: no session waits for its client. */
  async leaveAll(): Promise<void> {
    await Promise.all(this.#peers.map((peer) => peer.leave()))
    await this.dropAll()
  }

  async dropAll(): Promise<void> {
    await Promise.all(this.#peers.splice(0).map((peer) => peer.drop()))
  }

  #note(peer: Peer): Peer {
    this.#peers.push(peer)
    return peer
  }
}

/** What a row expects besides what all rows have in common. */
export interface Expectations {
  /** Lines at level `error` are our own faults: none, unless a row is about them. */
  readonly errors?: number
  /** How many seconds pass for the server in one of ours, where a row waits for its defaults. Default 1. */
  readonly speed?: number
  /** Where the healthy client comes in. Default `/`. */
  readonly healthyPath?: string
}

/**
 * Attacks a server with these options, and sees to what holds in every row: a healthy client that was there before gets its
 * echo throughout, what the server and the process hold is afterwards what it was before, nobody is warned of anything, and
 * the log has not a byte of the attacker's. Times are another matter: attackers and server share a thread here.
 */
export async function underAttack(
  options: ServerOptions,
  attack: (target: Target) => Promise<void>,
  { errors = 0, speed = 1, healthyPath = '/' }: Expectations = {},
): Promise<void> {
  const warnings: Error[] = []
  const onWarning = (warning: Error): void => void warnings.push(warning)
  process.on('warning', onWarning)
  const before = resources()
  const ledger = new Ledger(speed)
  const io = await listening({ logger: ledger.logger, clock: ledger.clock, ...options }, ledger)
  try {
    const { port } = (io.httpServer as HttpServer).address() as AddressInfo
    const healthy = await HealthyClient.connect(port, healthyPath)
    const target = new Target(io, port, ledger, healthy)
    try {
      await attackOnce(target, ledger, attack)
    } finally {
      await target.dropAll()
      await healthy.stop()
      await healthy.peer.drop()
    }
  } finally {
    await io.close()
    process.off('warning', onWarning)
  }
  await settled(before, resources, 'the server is closed')
  expect(warnings).toEqual([])
  expect(ledger.log.filter(({ level }) => level === 'error')).toHaveLength(errors)
  expect(JSON.stringify(ledger.log)).not.toContain(mark)
}

async function listening(options: ServerOptions, ledger: Ledger): Promise<Server> {
  const io = new Server(options)
  io.on('connection', (socket) => {
    socket.on('message', (data) => socket.send(typeof data === 'string' ? `Echo: ${data}` : data))
  })
  await new Promise<void>((resolve) => io.listen(0, '127.0.0.1', resolve))
  ledger.watch(io)
  return io
}

async function attackOnce(target: Target, ledger: Ledger, attack: (target: Target) => Promise<void>): Promise<void> {
  const { io, healthy } = target
  const before = await calmFooting(io, ledger)
  await attack(target)
  await healthy.echo()
  await target.dropAll()
  await settled(before, () => footingOf(io, ledger), 'the attack is over')
  await healthy.echo()
  expect(io.stats.clients.total).toBe(1)
}

/** Waits until nothing is held that was not held before. */
async function settled(before: Footing, now: () => Footing, when: string): Promise<void> {
  let left: string[] = []
  const isSettled = (): boolean => {
    left = excess(before, now())
    return left.length === 0
  }
  await until(isSettled, `nothing is left when ${when}`).catch((error: Error) => {
    throw new Error(`${error.message}: ${left.join(', ')}`)
  })
}

/** Footings of several turns, and the lowest of all: the tests' own timers come and go. */
async function calmFooting(io: Server, ledger: Ledger): Promise<Footing> {
  let footing = footingOf(io, ledger)
  for (let turn = 0; turn < 10; turn++) {
    await delay(2)
    footing = lowest(footing, footingOf(io, ledger))
  }
  return footing
}
