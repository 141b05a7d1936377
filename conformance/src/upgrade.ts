import { createHash, randomBytes } from 'node:crypto'
import { type Agreement, agreementOf } from './deflate/agreement.ts'

/** The head of an answer, as bytes came: the header list keeps doubles, in order, names in lower case. */
export interface Answer {
  readonly version: string
  readonly status: number
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** Bytes behind the blank line that were read with it. */
  readonly rest: Buffer
}

/** A header line of a request: a name with a value, or the whole line as it is. */
export type HeaderLine = string

/** A random key, as RFC 6455 §4.1 wants it: 16 bytes in base64. */
export function randomKey(): string {
  return randomBytes(16).toString('base64')
}

export function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
}

/** The header lines every case sends, in order; a case replaces lines by name, or leaves them out. */
export function upgradeLines(host: string, key: string, extensions: readonly string[] = []): HeaderLine[] {
  return [
    `Host: ${host}`,
    'Upgrade: WebSocket',
    'Connection: Upgrade',
    'Pragma: no-cache',
    'Cache-Control: no-cache',
    `Sec-WebSocket-Key: ${key}`,
    'Sec-WebSocket-Version: 13',
    ...extensions.map((value) => `Sec-WebSocket-Extensions: ${value}`),
  ]
}

export function requestHead(path: string, lines: readonly HeaderLine[], method = 'GET', version = 'HTTP/1.1'): string {
  return [`${method} ${path} ${version}`, ...lines, '', ''].join('\r\n')
}

/** The answer's head, or nothing while it is incomplete. Throws when it is not HTTP. */
export function parseAnswer(bytes: Buffer): Answer | undefined {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n')
  const status = /^(HTTP\/1\.[01]) (\d{3})(?: .*)?$/.exec(statusLine)
  if (!status) throw new Error(`not an HTTP answer: ${JSON.stringify(statusLine)}`)
  const headers = lines.map((line) => {
    const colon = line.indexOf(':')
    if (colon < 1) throw new Error(`not a header line: ${JSON.stringify(line)}`)
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const
  })
  return { version: status[1] as string, status: Number(status[2]), headers, rest: bytes.subarray(end + 4) }
}

export function headerValues(answer: Answer, name: string): string[] {
  return answer.headers.filter(([other]) => other === name).map(([, value]) => value)
}

/** What a request offered: subprotocols, and the values of its extension lines. */
export interface Offered {
  readonly protocols?: readonly string[]
  readonly extensions?: readonly string[]
}

/** What was agreed about compression; nothing where the answer is wrong. */
export function agreementIn(answer: Answer, { extensions = [] }: Offered): Agreement | undefined {
  const agreement = agreementOf(extensions, headerValues(answer, 'sec-websocket-extensions'))
  return typeof agreement === 'string' ? undefined : agreement
}

/** What is wrong with an answer to an upgrade request with this key, or nothing (RFC 6455 §4.1, §4.2.2). */
export function faultOf(answer: Answer, key: string, offered: Offered = {}): string | undefined {
  if (answer.version !== 'HTTP/1.1' || answer.status !== 101)
    return `answers ${answer.version} ${answer.status}, not 101`
  const [upgrade, ...upgrades] = headerValues(answer, 'upgrade')
  if (upgrade?.toLowerCase() !== 'websocket' || upgrades.length > 0) return `answers Upgrade: ${upgrade}`
  const connection = headerValues(answer, 'connection').join(',').toLowerCase().split(',')
  if (!connection.some((token) => token.trim() === 'upgrade')) return `answers Connection: ${connection.join(',')}`
  const accepts = headerValues(answer, 'sec-websocket-accept')
  if (accepts.length !== 1 || accepts[0] !== acceptOf(key))
    return `answers Sec-WebSocket-Accept: ${accepts.join(' and ')}`
  const agreement = agreementOf(offered.extensions ?? [], headerValues(answer, 'sec-websocket-extensions'))
  if (typeof agreement === 'string') return agreement
  const protocols = headerValues(answer, 'sec-websocket-protocol')
  if (protocols.length > 1) return `answers ${protocols.length} subprotocol headers`
  if (protocols.some((protocol) => !offered.protocols?.includes(protocol)))
    return `chooses a subprotocol that was not offered: ${protocols}`
  // A 101 has no body (RFC 9110 §15.2): the bytes behind the blank line are frames.
  for (const name of ['content-length', 'transfer-encoding']) {
    if (headerValues(answer, name).length > 0) return `answers ${name} with a 101`
  }
  return undefined
}
