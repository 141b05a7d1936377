import type { Cursor } from './cursor.ts'
import type { Publication } from './publication.ts'
import type { Said } from './wire-form.ts'

/** Something said to this client alone. */
export interface Message {
  /** Uncompressed ones go out in the plain form where the client's is a compressed one. */
  readonly kind: 'message' | 'uncompressed'
  readonly data: Said
  readonly size: number
}

/** Something said to this client alone whose words depend on what stands before it: made when it is written. */
export interface Later {
  readonly kind: 'later'
  readonly make: () => string
  readonly size: number
}

/** What waits in an outbox. */
export type Item = Message | Later | Publication | Cursor
