import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type Mode, subprotocol } from '@partyline/protocol'
import type { Flush } from '../flush.ts'
import type { Gate } from '../guard/gate.ts'
import { factsOf, Handshake } from '../handshake.ts'
import type { Connection } from '../websocket/connection.ts'
import type { ResolvedConnectionOptions } from '../websocket/connection-options.ts'
import { inspectUpgrade } from '../websocket/handshake.ts'
import { openConnection, refuseUpgrade } from '../websocket/upgrade.ts'
import { type PlainPaths, pathOf } from './plain-paths.ts'

export interface WebSocketUpgradesOptions {
  readonly paths: PlainPaths
  readonly gate: Gate
  readonly limits: ResolvedConnectionOptions
  readonly flush: Flush
  readonly clock: { date(): number }
  /** The names of the namespaces there are. */
  readonly namespaces: () => readonly string[]
  /** A client has come. */
  readonly onConnection: (connection: Connection, namespace: string, mode: Mode, handshake: Handshake) => void
}

/** Plain clients that come over WebSocket: whether an upgrade is ours, may come in, and what it is spoken to in. */
export class WebSocketUpgrades {
  readonly #options: WebSocketUpgradesOptions

  constructor(options: WebSocketUpgradesOptions) {
    this.#options = options
  }

  /**
   * Answers an upgrade; false where it is not ours. `alone`: no other listener takes upgrades on this server. Only what
   * a browser may be told before the 101 is refused here: the rest comes as a message and a close code it can see.
   */
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer, alone: boolean): boolean {
    const { paths, gate, namespaces } = this.#options
    const path = pathOf(request.url ?? '')
    const namespace = path === undefined ? undefined : paths.namespaceOf(path, alone)
    if (namespace === undefined && !(alone && path === undefined)) return false
    const asked = inspectUpgrade(request)
    if (!asked.accepted) refuseUpgrade(stream, asked.status, asked.body, asked.headers)
    else if (namespace === undefined) refuseUpgrade(stream, 400, 'the path cannot be read\n')
    else {
      const refusal = gate.refusalOf(request.rawHeaders)
      if (refusal !== undefined) refuseUpgrade(stream, 403, `${refusal}\n`)
      else if (!namespaces().includes(namespace)) {
        refuseUpgrade(stream, 404, `there is no such namespace here; there are: ${namespaces().join(', ')}\n`)
      } else if (asked.protocols.length > 0 && !asked.protocols.includes(subprotocol)) {
        refuseUpgrade(stream, 400, `the sub-protocol spoken here is ${subprotocol}; without one any text is welcome\n`)
      } else this.#open(request, stream, head, namespace, asked.key, asked.protocols.length > 0)
    }
    return true
  }

  #open(request: IncomingMessage, stream: Duplex, head: Buffer, namespace: string, key: string, strict: boolean): void {
    const { limits, flush, clock, onConnection } = this.#options
    const facts = factsOf(request)
    const protocol = strict ? subprotocol : ''
    const connection = openConnection(stream, head, { key, protocol, limits, flush })
    if (connection === undefined) return
    const handshake = new Handshake(facts, clock.date())
    onConnection(connection, namespace, strict ? 'strict' : 'lenient', handshake)
  }
}
