import type { Transport } from '../hub/transport.ts'

/** Why a transport has ended, in the words Socket.IO's applications know. */
export type TransportEnd = 'transport close' | 'transport error' | 'ping timeout'

/** One ordered, two-way lane of messages to one client. Whoever it is given to assigns the `on…` fields in the same turn. */
export interface ClientTransport extends Transport {
  readonly name: 'websocket' | 'polling'
  onMessage: (data: string | Buffer) => void
  onWritable: () => void
  /** The client will be answered for the last time: what is still to be said must be written now. */
  onEnding: () => void
  /** It has ended, once. The client's close code, 1005 without one, 1006 where the line broke. */
  onClose: (code: number, end: TransportEnd) => void
  /** A handler has thrown; what it answers is told to the client. */
  onError: (error: unknown) => string
  /** Keeps further messages back, beside what the outbox asks for: an answer is on its way. */
  hold(): void
  release(): void
}
