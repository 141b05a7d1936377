import type { Transport } from '../hub/transport.ts'

/** Why a transport has ended, in the words Socket.IO's applications know. */
export type TransportEnd = 'transport close' | 'transport error' | 'ping timeout'

/** Who is told what comes over a transport. */
export interface TransportReceiver {
  onMessage(data: string | Buffer): void
  onWritable(): void
  /** The client will be answered for the last time: what is still to be said must be written now. */
  onEnding(): void
  /** It has ended, once. The client's close code, 1005 without one, 1006 where the line broke. */
  onClose(code: number, end: TransportEnd): void
  /** A handler has thrown; what this answers is told to the client. */
  onError(error: unknown): string
}

/** One ordered, two-way lane of messages to one client. */
export interface ClientTransport extends Transport {
  readonly name: 'websocket' | 'polling'
  /** To be set in the turn in which the transport is made. */
  receiver: TransportReceiver | undefined
  /** Keeps further messages back, beside what the outbox asks for: an answer is on its way. */
  hold(): void
  release(): void
}
