import type { Fact, Subject } from './subject.ts'
import type { Verdict } from './verdict.ts'

/** The groups of the suite: the numbered ones, then the four tables behind them. */
export const groups = [
  ...(['1', '2', '3', '4', '5', '6', '7', '9', '10', '12', '13'] as const),
  ...(['handshake', 'framing', 'closing', 'deflate'] as const),
] as const
export type Group = (typeof groups)[number]

/** One case: a conversation with the server and what is thought of it. */
export interface Case {
  /** The number in the case list, or the row of a table with a running number. */
  readonly id: string
  readonly group: Group
  readonly title: string
  /** It says something more when every byte is written alone. */
  readonly hasSingleBytes: boolean
  /** It keeps the server so busy that others would have to wait: it is run alone. */
  readonly isHeavy?: boolean
  /** Its longest message: nothing for a server that takes less. */
  readonly payloadBytes?: number
  /** What has to be known of the server. */
  readonly needs: readonly Fact[]
  /** Has its conversation. Throws when the connection does not open. */
  run(subject: Subject): Promise<Verdict>
}
