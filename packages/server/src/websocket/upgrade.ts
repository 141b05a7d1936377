import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { Flush } from '../flush.ts'
import { Connection } from './connection.ts'
import {
  type ConnectionOptions,
  type ResolvedConnectionOptions,
  resolveConnectionOptions,
} from './connection-options.ts'
import type { DeflateAgreement } from './deflate-agreement.ts'
import { deflateDefaults } from './deflate-options.ts'
import {
  acceptHead,
  chooseProtocol,
  type Headers,
  headerLines,
  inspectUpgrade,
  type ProtocolChoice,
  type UpgradeHead,
} from './handshake.ts'
import { MessageDeflate } from './message-deflate.ts'

/** What {@link acceptUpgrade} may be told. */
export interface UpgradeOptions extends ConnectionOptions {
  /** Our sub-protocols in order of preference, or a function that chooses from those offered. Without it none is spoken. */
  readonly protocols?: ProtocolChoice | undefined
  /** More headers of the 101. */
  readonly headers?: Headers | undefined
}

/** What {@link openConnection} needs besides the stream: everything is decided. */
export interface OpenOptions {
  readonly key: string
  /** The sub-protocol that is spoken, or ''. */
  readonly protocol: string
  readonly headers?: Headers | undefined
  /** How messages may be compressed, as {@link inspectUpgrade} agreed on; without it none is. */
  readonly deflate?: DeflateAgreement | undefined
  readonly limits: ResolvedConnectionOptions
  readonly flush: Flush
}

/** How long the peer of a refused upgrade has to let go of the stream. */
const REFUSED_LINGER_MS = 5_000

/** Connections made without a flush of their own share one: the same turn's writes, the same count of reads. */
const sharedFlush = new Flush()

/**
 * Answers the `upgrade` event of a Node HTTP server: with a connection, or undefined where the handshake was refused
 * (the answer is written then) or the peer is gone.
 *
 * ```js
 * server.on('upgrade', (request, stream, head) => {
 *   const connection = acceptUpgrade(request, stream, head)
 *   if (connection) connection.onMessage = (data) => connection.send(data)
 * })
 * ```
 */
export function acceptUpgrade(
  request: UpgradeHead,
  stream: Duplex,
  head: Buffer,
  options: UpgradeOptions = {},
): Connection | undefined {
  const limits = resolveConnectionOptions(options)
  const upgrade = inspectUpgrade(request, limits.perMessageDeflate)
  if (!upgrade.accepted) {
    refuseUpgrade(stream, upgrade.status, upgrade.body, upgrade.headers)
    return undefined
  }
  return openConnection(stream, head, {
    key: upgrade.key,
    protocol: chooseProtocol(upgrade.protocols, options.protocols),
    headers: options.headers,
    deflate: upgrade.deflate,
    limits,
    flush: sharedFlush,
  })
}

/**
 * Writes the 101, and makes a connection of the stream. `head` is what Node read behind the request: the first frames.
 * Undefined where the peer is gone already.
 */
export function openConnection(stream: Duplex, head: Buffer, options: OpenOptions): Connection | undefined {
  const response = acceptHead(options.key, options.protocol, options.headers, options.deflate)
  if (!stream.writable || stream.destroyed) {
    holdUpgrade(stream)
    stream.destroy()
    return undefined
  }
  tuneSocket(stream)
  stream.write(response, 'latin1')
  // Before anybody listens: a stream that flows would hand it on within this call, and its owner would not see it.
  if (head.length > 0) stream.unshift(head)
  const { limits, flush, protocol } = options
  return new Connection(stream, limits, flush, { protocol, deflate: messageDeflate(options) })
}

/** Keeps the process alive when the peer of an upgrade goes before it was decided on: Node leaves such a stream without a listener. */
export function holdUpgrade(stream: Duplex): void {
  if (!stream.listeners('error').includes(destroyStream)) stream.on('error', destroyStream)
}

/** Answers an upgrade with an HTTP error and ends the stream. What the peer sends meanwhile is dropped; it may be gone. */
export function refuseUpgrade(
  stream: Duplex,
  status: number,
  body = `${STATUS_CODES[status] ?? 'Error'}\n`,
  headers: Headers = {},
): void {
  holdUpgrade(stream)
  if (!stream.writable || stream.destroyed) {
    stream.destroy()
    return
  }
  // A stream that is not read never notices the peer's FIN; one that is destroyed at once may lose the answer.
  stream.resume()
  const linger = setTimeout(() => stream.destroy(), REFUSED_LINGER_MS)
  stream.once('close', () => clearTimeout(linger))
  stream.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n${headerLines(headers)}\r\n${body}`,
  )
}

function messageDeflate({ deflate, limits }: OpenOptions): MessageDeflate | undefined {
  const { perMessageDeflate = deflateDefaults, maxPayloadBytes } = limits
  return deflate && new MessageDeflate(deflate, perMessageDeflate, maxPayloadBytes)
}

/** TCP sockets send at once, and an HTTP server's idle timeout is not the connection's. */
function tuneSocket(stream: Duplex): void {
  const socket = stream as Duplex & { setNoDelay?: (on: boolean) => void; setTimeout?: (ms: number) => void }
  socket.setNoDelay?.(true)
  socket.setTimeout?.(0)
}

function destroyStream(this: Duplex): void {
  this.destroy()
}
