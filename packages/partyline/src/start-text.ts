import type { Paint } from './paint.ts'
import { keptInWords } from './rooms.ts'
import type { Standalone } from './standalone.ts'

/** What a terminal shows when the server is up: where it is, what it keeps, what to try next, and nothing else. */
export function startText(
  version: string,
  tookMs: number,
  { urls, allowsFiles }: Pick<Standalone, 'urls' | 'allowsFiles'>,
  paint: Paint,
): string {
  const { chat, webSocket, echo, http, network } = urls
  const row = (name: string, text: string): string => `  ${name.padEnd(11)}${text}`
  const lines = [
    `${paint.strong(`Partyline ${version}`)} ${paint.quiet(`ready in ${duration(tookMs)}`)}`,
    '',
    row('Chat', chat === undefined ? paint.attention('not built (npm run build)') : paint.link(chat)),
    row('WebSocket', `${paint.link(webSocket)}  ${paint.quiet(`echo: ${echo}`)}`),
    row('HTTP', paint.link(http)),
    ...network.map((each, index) => row(index === 0 ? 'Network' : '', paint.link(each))),
    '',
    row('Kept', keptInWords().join('; ')),
    row('', 'in memory for now: gone when this process stops'),
    ...(allowsFiles ? [row('Open to', 'pages of this machine, those opened from a file too')] : []),
    '',
    chat === undefined
      ? row('Try', `curl -d '{"data":"hi"}' ${http}/rooms/lobby/publications`)
      : row('Try', 'the chat in two tabs; it shows how scripts, Python and curl join'),
  ]
  return `${lines.join('\n')}\n`
}

const duration = (ms: number): string => (ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`)
