/** The server under test, and what has to be told about it because a client cannot see it. */
export interface Subject extends SubjectFacts {
  readonly host: string
  readonly port: number
  /** Path and query of the URL: what echoes. */
  readonly path: string
  /** Frames are written byte by byte. */
  readonly isSingleBytes: boolean
  /** All patience is multiplied by this: for a machine that does other things meanwhile. */
  readonly patienceFactor: number
}

/** Facts that cases need; a case whose fact is not told is not run, and the report says which. */
export interface SubjectFacts {
  /** The longest message the server takes. */
  readonly maxPayloadBytes?: number
  /** The server drops a connection whose request head is not finished within this time. */
  readonly headTimeoutMs?: number
  /** The server drops a connection whose peer does not answer its close frame within this time. */
  readonly closeTimeoutMs?: number
  /** The server sends pings, and drops a connection that stays silent for this time. */
  readonly pongTimeoutMs?: number
  /** An `Origin` that the server refuses. */
  readonly refusedOrigin?: string
  /** A path whose handshake the server refuses after having thought about it for some turns. */
  readonly refusedPath?: string
  /** A text message `close-in MS CODE REASON` makes the server close so after that time; with 0, before it reads on. */
  readonly closeCommand?: boolean
  /** A text message `shutdown` makes the server go away. */
  readonly shutdownCommand?: boolean
}

export type Fact = keyof SubjectFacts

export function subjectOf(
  url: string,
  { isSingleBytes = false, patienceFactor = 1, ...facts }: Partial<Subject> & SubjectFacts = {},
): Subject {
  const { protocol, hostname, port, pathname, search } = new URL(url)
  if (protocol !== 'ws:') throw new Error(`The suite speaks to ws: URLs, not to ${protocol}`)
  const host = hostname.replace(/^\[|\]$/g, '')
  return { ...facts, host, port: Number(port || 80), path: pathname + search, isSingleBytes, patienceFactor }
}
