import type { Duplex } from 'node:stream'

/** The server under test, and what has to be told about it because a client cannot see it. */
export interface Subject extends SubjectFacts {
  readonly host: string
  readonly port: number
  /** Path and query of the URL: what echoes. */
  readonly path: string
  /** `wss:`: how far the certificate is trusted. */
  readonly tls?: TlsTrust
  /** Connects in another way than by TCP: to a server in this process. */
  readonly connect?: () => Duplex
  /** Frames are written byte by byte. */
  readonly isSingleBytes: boolean
  /** All patience is multiplied by this: for a machine that does other things meanwhile. */
  readonly patienceFactor: number
  /** Everything is written in chunks of random sizes, which come again from the same seed. */
  readonly chopSeed?: number
  /** Cases that send 1000 messages send fewer, of the large ones, when these would be more bytes than this. */
  readonly caseBytes?: number
  /** How many idle connections row D25 opens. */
  readonly idleConnections?: number
}

/** Whom to believe that a server is who it says. */
export interface TlsTrust {
  /** Certificates, as PEM, that are trusted besides those of Node. */
  readonly ca?: string
  /** Anybody. */
  readonly isInsecure?: boolean
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
  /** The server is this process on this machine: its memory is looked at. */
  readonly serverPid?: number
}

export type Fact = keyof SubjectFacts

export function subjectOf(
  url: string,
  { isSingleBytes = false, patienceFactor = 1, tls = {}, ...facts }: Partial<Subject> & SubjectFacts = {},
): Subject {
  const { protocol, hostname, port, pathname, search } = new URL(url)
  const isSecure = protocol === 'wss:'
  if (protocol !== 'ws:' && !isSecure) throw new Error(`The suite speaks to ws: and wss: URLs, not to ${protocol}`)
  const host = hostname.replace(/^\[|\]$/g, '')
  const defaultPort = isSecure ? 443 : 80
  const place = { host, port: Number(port || defaultPort), path: pathname + search }
  return { ...facts, ...place, ...(isSecure && { tls }), isSingleBytes, patienceFactor }
}
