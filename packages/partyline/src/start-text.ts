import { dayOf } from './certificate.ts'
import type { Paint } from './paint.ts'
import { keptInWords } from './rooms.ts'
import type { Standalone } from './standalone.ts'

type StartFacts = Pick<Standalone, 'urls' | 'allowsFiles' | 'certificate' | 'reloadCertificate'>

/** What a terminal shows when the server is up: where it is, what it keeps, what to try next, and nothing else. */
export function startText(
  version: string,
  tookMs: number,
  { urls, allowsFiles, certificate, reloadCertificate }: StartFacts,
  paint: Paint,
): string {
  const { chat, webSocket, socketIo, echo, http, network } = urls
  const row = (name: string, text: string): string => `  ${name.padEnd(11)}${text}`
  const lines = [
    `${paint.strong(`Partyline ${version}`)} ${paint.quiet(`ready in ${duration(tookMs)}`)}`,
    '',
    row('Chat', chat === undefined ? paint.attention('not built (npm run build)') : paint.link(chat)),
    row('WebSocket', `${paint.link(webSocket)}  ${paint.quiet(`echo: ${echo}`)}`),
    row('Socket.IO', paint.link(socketIo)),
    row('HTTP', paint.link(http)),
    ...network.map((each, index) => row(index === 0 ? 'Network' : '', paint.link(each))),
    ...tlsLines(certificate, reloadCertificate !== undefined, row),
    '',
    row('Kept', keptInWords().join('; ')),
    row('', 'in memory for now: gone when this process stops'),
    ...(allowsFiles ? [row('Open to', 'pages of this machine, those opened from a file too')] : []),
    '',
    chat === undefined
      ? row('Try', `curl ${certificate === undefined ? '' : '-k '}-d '{"data":"hi"}' ${http}/rooms/lobby/publications`)
      : row('Try', 'the chat in two tabs; it shows how others join'),
  ]
  return `${lines.join('\n')}\n`
}

/** Who is told not to trust a certificate can compare: its fingerprint takes two lines. */
function tlsLines(
  certificate: Standalone['certificate'],
  isFromFiles: boolean,
  row: (name: string, text: string) => string,
): string[] {
  if (certificate === undefined) return []
  const { fingerprint, validUntil } = certificate
  if (isFromFiles) return [row('TLS', `certificate valid until ${dayOf(validUntil)}, read again when it changes`)]
  const half = Math.ceil(fingerprint.length / 2) // behind a colon
  return [
    row('TLS', 'signed by itself, made at this start: browsers will warn'),
    row('', `SHA-256 ${fingerprint.slice(0, half)}`),
    row('', `        ${fingerprint.slice(half)}`),
  ]
}

const duration = (ms: number): string => (ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`)
