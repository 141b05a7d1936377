import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { closeCodes, closeReason, errorCodes, type Mode, RequestError, subprotocol } from '@partyline/protocol'
import type { AllowRequest } from '../engine-options.ts'
import type { Flush } from '../flush.ts'
import type { Admission, Ticket } from '../guard/admission.ts'
import type { Gate } from '../guard/gate.ts'
import { factsOf, Handshake, isSecure } from '../handshake.ts'
import type { Connection } from '../websocket/connection.ts'
import type { ResolvedConnectionOptions } from '../websocket/connection-options.ts'
import { inspectUpgrade, type Upgrade } from '../websocket/handshake.ts'
import { holdUpgrade, openConnection, refuseUpgrade } from '../websocket/upgrade.ts'
import { type PlainPaths, pathOf } from './plain-paths.ts'

export interface WebSocketUpgradesOptions {
  readonly paths: PlainPaths
  readonly gate: Gate
  readonly admission: Admission
  readonly limits: ResolvedConnectionOptions
  readonly flush: Flush
  readonly clock: { date(): number }
  /** The namespaces there are; asked for by name, one that a pattern fits is made. */
  readonly namespaces: { readonly names: readonly string[]; get(name: string): object | undefined }
  /** Asked for every client that may come otherwise. */
  readonly allowRequest: AllowRequest | undefined
  /** A client has come. Its ticket is to be released when the connection has ended. */
  readonly onConnection: (arrival: Arrival) => void
}

/** A client that was let in. */
export interface Arrival {
  readonly connection: Connection
  readonly namespace: string
  readonly mode: Mode
  readonly handshake: Handshake
  readonly ticket: Ticket
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
    const { paths, gate, namespaces, limits, allowRequest } = this.#options
    const path = pathOf(request.url ?? '')
    const namespace = path === undefined ? undefined : paths.namespaceOf(path, alone)
    if (namespace === undefined && !(alone && path === undefined)) return false
    if (isAnswering(request.socket)) {
      holdUpgrade(stream)
      stream.destroy()
      return true
    }
    const asked = inspectUpgrade(request, limits.perMessageDeflate)
    if (!asked.accepted) refuseUpgrade(stream, asked.status, asked.body, asked.headers)
    else if (namespace === undefined) refuseUpgrade(stream, 400, 'the path cannot be read\n')
    else {
      const refusal = gate.refusalOf(request.rawHeaders, isSecure(request.socket))
      if (refusal !== undefined) refuseUpgrade(stream, 403, `${refusal}\n`)
      else if (namespaces.get(namespace) === undefined) {
        refuseUpgrade(stream, 404, `there is no such namespace here; there are: ${namespaces.names.join(', ')}\n`)
      } else if (asked.protocols.length > 0 && !asked.protocols.includes(subprotocol)) {
        refuseUpgrade(stream, 400, `the sub-protocol spoken here is ${subprotocol}; without one any text is welcome\n`)
      } else if (allowRequest === undefined) this.#admit(request, stream, head, namespace, asked)
      else this.#ask(allowRequest, request, stream, () => this.#admit(request, stream, head, namespace, asked))
    }
    return true
  }

  /** Who decides about requests decides about these too: a program that lets in by it lets nobody in past it. */
  #ask(allowRequest: AllowRequest, request: IncomingMessage, stream: Duplex, admit: () => void): void {
    holdUpgrade(stream)
    let isDecided = false
    allowRequest(request, (message, isAllowed) => {
      if (isDecided) return
      isDecided = true
      if (isAllowed) admit()
      else refuseUpgrade(stream, 403, `${message ?? 'forbidden'}\n`)
    })
  }

  #admit(request: IncomingMessage, stream: Duplex, head: Buffer, namespace: string, asked: Upgrade): void {
    const { admission, clock, onConnection } = this.#options
    const address = admission.addressOf(peerAddressOf(request.socket), request.rawHeaders)
    const mode = asked.protocols.length > 0 ? 'strict' : 'lenient'
    let ticket: Ticket
    try {
      ticket = admission.connection(address)
    } catch (error) {
      if (!(error instanceof RequestError)) throw error
      if (mode === 'lenient') refuseWith(stream, error)
      else
        this.#open(stream, head, asked)?.close(
          closeCodes.try_later.code,
          closeReason(error.message, error.retryAfterMs),
        )
      return
    }
    const connection = this.#open(stream, head, asked)
    if (connection === undefined) ticket.release()
    else {
      const handshake = new Handshake(factsOf(request, address), clock.date())
      onConnection({ connection, namespace, mode, handshake, ticket })
    }
  }

  #open(stream: Duplex, head: Buffer, { key, protocols, deflate }: Upgrade): Connection | undefined {
    const { limits, flush } = this.#options
    const protocol = protocols.length > 0 ? subprotocol : ''
    return openConnection(stream, head, { key, protocol, deflate, limits, flush })
  }
}

/**
 * An earlier request on the same connection is still being answered: an upgrade behind it is cut off, because that answer
 * would come to lie between our frames, and ours in it.
 */
function isAnswering(socket: Socket & { readonly _httpMessage?: object | null }): boolean {
  return socket._httpMessage != null
}

/** A socket remembers what it was asked for: an object and three fields, as long as it lives. */
function peerAddressOf(socket: Socket & { _peername?: object | undefined }): string {
  const address = socket.remoteAddress ?? ''
  if (Object.hasOwn(socket, '_peername')) socket._peername = undefined
  return address
}

/** A refusal that a client without our sub-protocol can read: its status, and when to come again. */
function refuseWith(stream: Duplex, { code, message, retryAfterMs = 1_000 }: RequestError): void {
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1_000))
  refuseUpgrade(stream, errorCodes[code].httpStatus, `${message}\n`, { 'Retry-After': `${seconds}` })
}
