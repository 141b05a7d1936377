import type { MessageDeflate } from './message-deflate.ts'

/** What a connection's two sides agreed on in the handshake. */
export interface Terms {
  /** The sub-protocol; without it none is spoken. */
  readonly protocol?: string
  /** How messages are compressed; without it they are not. */
  readonly deflate?: MessageDeflate | undefined
}
