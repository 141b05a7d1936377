/** Where a reader of a room has got to. The epoch is opaque and changes when the sequence starts anew; `seq` rises but does not count. */
export interface Position {
  epoch: string
  seq: number
}

const maxEpochLength = 1_024

/** A sequence number: an integer from 0 that a double holds exactly. */
export function isSeq(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

/** True for `{epoch, seq}` as a peer may send it. Whether the epoch is one of ours is for the log to say. */
export function isPosition(value: unknown): value is Position {
  if (typeof value !== 'object' || value === null) return false
  const { epoch, seq } = value as { epoch?: unknown; seq?: unknown }
  return typeof epoch === 'string' && epoch.length > 0 && epoch.length <= maxEpochLength && isSeq(seq)
}
